/**
 * How the samples of a pixel lie in memory, in the order of their bytes.
 *
 * `rgbx8` and `bgrx8` carry a fourth byte that is ignored. The 16-bit formats hold samples in host order, in a
 * `Uint16Array` or as bytes. `gray1` packs eight pixels a byte, the leftmost in the highest bit, 1 being white, rows padded to
 * a byte. `indexed8` needs a palette.
 */
export type PixelFormat =
  | 'gray8'
  | 'graya8'
  | 'rgb8'
  | 'rgba8'
  | 'bgr8'
  | 'bgra8'
  | 'argb8'
  | 'rgbx8'
  | 'bgrx8'
  | 'gray16'
  | 'graya16'
  | 'rgb16'
  | 'rgba16'
  | 'gray1'
  | 'indexed8';

/** What the code below the API needs to know of a pixel format. */
export interface PixelLayout {
  /** The number by which `wasm/pixels/pixels.h` names the format. */
  readonly id: number;
  readonly bitsPerPixel: number;
  /** Bits a sample as stored: 1, 8 or 16. */
  readonly sampleBits: 1 | 8 | 16;
  /** Whether an alpha sample is stored; a palette may hold alpha without it. */
  readonly alpha: boolean;
  readonly gray: boolean;
}

function layout(
  id: number,
  bitsPerPixel: number,
  sampleBits: 1 | 8 | 16,
  traits: { alpha?: true; gray?: true } = {},
): PixelLayout {
  return Object.freeze({ id, bitsPerPixel, sampleBits, alpha: !!traits.alpha, gray: !!traits.gray });
}

/** Every pixel format with its layout. */
export const PIXEL_LAYOUTS: Readonly<Record<PixelFormat, PixelLayout>> = Object.freeze({
  gray8: layout(0, 8, 8, { gray: true }),
  graya8: layout(1, 16, 8, { gray: true, alpha: true }),
  rgb8: layout(2, 24, 8),
  rgba8: layout(3, 32, 8, { alpha: true }),
  bgr8: layout(4, 24, 8),
  bgra8: layout(5, 32, 8, { alpha: true }),
  argb8: layout(6, 32, 8, { alpha: true }),
  rgbx8: layout(7, 32, 8),
  bgrx8: layout(8, 32, 8),
  gray16: layout(9, 16, 16, { gray: true }),
  graya16: layout(10, 32, 16, { gray: true, alpha: true }),
  rgb16: layout(11, 48, 16),
  rgba16: layout(12, 64, 16, { alpha: true }),
  gray1: layout(13, 1, 1, { gray: true }),
  indexed8: layout(14, 8, 8),
});

/** The names of all pixel formats. */
export const PIXEL_FORMATS: readonly PixelFormat[] = Object.freeze(
  Object.keys(PIXEL_LAYOUTS) as PixelFormat[],
);

/** Bytes that one row of pixels takes, without padding behind it. */
export function rowBytes(pixelFormat: PixelFormat, width: number): number {
  return Math.ceil((PIXEL_LAYOUTS[pixelFormat].bitsPerPixel * width) / 8);
}

/** Bytes from the first of some rows to the last byte of the last one: no padding is needed behind it. */
export function rowsBytes(
  pixelFormat: PixelFormat,
  width: number,
  strideBytes: number,
  rows: number,
): number {
  return strideBytes * (rows - 1) + rowBytes(pixelFormat, width);
}
