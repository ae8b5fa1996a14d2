import type { PixelFormat } from '../../pixel-format.js';

// What the kernels `vp8` and `vp8l` share.

/** The pixel formats that they read themselves; the kernel `pixels` makes one of them of any other. */
export const WEBP_KERNEL_FORMATS = [
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

/** Their efforts, by the numbers they have in C. */
export const WEBP_KERNEL_EFFORTS = { fast: 0, balanced: 1, smallest: 2 } as const;

/** The name of one. */
export type WebpKernelEffort = keyof typeof WEBP_KERNEL_EFFORTS;
