import { PIXEL_LAYOUTS } from '../../pixel-format.js';
import { StripEncoder } from './strip-encoder.js';
import { WEBP_KERNEL_EFFORTS, WEBP_KERNEL_FORMATS, type WebpKernelEffort } from './webp-kernels.js';

/** How to encode. */
export interface Vp8KernelSettings {
  /** 0 to 100, on libwebp's scale, to a hundredth. */
  quality: number;
  effort: WebpKernelEffort;
  /** Whether what alpha of 0 hides stays as it is. */
  exact: boolean;
  /** Whether samples are chosen for what a decoder makes of them, which keeps edges of colour sharper. Default false. */
  sharpYuv?: boolean;
  /**
   * Bytes that the payload may have: the best quality up to the one given that fits is taken, by nine rounds. Where even quality 0 does not
   * fit, that.
   */
  targetSize?: number;
}

/** What `wasm/webp/lossy/vp8.c` exports beside what every encoder does. */
export interface Vp8Exports {
  vp8_begin(
    width: number,
    height: number,
    format: number,
    quality: number,
    effort: number,
    flags: number,
    targetBytes: number,
    pitch: number,
    memoryLimit: number,
  ): number;
}

/** `enum vp8_flag`. */
const UNSEEN = 4;
const SHARP = 8;

/**
 * The encoder of VP8 key frames, see `wasm/webp/lossy/README.md`. What it writes is the payload of a chunk `VP8 `. It keeps a byte and a
 * half a pixel and the levels of the image, and everything comes at the end.
 */
export const vp8Kernel = new StripEncoder<Vp8Exports, Vp8KernelSettings>({
  name: 'vp8',
  format: 'webp',
  formats: WEBP_KERNEL_FORMATS,
  begin({ kernel }, { width, height, pixelFormat }, settings, pitch, memoryLimit) {
    const { id } = PIXEL_LAYOUTS[pixelFormat];
    const quality = Math.round(settings.quality * 100);
    const effort = WEBP_KERNEL_EFFORTS[settings.effort];
    const flags = (settings.exact ? 0 : UNSEEN) | (settings.sharpYuv ? SHARP : 0);
    const target = Math.min(settings.targetSize ?? 0, 0x7fffffff);
    return kernel.vp8_begin(width, height, id, quality, effort, flags, target, pitch, memoryLimit);
  },
});
