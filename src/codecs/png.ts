import { readPng } from '../container/png.js';
import { readPngForDecoding } from '../container/png-chunks.js';
import {
  decodePngPixels,
  encodePngPixels,
  PNG_DECODE_BYTES_PER_PIXEL,
  PNG_ENCODE_BYTES_PER_PIXEL,
} from '../engines/jsquash/png.js';
import type { PixelSource } from '../image.js';
import { checkMemory } from '../limits.js';
import type { DecodeOptions, PngEncodeOptions } from '../options.js';
import { PIXEL_LAYOUTS } from '../pixel-format.js';
import type { ImageSource } from '../source.js';
import { bufferRows } from './buffered-rows.js';
import { beginDecode, beginEncode, type DecodedImage, type StreamableCodec } from './codec.js';
import { resolvePngOptions } from './png-options.js';
import { finishDecode, toRgba8, toRgba16BigEndian } from './rgba.js';

/**
 * Encodes pixels as PNG: RGBA, 8 or 16 bits a sample, lossless.
 *
 * @param source pixels of any layout, top-down; read until the promise settles, never changed
 * @param options see `PngEncodeOptions`
 * @returns the file, in memory that the caller owns
 * @throws TypeError, RangeError for a wrong argument, before any WebAssembly is loaded
 * @throws CodecError `UNSUPPORTED_FEATURE`, `LIMIT_EXCEEDED`, `OUT_OF_MEMORY`, `WASM_LOAD_FAILED`, `CODEC_FAILED`
 * @example
 * const png = await encodePng({ data: pixels, width: 640, height: 480 });
 */
export async function encodePng(
  source: ImageSource,
  options?: PngEncodeOptions,
): Promise<Uint8Array<ArrayBuffer>> {
  const resolved = resolvePngOptions(options);
  return encodeByJsquash(await beginEncode('png', source, resolved), resolved);
}

async function encodeByJsquash(
  image: PixelSource,
  options: ReturnType<typeof resolvePngOptions>,
): Promise<Uint8Array<ArrayBuffer>> {
  const { bitDepth = PIXEL_LAYOUTS[image.pixelFormat].sampleBits, limits, signal } = options;
  const { width, height } = image;
  const depth = bitDepth === 16 ? 16 : 8;
  checkMemory(width * height * PNG_ENCODE_BYTES_PER_PIXEL[depth], 'png', limits);
  const pixels = depth === 16 ? await toRgba16BigEndian(image, signal) : await toRgba8(image, signal);
  return encodePngPixels(pixels, width, height, depth, options);
}

/**
 * Decodes a PNG of any colour type, depth and interlacing. Of an animated one, the default image. Colour is not managed:
 * samples are as stored.
 *
 * @param bytes the whole file; read until the promise settles, never changed
 * @param options see `DecodeOptions`
 * @throws TypeError, RangeError for a wrong argument, before any WebAssembly is loaded
 * @throws CodecError `CORRUPT_INPUT`, `TRUNCATED_INPUT`, `UNKNOWN_FORMAT`, `LIMIT_EXCEEDED`, `OUT_OF_MEMORY`, `WASM_LOAD_FAILED`
 */
export async function decodePng(
  bytes: ArrayBufferView | ArrayBufferLike,
  options?: DecodeOptions,
): Promise<DecodedImage> {
  const { file, header, options: resolved } = beginDecode('png', readPng, bytes, options);
  const { width, height, orientation } = header;
  const depth = header.bitDepth === 16 ? 16 : 8;
  checkMemory(file.length + width * height * PNG_DECODE_BYTES_PER_PIXEL[depth], 'png', resolved.limits);
  const { parts } = readPngForDecoding(file);
  const pixels = await decodePngPixels(parts, depth, resolved);
  return finishDecode(pixels, depth, orientation, resolved);
}

/** The format `'png'`. */
export const codec: StreamableCodec<'png'> = {
  encode: encodePng,
  decode: decodePng,
  open: async (layout, options) => {
    const resolved = resolvePngOptions(options);
    return bufferRows(layout, 'png', resolved.limits, (image) => encodeByJsquash(image, resolved));
  },
  checkOptions: resolvePngOptions,
};
