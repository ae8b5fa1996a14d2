import { concat } from '../container/concat.js';
import { readJpeg } from '../container/jpeg.js';
import { holdsAllPixels } from '../container/jpeg-entropy.js';
import { checkJpegForDecoding } from '../container/jpeg-scans.js';
import {
  decodeJpegPixels,
  encodeJpegPixels,
  JPEG_DECODE_BYTES_PER_PIXEL,
  JPEG_ENCODE_BYTES_PER_PIXEL,
} from '../engines/jsquash/mozjpeg.js';
import { CodecError } from '../errors.js';
import { checkMemory } from '../limits.js';
import {
  type DecodeOptions,
  ENCODE_OPTIONS,
  flag,
  type JpegEncodeOptions,
  type OptionTable,
  oneOf,
  type Rgb,
  range,
  resolveOptions,
} from '../options.js';
import { PIXEL_LAYOUTS } from '../pixel-format.js';
import type { ImageSource } from '../source.js';
import { beginDecode, beginEncode, type DecodedImage, type TwoWayCodec } from './codec.js';
import { finishDecode, mayBeTransparent, toRgba8 } from './rgba.js';

const OPTIONS: OptionTable<JpegEncodeOptions> = Object.freeze({
  ...ENCODE_OPTIONS,
  quality: range(1, 100, { fallback: 80 }),
  chromaSubsampling: oneOf(['4:4:4', '4:2:2', '4:2:0'], {
    fallback: '4:2:0',
    refuse: (subsampling) =>
      subsampling === '4:2:2' ? "JPEG cannot be written with 4:2:2 yet; use '4:4:4' or '4:2:0'" : undefined,
  }),
  progressive: flag(),
  optimizeCoding: flag({
    fallback: true,
    refuse: (optimize) =>
      optimize
        ? undefined
        : 'JPEG cannot be written with the standard Huffman tables yet; leave optimizeCoding out',
  }),
  restartInterval: range(0, 65_535, {
    fallback: 0,
    refuse: (rows) =>
      rows > 0 ? 'JPEG restart markers cannot be written yet; leave restartInterval out' : undefined,
  }),
});

/** T.81, table B.1. */
const END_OF_IMAGE = [0xff, 0xd9];

function resolveJpegOptions(options: JpegEncodeOptions | undefined) {
  const resolved = resolveOptions(OPTIONS, options, 'jpeg');
  const { effort, progressive = effort === 'smallest' } = resolved;
  return { ...resolved, progressive };
}

/** Whether a background would colour what is gray in front of it. */
function isColour(background: Rgb | undefined): boolean {
  return background !== undefined && new Set(background).size > 1;
}

/**
 * Encodes pixels as JPEG. Gray pixel formats make a file of one component, unless their alpha lets a coloured `background` through;
 * alpha is flattened on `background`.
 *
 * @param source pixels of any layout, top-down; read until the promise settles, never changed
 * @param options see `JpegEncodeOptions`
 * @returns the file, in memory that the caller owns
 * @throws TypeError, RangeError for a wrong argument, before any WebAssembly is loaded
 * @throws CodecError `UNSUPPORTED_FEATURE`, `LIMIT_EXCEEDED`, `OUT_OF_MEMORY`, `WASM_LOAD_FAILED`, `CODEC_FAILED`
 * @example
 * const jpeg = await encodeJpeg({ data: pixels, width: 640, height: 480 }, { quality: 75 });
 */
export async function encodeJpeg(
  source: ImageSource,
  options?: JpegEncodeOptions,
): Promise<Uint8Array<ArrayBuffer>> {
  const resolved = resolveJpegOptions(options);
  const { quality = 80, effort, progressive, chromaSubsampling, background } = resolved;
  const image = await beginEncode('jpeg', source, resolved);
  const { limits, signal } = resolved;
  const { width, height } = image;
  const chromaStep = chromaSubsampling === '4:4:4' ? 1 : 2;
  checkMemory(width * height * JPEG_ENCODE_BYTES_PER_PIXEL[chromaStep], 'jpeg', limits);
  const pixels = await toRgba8(image, signal, background);
  const settings = {
    quality,
    progressive,
    gray: PIXEL_LAYOUTS[image.pixelFormat].gray && !(mayBeTransparent(image) && isColour(background)),
    chromaStep,
    quantTable: effort === 'smallest' ? 3 : 0,
  } as const;
  return encodeJpegPixels(pixels, width, height, settings, resolved);
}

/**
 * Decodes a baseline or progressive Huffman JPEG, gray or YCbCr or RGB, 8 bits a sample.
 *
 * A file that is cut off is refused; one that lacks only its end marker is not. A file that has its end marker, but is damaged or
 * lacks data inside, is decoded as far as it goes, as browsers and libjpeg do: rows or details may be wrong or gray.
 *
 * @param bytes the whole file; read until the promise settles, never changed
 * @param options see `DecodeOptions`
 * @throws TypeError, RangeError for a wrong argument, before any WebAssembly is loaded
 * @throws CodecError `CORRUPT_INPUT`, `TRUNCATED_INPUT`, `UNKNOWN_FORMAT`, `UNSUPPORTED_FEATURE` (CMYK, 12 bits, arithmetic
 * coding), `LIMIT_EXCEEDED`, `OUT_OF_MEMORY`, `WASM_LOAD_FAILED`
 */
export async function decodeJpeg(
  bytes: ArrayBufferView | ArrayBufferLike,
  options?: DecodeOptions,
): Promise<DecodedImage> {
  const { file, header, options: resolved } = beginDecode('jpeg', readJpeg, bytes, options);
  const { width, height, orientation } = header;
  const jpeg = checkJpegForDecoding(file);
  const kind = jpeg.progressive ? 'progressive' : 'baseline';
  checkMemory(file.length + width * height * JPEG_DECODE_BYTES_PER_PIXEL[kind], 'jpeg', resolved.limits);
  if (jpeg.components.length === 4) {
    throw new CodecError('UNSUPPORTED_FEATURE', 'Decoding CMYK jpeg is not supported', { format: 'jpeg' });
  }
  if (!jpeg.complete && !holdsAllPixels(file, jpeg)) {
    throw new CodecError('TRUNCATED_INPUT', 'The jpeg ends before its last pixels', { format: 'jpeg' });
  }
  // Cameras and editors are known to forget the end marker and nothing else.
  const ended = jpeg.complete ? file : concat([file.subarray(0, jpeg.end), END_OF_IMAGE]);
  const pixels = await decodeJpegPixels(ended, resolved);
  return finishDecode(pixels, 8, orientation, resolved);
}

/** The format `'jpeg'`. */
export const codec: TwoWayCodec<'jpeg'> = {
  encode: encodeJpeg,
  decode: decodeJpeg,
  checkOptions: resolveJpegOptions,
};
