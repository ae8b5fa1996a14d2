import { wrongValue } from '../../errors.js';
import { PIXEL_FORMATS, PIXEL_LAYOUTS, type PixelFormat } from '../../pixel-format.js';
import { StripEncoder } from './strip-encoder.js';

/** The pixel formats that the kernel reads itself: all of them, alpha straight. */
export const PNG_KERNEL_FORMATS: readonly PixelFormat[] = PIXEL_FORMATS;

/** How to encode. */
export interface PngKernelSettings {
  /** 0 to 9: 0 stores, 1 to 3 take little time, 4 to 6 are balanced, 7 to 9 take few bytes. */
  level: number;
  /** Of every row, or chosen for each. */
  filter: 'auto' | 'none' | 'sub' | 'up' | 'average' | 'paeth';
  /**
   * Leaves out alpha that is opaque, colour that is gray, bits that no sample needs, and writes a palette where that is smaller. Of rows
   * that come one by one, what the pixel format alone tells. 16 bits become 8 only from level 7 on, where each sample is a byte twice.
   */
  reduce: boolean;
  /** Adam7. The kernel keeps all pixels, as they are written but at least a byte each, and the file comes at the end. */
  interlaced: boolean;
  /**
   * Bits a sample to be written, by default as many as there are or, with `reduce`, are needed. 16: of all formats but `indexed8`. 8: not of
   * the formats of 16 bits. Fewer: gray is rounded; a palette has to have so few colours, and so has, with `reduce`, a whole image of any
   * other format of 8 bits.
   */
  bitDepth?: 1 | 2 | 4 | 8 | 16;
}

/** What `wasm/png/png.c` exports beside what every encoder does. */
export interface PngExports {
  png_palette(): number;
  png_begin(
    width: number,
    height: number,
    format: number,
    level: number,
    filter: number,
    depth: number,
    flags: number,
    pitch: number,
    memoryLimit: number,
  ): number;
  png_states(): number;
  png_band(row: number, rows: number): number;
  png_add_found(): void;
  png_settle(): number;
  png_above(): number;
  png_row_bytes(): number;
  png_adler(): number;
}

/** `enum png_filter` of `wasm/png/png.h`. */
const FILTERS = { none: 0, sub: 1, up: 2, average: 3, paeth: 4, auto: 5 } as const;

/** `enum png_flag`. */
const REDUCE = 1;
const INSPECT = 2;
const INTERLACED = 4;

/** Bytes of the file before the place where other chunks may be put in: the signature and IHDR. PLTE and IDAT come later. */
export const PNG_CHUNKS_AT = 33;

/** The bit depths that an image can be written in; `counted` where its colours are looked at before. */
function depthsOf(pixelFormat: PixelFormat, counted: boolean): readonly number[] {
  if (pixelFormat === 'indexed8') return [1, 2, 4, 8];
  const { sampleBits, gray, alpha } = PIXEL_LAYOUTS[pixelFormat];
  if (sampleBits === 16) return [16];
  return (gray && !alpha) || counted ? [1, 2, 4, 8, 16] : [8, 16];
}

/**
 * The PNG encoder, see `wasm/png/README.md`. Its memory is a strip of rows, some 128 kB or one row, two rows, and 2 MB, from level 7 on 8 MB; an interlaced
 * image is kept whole.
 */
export const pngKernel = new StripEncoder<PngExports, PngKernelSettings>({
  name: 'png',
  format: 'png',
  formats: PNG_KERNEL_FORMATS,
  check({ pixelFormat }, { bitDepth, reduce }, whole) {
    const depths = depthsOf(pixelFormat, reduce && whole);
    if (bitDepth !== undefined && !depths.includes(bitDepth)) {
      throw wrongValue(`one of ${depths.join(', ')} (${pixelFormat})`, 'bitDepth', bitDepth);
    }
  },
  begin({ kernel, memory }, { width, height, pixelFormat, palette }, settings, pitch, memoryLimit, whole) {
    const { level, filter, reduce, interlaced, bitDepth = 0 } = settings;
    if (palette) memory().set(palette, kernel.png_palette());
    const flags = (reduce ? REDUCE : 0) | (whole ? INSPECT : 0) | (interlaced ? INTERLACED : 0);
    const { id } = PIXEL_LAYOUTS[pixelFormat];
    return kernel.png_begin(width, height, id, level, FILTERS[filter], bitDepth, flags, pitch, memoryLimit);
  },
});
