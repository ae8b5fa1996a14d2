import type { ImageLayout } from '../../image.js';
import { PIXEL_LAYOUTS, type PixelFormat } from '../../pixel-format.js';
import { type ConvertTarget, loadPixels } from './pixels.js';

/** Rows on their way into an encoder's memory. */
export interface RowConversion {
  /** What they become there, rows adjacent. */
  readonly pixelFormat: PixelFormat;
  /**
   * Converts `rows` rows that lie `strideBytes` apart.
   *
   * @param out takes them, rows adjacent
   */
  convert(bytes: Uint8Array, strideBytes: number, rows: number, out: Uint8Array): void;
}

/**
 * A conversion strip by strip by the kernel `pixels`, so that the whole image never lies in memory twice.
 *
 * @throws CodecError `WASM_LOAD_FAILED`
 */
export async function openConversion(layout: ImageLayout, target: ConvertTarget): Promise<RowConversion> {
  const kernel = await loadPixels();
  return {
    pixelFormat: target.pixelFormat,
    convert(bytes, strideBytes, rows, out) {
      kernel.convert({ ...layout, bytes, strideBytes, height: rows }, target, out);
    },
  };
}

/** Whether rows can be read as they are by an encoder that reads these formats, all of them with straight alpha. */
export function isReadable(
  { pixelFormat, premultiplied }: ImageLayout,
  formats: readonly PixelFormat[],
): boolean {
  return formats.includes(pixelFormat) && !(premultiplied && PIXEL_LAYOUTS[pixelFormat].alpha);
}
