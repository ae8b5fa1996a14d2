import { isReadable, openConversion, type RowConversion } from '../engines/kernels/row-conversion.js';
import { VP8L_KERNEL_FORMATS, type Vp8lKernelSettings } from '../engines/kernels/vp8l.js';
import type { ImageLayout } from '../image.js';
import { checkMemory } from '../limits.js';
import { PIXEL_LAYOUTS } from '../pixel-format.js';
import { mayBeTransparent } from './rgba.js';
import type { ResolvedWebpOptions } from './webp-options.js';

/** Memory that the kernel has in any case, and for each pixel. What more it needs it finds out by the pixels. */
const KERNEL_BYTES = 1024 * 1024;
const KERNEL_BYTES_PER_PIXEL = 4;

/** What each of libwebp's methods stands for. */
const METHODS = ['fast', 'fast', 'balanced', 'balanced', 'balanced', 'smallest', 'smallest'] as const;

/** What the kernel is to be told of an image, and the conversion to what it reads where it does not read the pixels as they are. */
export async function prepareVp8lKernel(
  layout: ImageLayout,
  { effort = 'balanced', method, exact = false, limits, signal }: ResolvedWebpOptions,
): Promise<{ settings: Vp8lKernelSettings; conversion: RowConversion | undefined }> {
  checkMemory(KERNEL_BYTES + layout.width * layout.height * KERNEL_BYTES_PER_PIXEL, 'webp', limits);
  const settings = { effort: method === undefined ? effort : METHODS[method]!, exact };
  if (isReadable(layout, VP8L_KERNEL_FORMATS)) return { settings, conversion: undefined };
  const { gray } = PIXEL_LAYOUTS[layout.pixelFormat];
  const alpha = mayBeTransparent(layout);
  const pixelFormat = gray ? (alpha ? 'graya8' : 'gray8') : alpha ? 'rgba8' : 'rgbx8';
  const conversion = await openConversion(layout, { pixelFormat });
  signal?.throwIfAborted();
  return { settings, conversion };
}
