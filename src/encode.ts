import { loadCodec } from './codecs/registry.js';
import { wrongKind, wrongValue } from './errors.js';
import { ENCODE_FORMATS, type EncodeFormat } from './formats.js';
import type { EncodeOptionsByFormat } from './options.js';
import type { ImageSource } from './source.js';

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
 * @param source a `RawImage`, an `ImageData` or, in browsers, a canvas, an `ImageBitmap` or a `VideoFrame`. Pixels in memory are
 * read until the promise settles and never changed.
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
  const codec = await loadCodec<F>(format);
  return codec.encode(source, options);
}
