import { CodecError } from '../errors.js';
import type { ImageFormat } from '../formats.js';

/**
 * JavaScript that is loaded when it is first needed. What was loaded is kept here, as to import it again takes the loader of Node some
 * turns; what failed is tried again.
 *
 * @param what names it in the error
 * @returns a function that rejects with `CodecError` `WASM_LOAD_FAILED` where it cannot be loaded: offline, or a deployment took the
 * file away
 */
export function codeLoader<M>(what: string, format: ImageFormat, load: () => Promise<M>): () => Promise<M> {
  let loading: Promise<M> | undefined;
  return () => {
    loading ??= load().catch((cause: unknown) => {
      loading = undefined;
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new CodecError('WASM_LOAD_FAILED', `Could not load ${what}: ${reason}`, { format, cause });
    });
    return loading;
  };
}
