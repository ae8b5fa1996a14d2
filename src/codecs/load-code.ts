import { CodecError } from '../errors.js';
import type { ImageFormat } from '../formats.js';

/**
 * JavaScript that is loaded when it is needed.
 *
 * @param what names it in the error
 * @throws CodecError `WASM_LOAD_FAILED` where it cannot be loaded: offline, or a deployment took the file away
 */
export async function loadCode<M>(what: string, format: ImageFormat, load: () => Promise<M>): Promise<M> {
  try {
    return await load();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new CodecError('WASM_LOAD_FAILED', `Could not load ${what}: ${reason}`, { format, cause });
  }
}
