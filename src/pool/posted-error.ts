import { CodecError, type CodecErrorCode } from '../errors.js';
import type { ImageFormat } from '../formats.js';

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
