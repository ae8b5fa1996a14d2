import { PIXEL_LAYOUTS, type PixelFormat } from '../../pixel-format.js';
import { StripEncoder } from './strip-encoder.js';

/** The pixel formats that the kernel reads itself; the kernel `pixels` makes one of them of any other. */
export const VP8L_KERNEL_FORMATS = [
  'gray8',
  'graya8',
  'rgb8',
  'rgba8',
  'bgr8',
  'bgra8',
  'argb8',
  'rgbx8',
  'bgrx8',
] as const satisfies readonly PixelFormat[];

/** How to encode. */
export interface Vp8lKernelSettings {
  effort: 'fast' | 'balanced' | 'smallest';
  /** Keeps the colour of pixels of alpha 0; without it they are written as 0, 0, 0. */
  exact?: boolean;
  /** Only alpha is coded: what comes out is a chunk `ALPH`'s but for its first byte. */
  alpha?: boolean;
}

/** What `wasm/webp/lossless/vp8l.c` exports beside what every encoder does. */
export interface Vp8lExports {
  vp8l_begin(
    width: number,
    height: number,
    format: number,
    effort: number,
    flags: number,
    pitch: number,
    memoryLimit: number,
  ): number;
}

/** `enum vp8l_effort` of `wasm/webp/lossless/vp8l.h`. */
const EFFORTS = { fast: 0, balanced: 1, smallest: 2 } as const;

/** `enum vp8l_flag`. */
const EXACT = 1;
const ALPHA = 2;

/**
 * The encoder of lossless WebP, see `wasm/webp/lossless/README.md`. It keeps the image, 4 bytes a pixel, and but for photographs in a hurry
 * 4 more; all of the output, the payload of a chunk `VP8L`, comes with the last rows.
 */
export const vp8lKernel = new StripEncoder<Vp8lExports, Vp8lKernelSettings>({
  name: 'vp8l',
  format: 'webp',
  formats: VP8L_KERNEL_FORMATS,
  begin({ kernel }, { width, height, pixelFormat }, { effort, exact, alpha }, pitch, memoryLimit) {
    const { id } = PIXEL_LAYOUTS[pixelFormat];
    const flags = (exact ? EXACT : 0) | (alpha ? ALPHA : 0);
    return kernel.vp8l_begin(width, height, id, EFFORTS[effort], flags, pitch, memoryLimit);
  },
});
