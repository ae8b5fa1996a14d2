import { readPng } from '../container/png.js';
import { readPngForDecoding } from '../container/png-chunks.js';
import {
  decodePngPixels,
  encodePngPixels,
  PNG_DECODE_BYTES_PER_PIXEL,
  PNG_ENCODE_BYTES_PER_PIXEL,
} from '../engines/jsquash/png.js';
import { checkMemory } from '../limits.js';
import {
  type DecodeOptions,
  ENCODE_OPTIONS,
  flag,
  type OptionTable,
  oneOf,
  type PngEncodeOptions,
  range,
  resolveOptions,
} from '../options.js';
import { PIXEL_LAYOUTS } from '../pixel-format.js';
import type { ImageSource } from '../source.js';
import { beginDecode, beginEncode, type DecodedImage, type TwoWayCodec } from './codec.js';
import { finishDecode, toRgba8, toRgba16BigEndian } from './rgba.js';

const OPTIONS: OptionTable<PngEncodeOptions> = Object.freeze({
  ...ENCODE_OPTIONS,
  level: range(0, 9, {
    refuse: () => 'The PNG encoder has a single compression level so far; leave level out',
  }),
  filter: oneOf(['auto', 'none', 'sub', 'up', 'average', 'paeth'], {
    fallback: 'auto',
    refuse: (filter) =>
      filter === 'auto' ? undefined : `PNG filter '${filter}' cannot be chosen yet; use 'auto'`,
  }),
  reduce: flag({
    fallback: false,
    refuse: (reduce) => (reduce ? 'PNG colours cannot be reduced yet; leave reduce out' : undefined),
  }),
  interlaced: flag({
    fallback: false,
    refuse: (interlaced) =>
      interlaced ? 'Interlaced PNG cannot be written yet; leave interlaced out' : undefined,
  }),
  bitDepth: oneOf([1, 2, 4, 8, 16], {
    refuse: (depth) =>
      depth < 8 ? `PNG cannot be written with ${depth} bits a sample yet; use 8 or 16` : undefined,
  }),
});

const resolvePngOptions = (options: PngEncodeOptions | undefined) => resolveOptions(OPTIONS, options, 'png');

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
  const image = await beginEncode('png', source, resolved);
  const { bitDepth = PIXEL_LAYOUTS[image.pixelFormat].sampleBits, limits, signal } = resolved;
  const { width, height } = image;
  const depth = bitDepth === 16 ? 16 : 8;
  checkMemory(width * height * PNG_ENCODE_BYTES_PER_PIXEL[depth], 'png', limits);
  const pixels = depth === 16 ? await toRgba16BigEndian(image, signal) : await toRgba8(image, signal);
  return encodePngPixels(pixels, width, height, depth, resolved);
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
export const codec: TwoWayCodec<'png'> = {
  encode: encodePng,
  decode: decodePng,
  checkOptions: resolvePngOptions,
};
