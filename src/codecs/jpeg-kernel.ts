import { JPEG_KERNEL_FORMATS, type JpegKernelSettings } from '../engines/kernels/jpeg.js';
import { isReadable, openConversion, type RowConversion } from '../engines/kernels/row-conversion.js';
import type { ImageLayout } from '../image.js';
import { checkMemory } from '../limits.js';
import { WHITE } from '../options.js';
import { PIXEL_LAYOUTS } from '../pixel-format.js';
import type { ResolvedJpegOptions } from './jpeg-options.js';
import { mayBeTransparent } from './rgba.js';

/** Memory that the kernel has in any case. */
const KERNEL_BYTES = 512 * 1024;

/** What it keeps of an image: all coefficients where progressive, else about a byte a pixel of what is coded of them. */
function kernelBytesPerPixel({
  progressive,
  optimizeCoding,
  chromaSubsampling,
}: Pick<JpegKernelSettings, 'progressive' | 'optimizeCoding' | 'chromaSubsampling'>): number {
  if (!progressive) return optimizeCoding ? 1 : 0;
  const samples = { '4:4:4': 3, '4:2:2': 2, '4:2:0': 1.5 }[chromaSubsampling];
  return 2 * samples + 1;
}

/** Whether an image makes a file of one component: a background would colour what is gray in front of it. */
export function isGray(layout: ImageLayout, { background = WHITE }: ResolvedJpegOptions): boolean {
  if (!PIXEL_LAYOUTS[layout.pixelFormat].gray) return false;
  return !mayBeTransparent(layout) || new Set(background).size === 1;
}

/** What the kernel is to be told of an image. */
export function jpegSettings(layout: ImageLayout, options: ResolvedJpegOptions): JpegKernelSettings {
  return { ...options, gray: isGray(layout, options), background: options.background ?? WHITE };
}

/** The conversion to what the kernel reads, where it does not read the pixels as they are. */
export async function openJpegConversion(
  layout: ImageLayout,
  { gray, background }: JpegKernelSettings,
  { limits, signal, ...options }: ResolvedJpegOptions,
): Promise<RowConversion | undefined> {
  checkMemory(KERNEL_BYTES + layout.width * layout.height * kernelBytesPerPixel(options), 'jpeg', limits);
  if (isReadable(layout, JPEG_KERNEL_FORMATS)) return undefined;
  const conversion = await openConversion(layout, { pixelFormat: gray ? 'gray8' : 'rgbx8', background });
  signal?.throwIfAborted();
  return conversion;
}

/** Both. */
export async function prepareJpegKernel(layout: ImageLayout, options: ResolvedJpegOptions) {
  const settings = jpegSettings(layout, options);
  return { settings, conversion: await openJpegConversion(layout, settings, options) };
}
