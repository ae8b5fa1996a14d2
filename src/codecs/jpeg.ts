import { concat } from '../concat.js';
import { readJpeg } from '../container/jpeg.js';
import { holdsAllPixels } from '../container/jpeg-entropy.js';
import { checkJpegForDecoding } from '../container/jpeg-scans.js';
import {
  decodeJpegPixels,
  encodeJpegPixels,
  JPEG_DECODE_BYTES_PER_PIXEL,
  JPEG_ENCODE_BYTES_PER_PIXEL,
} from '../engines/jsquash/mozjpeg.js';
import { encodeJpegKernel, JPEG_KERNEL_FORMATS } from '../engines/kernels/jpeg.js';
import { CodecError, wrongValue } from '../errors.js';
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
import { finishDecode, mayBeTransparent, toOpaque, toRgba8 } from './rgba.js';

const OPTIONS: OptionTable<JpegEncodeOptions> = Object.freeze({
  ...ENCODE_OPTIONS,
  quality: range(1, 100, { fallback: 80 }),
  chromaSubsampling: oneOf(['4:4:4', '4:2:2', '4:2:0'], { fallback: '4:2:0' }),
  progressive: flag(),
  optimizeCoding: flag(),
  restartInterval: range(0, 65_535, { fallback: 0 }),
});

/** T.81, table B.1. */
const END_OF_IMAGE = [0xff, 0xd9];

function resolveJpegOptions(options: JpegEncodeOptions | undefined) {
  const resolved = resolveOptions(OPTIONS, options, 'jpeg');
  const { effort, optimizeCoding, chromaSubsampling = '4:2:0', restartInterval = 0 } = resolved;
  // mozjpeg, as it comes from jSquash, has neither 4:2:2 nor restart markers, and without tables of its own writes corrupt files.
  const mozjpeg =
    effort === 'smallest' &&
    chromaSubsampling !== '4:2:2' &&
    restartInterval === 0 &&
    optimizeCoding !== false;
  const { progressive = mozjpeg } = resolved;
  if (progressive && optimizeCoding === false) {
    // T.81 Annex K has no codes for the bands of progressive scans.
    throw wrongValue('true or nothing, as the image is progressive,', 'optimizeCoding', optimizeCoding);
  }
  return {
    ...resolved,
    mozjpeg,
    progressive,
    chromaSubsampling,
    restartInterval,
    optimizeCoding: optimizeCoding ?? (progressive || effort !== 'fast'),
  };
}

/** Memory that the kernel has in any case. */
const KERNEL_BYTES = 512 * 1024;

/** What it keeps of an image: all coefficients where progressive, else about a byte a pixel of what is coded of them. */
function kernelBytesPerPixel({ progressive, optimizeCoding }: ReturnType<typeof resolveJpegOptions>): number {
  return progressive ? 4 : optimizeCoding ? 1 : 0;
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
  const { quality = 80, progressive, optimizeCoding, chromaSubsampling, restartInterval } = resolved;
  const { background, limits, signal } = resolved;
  const image = await beginEncode('jpeg', source, resolved);
  const gray = PIXEL_LAYOUTS[image.pixelFormat].gray && !(mayBeTransparent(image) && isColour(background));
  const { width, height } = image;
  if (resolved.mozjpeg) {
    const chromaStep = chromaSubsampling === '4:4:4' ? 1 : 2;
    checkMemory(width * height * JPEG_ENCODE_BYTES_PER_PIXEL[chromaStep], 'jpeg', limits);
    const pixels = await toRgba8(image, signal, background);
    return encodeJpegPixels(pixels, width, height, { quality, progressive, gray, chromaStep }, resolved);
  }
  checkMemory(KERNEL_BYTES + width * height * kernelBytesPerPixel(resolved), 'jpeg', limits);
  const opaque = await toOpaque(image, gray ? 'gray8' : 'rgbx8', JPEG_KERNEL_FORMATS, resolved);
  const settings = { quality, chromaSubsampling, optimizeCoding, progressive, restartInterval, gray };
  return encodeJpegKernel(opaque, settings, resolved);
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
