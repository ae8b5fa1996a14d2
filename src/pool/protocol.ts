import type { BandSource } from '../engines/kernels/bands.js';
import type { EncodeFormat } from '../formats.js';
import type { RawImage } from '../image.js';
import type { DecodeOptions, EncodeOptions } from '../options.js';
import type { WasmName } from '../platform/platform.js';
import type { PostedError } from './posted-error.js';
import type { PostedResult } from './posted-result.js';

/** What is done with a band of an image: the steps of `BandCodec` of the same names. */
export type BandWork = {
  readonly format: EncodeFormat;
  readonly source: Omit<BandSource, 'bytes'> & { readonly bytes: ArrayBufferView };
  readonly options: Omit<EncodeOptions, 'signal'>;
} & ({ readonly kind: 'find-band' } | { readonly kind: 'write-band'; readonly settled: ArrayBufferView });

/** A call of a verb in a form that can be posted: without its signal, as a worker whose call is aborted is ended instead. */
export type Work =
  | BandWork
  | {
      readonly kind: 'encode';
      readonly source: RawImage;
      readonly format: EncodeFormat;
      readonly options: Omit<EncodeOptions, 'signal'>;
    }
  | {
      readonly kind: 'decode';
      readonly bytes: ArrayBufferView;
      readonly options: Omit<DecodeOptions, 'signal'>;
    }
  | {
      readonly kind: 'transcode';
      readonly bytes: ArrayBufferView;
      readonly format: EncodeFormat;
      readonly options: Omit<EncodeOptions, 'signal'>;
    };

/**
 * What is posted to a worker: one piece of work at a time, and the modules that it asks for meanwhile. `lent`: the memory of the work's
 * bytes, where the pool wants it back.
 */
export type WorkerRequest =
  | (Work & { readonly lent?: ArrayBuffer | undefined })
  | { readonly kind: 'module'; readonly name: WasmName; readonly module: WebAssembly.Module }
  | { readonly kind: 'no-module'; readonly name: WasmName; readonly error: PostedError };

/** What a worker posts back. `memoryBytes`: what the instances of its codecs hold. `lent`: where the result does not lie in it. */
export type WorkerReply =
  | { readonly kind: 'want-module'; readonly name: WasmName }
  | ({ readonly kind: 'done'; readonly result: PostedResult } & WorkerState)
  | ({ readonly kind: 'failed'; readonly error: PostedError } & WorkerState);

interface WorkerState {
  readonly memoryBytes: number;
  readonly lent?: ArrayBuffer | undefined;
}

/** The same bytes as a view that is posted in no time: Deno goes through typed arrays element by element, at 100 ns each. */
export function viewOf({ buffer, byteOffset, byteLength }: ArrayBufferView): DataView {
  return new DataView(buffer as ArrayBuffer, byteOffset, byteLength);
}

/** The bytes of a view that was posted. */
export function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array<ArrayBuffer> {
  return new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength);
}

/** What to move with a message that holds this view: its memory, where nothing else lies in it, else nothing. */
export function transferList({ buffer, byteLength }: ArrayBufferView): ArrayBuffer[] {
  return buffer instanceof ArrayBuffer && buffer.byteLength === byteLength ? [buffer] : [];
}
