import { readPng } from '../container/png.js';
import { readPngForDecoding } from '../container/png-chunks.js';
import { decodePngPixels, PNG_DECODE_BYTES_PER_PIXEL } from '../engines/jsquash/png.js';
import { pngKernel } from '../engines/kernels/png.js';
import { checkMemory } from '../limits.js';
import type { DecodeOptions, PngEncodeOptions } from '../options.js';
import type { ImageSource } from '../source.js';
import { beginDecode, beginEncode, type DecodedImage, type StreamableCodec } from './codec.js';
import { pngBands } from './png-bands.js';
import { preparePngKernel } from './png-kernel.js';
import { resolvePngOptions } from './png-options.js';
import { finishDecode } from './rgba.js';

/**
 * Encodes pixels as PNG (W3C PNG, third edition), lossless: of any colour type and depth, by default the smallest that holds the image.
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
  const image = await beginEncode('png', source, resolved);
  const { settings, conversion } = await preparePngKernel(image, resolved);
  return pngKernel.encode(image, settings, resolved, conversion);
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
    const { settings, conversion } = await preparePngKernel(layout, resolved);
    return pngKernel.open(layout, settings, resolved, conversion);
  },
  checkOptions: resolvePngOptions,
  bands: pngBands,
};
