import { bytesMatch } from '../sniff.js';
import type { ByteReader } from './byte-reader.js';
import type { ImageHeader } from './image-header.js';
import { type Box, boxes, findBox } from './isobmff.js';

/** EXIF orientation by `irot` (quarter turns anti-clockwise), then `imir` (none, top-bottom, left-right). */
const ORIENTATIONS = ['142', '857', '324', '675'] as const;

/**
 * The indices, from 1, of the properties that a box `ipma` gives to an item (ISO 23008-12, section 9.3.1); none where the
 * item is not in it.
 */
function propertiesOf(reader: ByteReader, { start, end }: Box, item: number): Set<number> {
  const idBytes = reader.be(start, 1) ? 4 : 2;
  const indexBytes = 1 + (reader.be(start + 3, 1) & 1);
  const found = new Set<number>();
  for (let at = start + 8; at < end; ) {
    const id = reader.be(at, idBytes);
    at += idBytes;
    for (let left = reader.be(at++, 1); left; left--) {
      // The highest bit says whether a reader has to know the property.
      if (id === item) found.add(reader.be(at, indexBytes) & (indexBytes > 1 ? 0x7fff : 0x7f));
      at += indexBytes;
    }
  }
  return found;
}

/** Reads the properties of the primary item; where they are not told apart, takes the largest size that any item has. */
export function readAvif(reader: ByteReader): ImageHeader {
  const meta = findBox(reader, 'meta', 0, Number.POSITIVE_INFINITY);
  // A version and flags come first.
  const body = meta && meta.start + 4;
  const pitm = meta && findBox(reader, 'pitm', body!, meta.end);
  const iprp = meta && findBox(reader, 'iprp', body!, meta.end);
  const ipco = iprp && findBox(reader, 'ipco', iprp.start, iprp.end);
  const ipma = iprp && findBox(reader, 'ipma', iprp.start, iprp.end);
  if (!ipco) throw reader.corrupt('no item properties');
  const wanted =
    pitm && ipma
      ? propertiesOf(reader, ipma, reader.be(pitm.start + 4, reader.be(pitm.start, 1) ? 4 : 2))
      : new Set<number>();
  let width = 0;
  let height = 0;
  let turns = 0;
  let mirror = 0;
  let index = 0;
  for (const { type, start } of boxes(reader, ipco.start, ipco.end)) {
    index++;
    if (wanted.size && !wanted.has(index)) continue;
    if (type === 'ispe') {
      const w = reader.be(start + 4, 4);
      const h = reader.be(start + 8, 4);
      if (w * h > width * height) [width, height] = [w, h];
    }
    if (type === 'irot') turns = reader.be(start, 1) & 3;
    if (type === 'imir') mirror = 1 + (reader.be(start, 1) & 1);
  }
  reader.checkSize(width, height);
  return {
    width,
    height,
    animated: bytesMatch(reader.bytes, 'avis', 8),
    orientation: turns || mirror ? Number(ORIENTATIONS[turns]![mirror]) : undefined,
  };
}
