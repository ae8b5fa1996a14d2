import { loadCodec } from './codecs/registry.js';
import { decode } from './decode.js';
import { checkEncodeFormat } from './encode.js';
import type { EncodeFormat } from './formats.js';
import { checkOptionsKind, DECODE_OPTIONS, type EncodeOptionsByFormat } from './options.js';
import { PIXEL_LAYOUTS } from './pixel-format.js';
import { probe } from './probe.js';

/** Options of `transcode`: those of the format to write, and how to read. */
export type TranscodeOptions<F extends EncodeFormat> = EncodeOptionsByFormat[F] & {
  /** Turn the pixels upright by the file's EXIF orientation, which the output cannot carry yet. Default true. */
  autoOrient?: boolean;
};

/**
 * Turns an image file into one of another format, or of the same with other options, in memory.
 *
 * 16 bits a sample are kept from PNG to PNG and to a raw `pixelFormat` of 16; metadata and animation are not carried over.
 *
 * @param bytes a whole PNG, JPEG or WebP file; read until the promise settles, never changed
 * @param format as for `encode`
 * @param options those of `encode`, and `autoOrient`
 * @returns the file, in memory that the caller owns
 * @throws TypeError, RangeError, CodecError as `decode` and `encode`
 * @example
 * const webp = await transcode(png, 'webp', { quality: 75 });
 */
export async function transcode<F extends EncodeFormat>(
  bytes: ArrayBufferView | ArrayBufferLike,
  format: F,
  options?: TranscodeOptions<F>,
): Promise<Uint8Array<ArrayBuffer>> {
  checkEncodeFormat(format);
  checkOptionsKind(options);
  const { autoOrient = true, ...encodeOptions } = (options ?? {}) as TranscodeOptions<EncodeFormat>;
  DECODE_OPTIONS.autoOrient.check(autoOrient, 'autoOrient');
  // Before the file is decoded: a wrong option is told without work done in vain.
  const codec = await loadCodec(format);
  codec.checkOptions(encodeOptions as EncodeOptionsByFormat[F]);
  const { limits, signal } = encodeOptions;
  const { pixelFormat } = encodeOptions as EncodeOptionsByFormat['raw'];
  const wide =
    format === 'png' || (pixelFormat !== undefined && PIXEL_LAYOUTS[pixelFormat].sampleBits === 16);
  const deep = wide && probe(bytes).bitDepth === 16;
  const image = await decode(bytes, { pixelFormat: deep ? 'rgba16' : 'rgba8', autoOrient, limits, signal });
  return codec.encode(image, encodeOptions as EncodeOptionsByFormat[F]);
}
