import { loadCodec } from './codecs/registry.js';
import { wrongKind, wrongValue } from './errors.js';
import { ENCODE_FORMATS, type EncodeFormat } from './formats.js';
import { resolveLimits } from './limits.js';
import { checkOptionsKind, type EncodeOptionsByFormat } from './options.js';
import { captureSource, type ImageSource } from './source.js';

/** Checks the name of a format to write. */
export function checkEncodeFormat(format: unknown): asserts format is EncodeFormat {
  const what = `one of ${ENCODE_FORMATS.join(', ')}`;
  if (typeof format !== 'string') throw wrongKind(what, 'format', format);
  if (!ENCODE_FORMATS.includes(format as EncodeFormat)) throw wrongValue(what, 'format', format);
}

/**
 * Turns pixels into the bytes of an image file, in memory.
 *
 * The first call that needs a codec loads that codec; nothing else needs to be set up.
 *
 * @param source a `RawImage`, an `ImageData` or, in browsers, a canvas, an `ImageBitmap` or a `VideoFrame`, which are read
 * before the call returns. Pixels in memory are read until the promise settles and never changed.
 * @param format `'png'`, `'jpeg'`, `'webp'`, or `'raw'` for bare pixels in another layout
 * @param options those of the format; see `EncodeOptionsByFormat`
 * @returns the file, in memory that the caller owns
 * @throws TypeError for an argument of the wrong kind, or an unknown option
 * @throws RangeError for a size, a length or an option out of range
 * @throws CodecError for everything else; `code` tells what
 * @example
 * const webp = await encode({ data: pixels, width: 640, height: 480 }, 'webp', { quality: 80 });
 */
export async function encode<F extends EncodeFormat>(
  source: ImageSource,
  format: F,
  options?: EncodeOptionsByFormat[F],
): Promise<Uint8Array<ArrayBuffer>> {
  checkEncodeFormat(format);
  checkOptionsKind(options);
  // At once, and only then the codec, which may take a while to load the first time.
  const captured = captureSource(source, format, () => resolveLimits(options?.limits));
  const [codec, image] = await Promise.all([loadCodec<F>(format), captured]);
  return codec.encode(image, options);
}
