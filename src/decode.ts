import type { DecodedImage, TwoWayCodec } from './codecs/codec.js';
import { loadCodec } from './codecs/registry.js';
import { CodecError, wrongKind } from './errors.js';
import type { CompressedFormat } from './formats.js';
import { asBytes } from './image.js';
import { DECODE_OPTIONS, type DecodeOptions, resolveOptions } from './options.js';
import { sniffFormat } from './sniff.js';

/**
 * Turns the bytes of a PNG, JPEG or WebP file into pixels. The format is told from the bytes.
 *
 * @param bytes the whole file; read until the promise settles, never changed
 * @param options see `DecodeOptions`
 * @returns pixels in memory that the caller owns, `rgba8` unless `pixelFormat` says otherwise
 * @throws TypeError, RangeError for a wrong argument, before any WebAssembly is loaded
 * @throws CodecError `UNKNOWN_FORMAT` where the bytes are of no known format, `UNSUPPORTED_FEATURE` where they are of one that
 * cannot be decoded, and what the format's own decoder throws
 * @example
 * const { data, width, height } = await decode(await file.arrayBuffer());
 */
export async function decode(
  bytes: ArrayBufferView | ArrayBufferLike,
  options?: DecodeOptions,
): Promise<DecodedImage> {
  const view = asBytes(bytes);
  if (view === undefined) throw wrongKind('an ArrayBuffer or a view of one', 'bytes', bytes);
  // Ahead of what is wrong with the bytes.
  const resolved = resolveOptions(DECODE_OPTIONS, options, undefined);
  resolved.signal?.throwIfAborted();
  const format = sniffFormat(view);
  if (format === undefined) {
    throw new CodecError('UNKNOWN_FORMAT', 'The bytes begin as no image format does');
  }
  if (format !== 'png' && format !== 'jpeg' && format !== 'webp') {
    throw new CodecError('UNSUPPORTED_FEATURE', `Decoding ${format} is not supported`, { format });
  }
  const codec = (await loadCodec<CompressedFormat>(format)) as TwoWayCodec<CompressedFormat>;
  return codec.decode(view, resolved);
}
