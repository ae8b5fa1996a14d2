import { concat } from '../concat.js';
import { readJpeg } from '../container/jpeg.js';
import { holdsAllPixels } from '../container/jpeg-entropy.js';
import { checkJpegForDecoding } from '../container/jpeg-scans.js';
import type { RowEncoder } from '../engines/engine.js';
import { jpegKernel } from '../engines/kernels/jpeg.js';
import { CodecError } from '../errors.js';
import type { ImageLayout, PixelSource } from '../image.js';
import { checkMemory } from '../limits.js';
import type { DecodeOptions, JpegEncodeOptions } from '../options.js';
import type { ImageSource } from '../source.js';
import { bufferRows } from './buffered-rows.js';
import { beginDecode, beginEncode, type DecodedImage, type StreamableCodec } from './codec.js';
import { jpegBands } from './jpeg-bands.js';
import { isGray, prepareJpegKernel } from './jpeg-kernel.js';
import { type ResolvedJpegOptions, resolveJpegOptions } from './jpeg-options.js';
import { codeLoader } from './load-code.js';
import { finishDecode, toRgba8 } from './rgba.js';

/** A hundred kilobytes of glue, half of the time of a first call, which most images can do without. */
const loadMozjpeg = /* @__PURE__ */ codeLoader(
  'mozjpeg',
  'jpeg',
  () => import('../engines/jsquash/mozjpeg.js'),
);

/** T.81, table B.1. */
const END_OF_IMAGE = [0xff, 0xd9];

async function encodeByMozjpeg(
  image: PixelSource,
  options: ResolvedJpegOptions,
): Promise<Uint8Array<ArrayBuffer>> {
  const { quality, progressive, chromaSubsampling, background, limits, signal } = options;
  const { width, height } = image;
  const { encodeJpegPixels, JPEG_ENCODE_BYTES_PER_PIXEL } = await loadMozjpeg();
  const chromaStep = chromaSubsampling === '4:4:4' ? 1 : 2;
  checkMemory(width * height * JPEG_ENCODE_BYTES_PER_PIXEL[chromaStep], 'jpeg', limits);
  const pixels = await toRgba8(image, signal, background);
  const settings = { quality, progressive, gray: isGray(image, options), chromaStep } as const;
  return encodeJpegPixels(pixels, width, height, settings, options);
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
  const image = await beginEncode('jpeg', source, resolved);
  if (resolved.mozjpeg) return encodeByMozjpeg(image, resolved);
  const { settings, conversion } = await prepareJpegKernel(image, resolved);
  return jpegKernel.encode(image, settings, resolved, conversion);
}

/** As `encodeJpeg`, of rows that come one by one. mozjpeg takes whole images: for it all rows are kept. */
async function openJpegEncoder(layout: ImageLayout, options: ResolvedJpegOptions): Promise<RowEncoder> {
  if (options.mozjpeg) {
    return bufferRows(layout, 'jpeg', options.limits, (image) => encodeByMozjpeg(image, options));
  }
  const { settings, conversion } = await prepareJpegKernel(layout, options);
  return jpegKernel.open(layout, settings, options, conversion);
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
  const { decodeJpegPixels, JPEG_DECODE_BYTES_PER_PIXEL } = await loadMozjpeg();
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
export const codec: StreamableCodec<'jpeg'> = {
  encode: encodeJpeg,
  decode: decodeJpeg,
  open: (layout, options) => openJpegEncoder(layout, resolveJpegOptions(options)),
  checkOptions: resolveJpegOptions,
  bands: jpegBands,
};
