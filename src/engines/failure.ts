import { CodecError, type CodecErrorCode } from '../errors.js';
import type { ImageFormat } from '../formats.js';

const OUT_OF_MEMORY =
  /out of memory|insufficient memory|\bOOM\b|enlarge memory|array buffer allocation|invalid typed array length|invalid array length/i;

/** What a failure at each kind of work comes from, where nothing tells more. */
const CODES: Readonly<Record<'load' | 'encode' | 'decode', CodecErrorCode>> = {
  load: 'WASM_LOAD_FAILED',
  encode: 'CODEC_FAILED',
  decode: 'CORRUPT_INPUT',
};

/**
 * Turns whatever came out of WebAssembly into one kind of error: a trap, an Emscripten `ExitStatus` (no `Error`), a C++
 * exception (a number), a string.
 *
 * @param verb what was being done; `'load'` is the making of an instance
 * @param complaints what the codec printed on its way, the best message there is
 */
export function toCodecError(
  thrown: unknown,
  verb: keyof typeof CODES,
  format: ImageFormat,
  complaints = '',
): CodecError {
  if (thrown instanceof CodecError) return thrown;
  const own = thrown instanceof Error ? thrown.message : '';
  const code = OUT_OF_MEMORY.test(`${complaints} ${own}`) ? 'OUT_OF_MEMORY' : CODES[verb];
  const reason = complaints || own || 'the codec gave up without a reason';
  return new CodecError(code, `Could not ${verb} ${format}: ${reason}`, {
    format,
    cause:
      thrown instanceof Error
        ? thrown
        : new Error(String((thrown as { message?: string })?.message ?? thrown)),
  });
}
