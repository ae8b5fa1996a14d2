import type { DecodedImage } from '../codecs/codec.js';
import type { BandFindings, BandSource } from '../engines/kernels/bands.js';
import type { EncodeFormat } from '../formats.js';
import type { RawImage } from '../image.js';
import type { DecodeOptions, EncodeOptions } from '../options.js';
import type { WasmName } from '../platform/platform.js';
import type { PostedError } from './posted-error.js';

/** What is done with a band of an image: the steps of `BandCodec` of the same names. */
export type BandWork = {
  readonly format: EncodeFormat;
  readonly source: BandSource;
  readonly options: Omit<EncodeOptions, 'signal'>;
} & ({ readonly kind: 'find-band' } | { readonly kind: 'write-band'; readonly settled: Uint8Array });

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
export type WorkResult = Uint8Array<ArrayBuffer> | DecodedImage | BandFindings;

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
  | ({ readonly kind: 'done'; readonly result: WorkResult } & WorkerState)
  | ({ readonly kind: 'failed'; readonly error: PostedError } & WorkerState);

interface WorkerState {
  readonly memoryBytes: number;
  readonly lent?: ArrayBuffer | undefined;
}

/** What to move with a message that holds this view: its memory, where nothing else lies in it, else nothing. */
export function transferList({ buffer, byteLength }: ArrayBufferView): ArrayBuffer[] {
  return buffer instanceof ArrayBuffer && buffer.byteLength === byteLength ? [buffer] : [];
}
