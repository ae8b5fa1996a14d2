import { PIXEL_LAYOUTS } from '../../pixel-format.js';
import { StripEncoder } from './strip-encoder.js';
import { WEBP_KERNEL_EFFORTS, WEBP_KERNEL_FORMATS, type WebpKernelEffort } from './webp-kernels.js';

/** How to encode. */
export interface Vp8lKernelSettings {
  effort: WebpKernelEffort;
  /** Keeps the colour of pixels of alpha 0; without it they are written as 0, 0, 0. */
  exact?: boolean;
  /** Near-lossless: bits that a sample may lose, 0 (none, the default) to 5. By no more than half of the value of the lowest that is left is it wrong. */
  lostBits?: number;
  /** Only alpha is coded: what comes out is a chunk `ALPH`'s but for its first byte. */
  alpha?: boolean;
  /** Of that alpha, how many levels are left at most, 2 to 256, with 0 and 255 among them where they are. Default all. */
  alphaLevels?: number;
}

/** What `wasm/webp/lossless/vp8l.c` exports beside what every encoder does. */
export interface Vp8lExports {
  vp8l_begin(
    width: number,
    height: number,
    format: number,
    effort: number,
    flags: number,
    lostBits: number,
    pitch: number,
    memoryLimit: number,
  ): number;
}

/** `enum vp8l_flag`. */
const EXACT = 1;
const ALPHA = 2;

/** Above them, how many levels of alpha are left; 0 for all. */
const LEVELS_AT = 8;
const ALL_LEVELS = 256;

/**
 * The encoder of lossless WebP, see `wasm/webp/lossless/README.md`. It keeps the image, 4 bytes a pixel, and but for photographs in a hurry
 * 4 more where the limit allows: with less than 9 in all it takes ways that need less, down to 4.1. All of the output, the payload of a chunk `VP8L`, comes with the last rows.
 */
export const vp8lKernel = new StripEncoder<Vp8lExports, Vp8lKernelSettings>({
  name: 'vp8l',
  format: 'webp',
  formats: WEBP_KERNEL_FORMATS,
  begin({ kernel }, { width, height, pixelFormat }, settings, pitch, memoryLimit) {
    const { exact, alpha, alphaLevels = ALL_LEVELS, lostBits = 0 } = settings;
    const { id } = PIXEL_LAYOUTS[pixelFormat];
    const levels = alpha && alphaLevels < ALL_LEVELS ? alphaLevels : 0;
    const flags = (exact ? EXACT : 0) | (alpha ? ALPHA : 0) | (levels << LEVELS_AT);
    const effort = WEBP_KERNEL_EFFORTS[settings.effort];
    return kernel.vp8l_begin(width, height, id, effort, flags, lostBits, pitch, memoryLimit);
  },
});
