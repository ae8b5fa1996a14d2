import { concat } from '../concat.js';
import { writeExtendedWebp, writeWebp } from '../container/webp-write.js';
import { loadPixels } from '../engines/kernels/pixels.js';
import { isReadable, openConversion, type RowConversion } from '../engines/kernels/row-conversion.js';
import { vp8Kernel } from '../engines/kernels/vp8.js';
import { vp8lKernel } from '../engines/kernels/vp8l.js';
import { WEBP_KERNEL_FORMATS } from '../engines/kernels/webp-kernels.js';
import type { ImageLayout, PixelSource } from '../image.js';
import { checkMemory } from '../limits.js';
import { PIXEL_LAYOUTS } from '../pixel-format.js';
import { mayBeTransparent } from './rgba.js';
import type { ResolvedWebpOptions } from './webp-options.js';

/** Memory that each kernel has in any case, and for each pixel. What more it needs, little of VP8L, it finds out by the pixels. */
const KERNEL_BYTES = 1024 * 1024;
const VP8L_BYTES_PER_PIXEL = 4;
const VP8_BYTES_PER_PIXEL = 2;

/** In the first byte of a chunk ALPH: that it is compressed as VP8L does, and that levels were reduced. It is not filtered. */
const ALPHA_COMPRESSED = 1;
const ALPHA_REDUCED = 1 << 4;

/** Levels of alpha that a quality leaves, as many as libwebp's: 2 to 16 up to 70, then 8 more with each. */
const alphaLevelsOf = (quality: number) =>
  quality <= 70 ? 2 + Math.floor(quality / 5) : 16 + (quality - 70) * 8;

const NOTHING = new Uint8Array(0);

/** What each of libwebp's methods stands for. */
const METHODS = ['fast', 'fast', 'balanced', 'balanced', 'balanced', 'smallest', 'smallest'] as const;

const effortOf = ({ effort = 'balanced', method }: ResolvedWebpOptions) =>
  method === undefined ? effort : METHODS[method]!;

/** Bits of a sample that near-lossless levels leave out: one from 99 down to 80, another with each 20 below. */
const lostBitsOf = (nearLossless: number) => (nearLossless === 100 ? 0 : 5 - Math.floor(nearLossless / 20));

/** The conversion to what the kernels read, where they do not read the pixels as they are. */
async function conversionFor(layout: ImageLayout): Promise<RowConversion | undefined> {
  if (isReadable(layout, WEBP_KERNEL_FORMATS)) return undefined;
  const { gray } = PIXEL_LAYOUTS[layout.pixelFormat];
  const alpha = mayBeTransparent(layout);
  return openConversion(layout, {
    pixelFormat: gray ? (alpha ? 'graya8' : 'gray8') : alpha ? 'rgba8' : 'rgbx8',
  });
}

/** A lossless file, or a near-lossless one. */
export async function encodeLosslessWebp(
  image: PixelSource,
  options: ResolvedWebpOptions,
): Promise<Uint8Array<ArrayBuffer>> {
  const { exact, nearLossless = 100, limits, signal } = options;
  checkMemory(KERNEL_BYTES + image.width * image.height * VP8L_BYTES_PER_PIXEL, 'webp', limits);
  const conversion = await conversionFor(image);
  signal?.throwIfAborted();
  const settings = { effort: effortOf(options), exact, lostBits: lostBitsOf(nearLossless) };
  return writeWebp([['VP8L', await vp8lKernel.encode(image, settings, options, conversion)]]);
}

/** A lossy file, with alpha where a pixel is not opaque. */
export async function encodeLossyWebp(
  image: PixelSource,
  options: ResolvedWebpOptions,
): Promise<Uint8Array<ArrayBuffer>> {
  const { exact = false, sharpYuv = false, alphaQuality = 100, targetSize, limits, signal } = options;
  const { width, height } = image;
  checkMemory(KERNEL_BYTES + width * height * VP8_BYTES_PER_PIXEL, 'webp', limits);
  const transparent = mayBeTransparent(image) && !(await loadPixels()).isOpaque(image);
  const conversion = await conversionFor(image);
  signal?.throwIfAborted();
  const effort = effortOf(options);
  let wrap = (picture: Uint8Array) => writeWebp([['VP8 ', picture]]);
  if (transparent) {
    checkMemory(KERNEL_BYTES + width * height * VP8L_BYTES_PER_PIXEL, 'webp', limits);
    const reduced = alphaQuality < 100;
    const alphaLevels = reduced ? alphaLevelsOf(alphaQuality) : undefined;
    const alpha = await vp8lKernel.encode(image, { effort, alpha: true, alphaLevels }, options, conversion);
    const plane = concat([[ALPHA_COMPRESSED | (reduced ? ALPHA_REDUCED : 0)], alpha]);
    wrap = (picture) =>
      writeExtendedWebp({ width, height, hasAlpha: true }, [
        ['ALPH', plane],
        ['VP8 ', picture],
      ]);
  }
  // With a size to aim for, quality is what fits; a chunk of an odd length takes a byte more.
  const { quality = 80 } = targetSize === undefined ? options : { quality: 100 };
  const room = targetSize && Math.max(1, (targetSize - wrap(NOTHING).length) & ~1);
  const settings = { quality, effort, exact, sharpYuv, targetSize: room };
  return wrap(await vp8Kernel.encode(image, settings, options, conversion));
}
