import type { DecodedImage } from '../codecs/codec.js';
import type { EncodeFormat } from '../formats.js';
import type { RawImage } from '../image.js';
import type { DecodeOptions, EncodeOptions } from '../options.js';
import type { WasmName } from '../platform/platform.js';
import type { PostedError } from './posted-error.js';

/** A call of a verb in a form that can be posted: without its signal, as a worker whose call is aborted is ended instead. */
export type Work =
  | {
      readonly kind: 'encode';
      readonly source: RawImage;
      readonly format: EncodeFormat;
      readonly options: Omit<EncodeOptions, 'signal'>;
    }
  | {
      readonly kind: 'decode';
      readonly bytes: Uint8Array;
      readonly options: Omit<DecodeOptions, 'signal'>;
    }
  | {
      readonly kind: 'transcode';
      readonly bytes: Uint8Array;
      readonly format: EncodeFormat;
      readonly options: Omit<EncodeOptions, 'signal'>;
    };

/** What comes of it. */
export type WorkResult = Uint8Array<ArrayBuffer> | DecodedImage;

/** What is posted to a worker: one piece of work at a time, and the modules that it asks for meanwhile. */
export type WorkerRequest =
  | Work
  | { readonly kind: 'module'; readonly name: WasmName; readonly module: WebAssembly.Module }
  | { readonly kind: 'no-module'; readonly name: WasmName; readonly error: PostedError };

/** What a worker posts back. `memoryBytes`: what the instances of its codecs hold. */
export type WorkerReply =
  | { readonly kind: 'want-module'; readonly name: WasmName }
  | { readonly kind: 'done'; readonly result: WorkResult; readonly memoryBytes: number }
  | { readonly kind: 'failed'; readonly error: PostedError; readonly memoryBytes: number };

/** What to move with a message that holds this view: its memory, where nothing else lies in it, else nothing. */
export function transferList({ buffer, byteLength }: ArrayBufferView): ArrayBuffer[] {
  return buffer instanceof ArrayBuffer && buffer.byteLength === byteLength ? [buffer] : [];
}
