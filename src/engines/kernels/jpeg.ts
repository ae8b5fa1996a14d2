import type { Rgb } from '../../options.js';
import { PIXEL_LAYOUTS, type PixelFormat } from '../../pixel-format.js';
import { StripEncoder } from './strip-encoder.js';

/** The pixel formats that the kernel reads itself; the kernel `pixels` makes one of them of any other. */
export const JPEG_KERNEL_FORMATS = [
  'gray8',
  'rgb8',
  'rgba8',
  'bgr8',
  'bgra8',
  'argb8',
  'rgbx8',
  'bgrx8',
] as const satisfies readonly PixelFormat[];

/** How to encode. */
export interface JpegKernelSettings {
  /** 1 to 100, by libjpeg's scale of the tables in T.81 Annex K. Fractions are cut off. Without meaning where `quantTables` is given. */
  quality: number;
  /** Ignored where the image is gray. */
  chromaSubsampling: '4:4:4' | '4:2:2' | '4:2:0';
  /** Huffman tables made for the image, for which the kernel keeps a word for each coefficient that is not 0. */
  optimizeCoding: boolean;
  /** Implies `optimizeCoding`. The kernel keeps all coefficients, 2 bytes each. */
  progressive: boolean;
  /** MCU rows between restart markers, 0 for none. Fewer where they are more than 65,535 MCUs. */
  restartInterval: number;
  /** One component, from the luma of the pixels where they have colour. `gray8` is always that. */
  gray: boolean;
  /** What alpha is flattened on. */
  background: Rgb;
  /** Quantisation steps for luma and chroma, 1 to 255, row by row, 64 each. */
  quantTables?: readonly [luma: Uint8Array, chroma: Uint8Array];
}

/** What `wasm/jpeg/jpeg.c` exports beside what every encoder does. */
export interface JpegExports {
  jpeg_quantizers(): number;
  jpeg_quality(quality: number): void;
  jpeg_background(color: number): void;
  jpeg_begin(
    width: number,
    height: number,
    format: number,
    subsampling: number,
    flags: number,
    restartRows: number,
    pitch: number,
    memoryLimit: number,
  ): number;
  jpeg_band(row: number, rows: number): void;
  jpeg_counts(): number;
  jpeg_counts_bytes(): number;
  jpeg_tokens(): number;
  jpeg_tokens_bytes(): number;
  jpeg_resume_band(tokensBytes: number): number;
  jpeg_write_band(): number;
}

/** `enum jpeg_flag` of `wasm/jpeg/jpeg.h`. */
const OPTIMIZE = 1;
const PROGRESSIVE = 2;
const GRAY = 4;

/** `enum subsampling`. */
const SUBSAMPLINGS = { '4:4:4': 0, '4:2:2': 1, '4:2:0': 2 } as const;

/** Bytes of the file before the place where APPn segments may be put in: SOI and the JFIF segment. */
export const JPEG_SEGMENTS_AT = 20;

/**
 * The JPEG encoder, see `wasm/jpeg/README.md`. Without `optimizeCoding` and `progressive` its memory is a strip of rows, some 128 kB or
 * one row of MCUs, and 300 kB; with them it grows with the image, and most of the file comes at the end.
 */
export const jpegKernel = new StripEncoder<JpegExports, JpegKernelSettings>({
  name: 'jpeg',
  format: 'jpeg',
  formats: JPEG_KERNEL_FORMATS,
  begin({ kernel, memory }, { width, height, pixelFormat }, settings, pitch, memoryLimit) {
    const { quality, quantTables, chromaSubsampling, optimizeCoding, progressive, restartInterval } =
      settings;
    kernel.jpeg_quality(quality);
    if (quantTables) {
      memory().set(quantTables[0], kernel.jpeg_quantizers());
      memory().set(quantTables[1], kernel.jpeg_quantizers() + 64);
    }
    const [red, green, blue] = settings.background;
    kernel.jpeg_background(red | (green << 8) | (blue << 16));
    const gray = settings.gray || PIXEL_LAYOUTS[pixelFormat].gray;
    const flags = (optimizeCoding ? OPTIMIZE : 0) | (progressive ? PROGRESSIVE : 0) | (gray ? GRAY : 0);
    const { id } = PIXEL_LAYOUTS[pixelFormat];
    const subsampling = SUBSAMPLINGS[chromaSubsampling];
    return kernel.jpeg_begin(width, height, id, subsampling, flags, restartInterval, pitch, memoryLimit);
  },
});
