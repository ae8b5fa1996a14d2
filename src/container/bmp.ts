import type { ByteReader } from './byte-reader.js';
import type { ImageHeader } from './image-header.js';

/** Where the bitmap header begins: behind the file header. */
const HEADER = 14;

/** Reads the bitmap header: BITMAPCOREHEADER with its 12 bytes, or one of those that begin as BITMAPINFOHEADER does. */
export function readBmp(reader: ByteReader): ImageHeader {
  const size = reader.le(HEADER, 4);
  const core = size === 12;
  if (!core && size < 16) throw reader.corrupt(`header of ${size} bytes`);
  const bytes = core ? 2 : 4;
  const width = reader.le(HEADER + 4, bytes);
  const rows = reader.le(HEADER + 4 + bytes, bytes);
  // Signed in the larger headers; a negative height says that the rows run from the top down.
  const height = core ? rows : Math.abs(rows | 0);
  reader.checkSize(Math.max(width | 0, 0), height);
  return { width, height, animated: false, frameCount: 1 };
}
