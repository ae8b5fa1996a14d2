import { CodecError, type CodecErrorCode } from '../errors.js';
import type { CompressedFormat, ImageFormat } from '../formats.js';
import type { ConversionOptions } from './host.js';

/** What the main thread posts to a worker: one at a time, the next when the first is answered. */
export type WorkerRequest = {
  readonly kind: 'transcode';
  readonly bytes: Uint8Array;
  readonly format: CompressedFormat;
  /** All but the signal, which cannot be posted: an aborted worker is ended instead. */
  readonly options: Omit<ConversionOptions, 'signal'>;
};

/** What a worker posts back. */
export type WorkerReply =
  | { readonly kind: 'done'; readonly bytes: Uint8Array }
  | { readonly kind: 'failed'; readonly error: PostedError };

/** An error in parts, as posting one whole keeps neither the class of a `CodecError` nor its code. */
export type PostedError =
  | {
      readonly class: 'CodecError';
      readonly message: string;
      readonly code: CodecErrorCode;
      readonly format: ImageFormat | undefined;
    }
  | { readonly class: 'TypeError' | 'RangeError' | 'Error'; readonly message: string };

/** Takes an error apart. Its cause is left behind: it may be anything. */
export function toPosted(error: unknown): PostedError {
  if (error instanceof CodecError) {
    const { message, code, format } = error;
    return { class: 'CodecError', message, code, format };
  }
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof TypeError) return { class: 'TypeError', message };
  if (error instanceof RangeError) return { class: 'RangeError', message };
  return { class: 'Error', message };
}

/** Puts an error together again. */
export function fromPosted(error: PostedError): Error {
  switch (error.class) {
    case 'CodecError':
      return new CodecError(error.code, error.message, { format: error.format });
    case 'TypeError':
      return new TypeError(error.message);
    case 'RangeError':
      return new RangeError(error.message);
    case 'Error':
      return new Error(error.message);
  }
}

/** What to move with a message that holds these bytes: their memory, where nothing else lies in it, else nothing. */
export function transferList({ buffer, byteLength }: Uint8Array): ArrayBuffer[] {
  return buffer instanceof ArrayBuffer && buffer.byteLength === byteLength ? [buffer] : [];
}
