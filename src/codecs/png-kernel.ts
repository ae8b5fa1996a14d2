import { PNG_KERNEL_FORMATS, type PngKernelSettings } from '../engines/kernels/png.js';
import { isReadable, openConversion } from '../engines/kernels/row-conversion.js';
import type { ImageLayout } from '../image.js';
import { checkMemory } from '../limits.js';
import { PIXEL_LAYOUTS, type PixelFormat } from '../pixel-format.js';
import type { resolvePngOptions } from './png-options.js';

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

/** What the kernel is to be told of an image. */
export function pngSettings(options: ResolvedPngOptions): PngKernelSettings {
  const { effort = 'balanced', level = LEVELS[effort], filter = 'auto', bitDepth } = options;
  const { reduce = true, interlaced = false } = options;
  return { level, filter, reduce, interlaced, bitDepth };
}

/** The same, and the conversion to what it reads where it does not read the pixels as they are. */
export async function preparePngKernel(layout: ImageLayout, options: ResolvedPngOptions) {
  const settings = pngSettings(options);
  const { limits, signal } = options;
  const { width, height, pixelFormat } = layout;
  const target = targetOf(layout, settings.bitDepth);
  const bytesPerPixel = settings.interlaced ? Math.max(1, PIXEL_LAYOUTS[target].bitsPerPixel / 8) : 0;
  checkMemory(KERNEL_BYTES + width * height * bytesPerPixel, 'png', limits);
  if (isReadable(layout, PNG_KERNEL_FORMATS) && target === pixelFormat)
    return { settings, conversion: undefined };
  const conversion = await openConversion(layout, { pixelFormat: target });
  signal?.throwIfAborted();
  return { settings, conversion };
}
