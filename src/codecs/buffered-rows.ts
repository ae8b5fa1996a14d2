import type { RowEncoder } from '../engines/engine.js';
import { copyRows } from '../engines/kernels/copy-rows.js';
import { wrongValue } from '../errors.js';
import type { CompressedFormat } from '../formats.js';
import type { ImageLayout, PixelSource } from '../image.js';
import { checkMemory, type Limits } from '../limits.js';
import { rowBytes } from '../pixel-format.js';

/**
 * Rows for an engine that takes nothing but whole images: they are kept until the last one is there.
 *
 * @throws CodecError `LIMIT_EXCEEDED` where the rows alone need more memory than they may
 */
export function bufferRows(
  layout: ImageLayout,
  format: CompressedFormat,
  limits: Required<Limits>,
  encode: (image: PixelSource) => Promise<Uint8Array<ArrayBuffer>>,
): RowEncoder {
  const { width, height, pixelFormat } = layout;
  const row = rowBytes(pixelFormat, width);
  checkMemory(row * height, format, limits);
  const kept = new Uint8Array(row * height);
  let rows = 0;
  return {
    write(bytes, strideBytes, count) {
      if (!(count >= 0 && count <= height - rows))
        throw wrongValue(`0 to ${height - rows} rows`, 'rows', count);
      if (count > 0) copyRows(bytes, strideBytes, count, row, kept.subarray(rows * row), row);
      rows += count;
      return [];
    },
    async finish() {
      if (rows < height) throw wrongValue('all rows of the image', 'rows left', height - rows);
      return [await encode({ ...layout, bytes: kept, strideBytes: row })];
    },
    get memoryBytes() {
      return kept.length;
    },
  };
}
