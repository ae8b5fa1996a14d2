import type { CompressedFormat } from '../formats.js';
import type { EncodeOptions } from '../options.js';
import type { WasmName } from '../platform/platform.js';
import type { PostedError } from './posted-error.js';

/** What a worker is given to do. */
export interface Work {
  readonly kind: 'transcode';
  readonly bytes: Uint8Array;
  readonly format: CompressedFormat;
  /** All but the signal, which cannot be posted: a worker whose call is aborted is ended instead. */
  readonly options: Omit<EncodeOptions, 'signal'>;
}

/** What is posted to a worker: one piece of work at a time, and the modules that it asks for meanwhile. */
export type WorkerRequest =
  | Work
  | { readonly kind: 'module'; readonly name: WasmName; readonly module: WebAssembly.Module }
  | { readonly kind: 'no-module'; readonly name: WasmName; readonly error: PostedError };

/** What a worker posts back. `memoryBytes`: what the instances of its codecs hold. */
export type WorkerReply =
  | { readonly kind: 'want-module'; readonly name: WasmName }
  | { readonly kind: 'done'; readonly bytes: Uint8Array<ArrayBuffer>; readonly memoryBytes: number }
  | { readonly kind: 'failed'; readonly error: PostedError; readonly memoryBytes: number };

/** What to move with a message that holds these bytes: their memory, where nothing else lies in it, else nothing. */
export function transferList({ buffer, byteLength }: Uint8Array): ArrayBuffer[] {
  return buffer instanceof ArrayBuffer && buffer.byteLength === byteLength ? [buffer] : [];
}
