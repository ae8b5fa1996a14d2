import { readPng } from '../container/png.js';
import { readPngForDecoding } from '../container/png-chunks.js';
import { decodePngPixels, PNG_DECODE_BYTES_PER_PIXEL } from '../engines/jsquash/png.js';
import { PNG_KERNEL_FORMATS, type PngKernelSettings, pngKernel } from '../engines/kernels/png.js';
import { isReadable, openConversion } from '../engines/kernels/row-conversion.js';
import type { ImageLayout } from '../image.js';
import { checkMemory } from '../limits.js';
import type { DecodeOptions, PngEncodeOptions } from '../options.js';
import { PIXEL_LAYOUTS, type PixelFormat } from '../pixel-format.js';
import type { ImageSource } from '../source.js';
import { beginDecode, beginEncode, type DecodedImage, type StreamableCodec } from './codec.js';
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
  const { settings, conversion } = await prepareKernel(image, resolved);
  return pngKernel.encode(image, settings, resolved, conversion);
}

/** The level that each effort stands for. */
const LEVELS = { fast: 2, balanced: 5, smallest: 8 } as const;

/** Memory that the kernel has in any case. */
const KERNEL_BYTES = 2.5 * 1024 * 1024;

type ResolvedPngOptions = ReturnType<typeof resolvePngOptions>;

/** What the kernel is to be handed for pixels that are to be written at a depth. It widens 8 bits itself, and has no way back from 16. */
function targetOf({ pixelFormat, premultiplied }: ImageLayout, bitDepth: number | undefined): PixelFormat {
  const { sampleBits, alpha, gray } = PIXEL_LAYOUTS[pixelFormat];
  if (pixelFormat === 'indexed8') return bitDepth === 16 ? 'rgba8' : pixelFormat;
  const narrower = sampleBits === 16 && bitDepth !== undefined && bitDepth < 16;
  if (!narrower && !(premultiplied && alpha)) return pixelFormat;
  // Colour is divided by alpha at the depth that it is written with.
  const bits = bitDepth === 16 || (sampleBits === 16 && !narrower) ? 16 : 8;
  return `${gray ? (alpha ? 'graya' : 'gray') : alpha ? 'rgba' : 'rgb'}${bits}`;
}

/** What the kernel is to be told, and the conversion to what it reads where it does not read the pixels as they are. */
async function prepareKernel(layout: ImageLayout, options: ResolvedPngOptions) {
  const { effort = 'balanced', level = LEVELS[effort], filter = 'auto', bitDepth, limits, signal } = options;
  const { reduce = true, interlaced = false } = options;
  const { width, height, pixelFormat } = layout;
  const target = targetOf(layout, bitDepth);
  const bytesPerPixel = interlaced ? Math.max(1, PIXEL_LAYOUTS[target].bitsPerPixel / 8) : 0;
  checkMemory(KERNEL_BYTES + width * height * bytesPerPixel, 'png', limits);
  const settings: PngKernelSettings = { level, filter, reduce, interlaced, bitDepth };
  if (isReadable(layout, PNG_KERNEL_FORMATS) && target === pixelFormat)
    return { settings, conversion: undefined };
  const conversion = await openConversion(layout, { pixelFormat: target });
  signal?.throwIfAborted();
  return { settings, conversion };
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
    const { settings, conversion } = await prepareKernel(layout, resolved);
    return pngKernel.open(layout, settings, resolved, conversion);
  },
  checkOptions: resolvePngOptions,
};
