import type { ByteReader } from './byte-reader.js';
import type { ImageHeader } from './image-header.js';
import { boxes } from './isobmff.js';

/** Width by height, in 180ths, by the field `ratio` of SizeHeader from 1 on: 1, 6:5, 4:3, 3:2, 16:9, 5:4 and 2. */
const RATIOS = [180, 216, 240, 270, 320, 225, 360] as const;

/** Where the codestream begins: at once, or in the first box that holds it (ISO 18181-2). */
function findCodestream(reader: ByteReader): number {
  if (reader.be(0, 2) === 0xff0a) return 0;
  for (const { type, start } of boxes(reader, 0, Number.POSITIVE_INFINITY)) {
    if (type === 'jxlc') return start;
    // Behind the number of the part.
    if (type === 'jxlp') return start + 4;
  }
  throw reader.corrupt('no codestream');
}

/** Reads SizeHeader and the beginning of ImageMetadata (ISO 18181-1, annex D). */
export function readJxl(reader: ByteReader): ImageHeader {
  const start = findCodestream(reader);
  if (reader.be(start, 2) !== 0xff0a) throw reader.corrupt('no codestream');
  let bit = (start + 2) * 8;
  // Bits run from the lowest of a byte up.
  const take = (count: number): number => {
    let value = 0;
    for (let i = 0; i < count; i++, bit++) value += ((reader.be(bit >> 3, 1) >> (bit & 7)) & 1) * 2 ** i;
    return value;
  };
  const side = (small: number): number => (small ? (take(5) + 1) * 8 : 1 + take([9, 13, 18, 30][take(2)]!));
  const small = take(1);
  const height = side(small);
  const ratio = RATIOS[take(3) - 1];
  const width = ratio ? Math.floor((height * ratio) / 180) : side(small);
  // ImageMetadata follows: not all default, with extra fields, the first of which is the orientation.
  const present = reader.bytes.length * 8 >= bit + 5;
  return { width, height, orientation: present && !take(1) && take(1) ? take(3) + 1 : undefined };
}
