import { bytesMatch } from '../sniff.js';
import type { ByteReader } from './byte-reader.js';
import type { ImageHeader } from './image-header.js';
import { type Box, boxes, findBox } from './isobmff.js';

/** EXIF orientation by `irot` (quarter turns anti-clockwise), then `imir` (none, top-bottom, left-right). */
const ORIENTATIONS = ['142', '857', '324', '675'] as const;

/**
 * The indices, from 1, of the properties that a box `ipma` gives to an item (ISO 23008-12, section 9.3.1); `undefined` where the
 * item is not in it.
 */
function propertiesOf(reader: ByteReader, { start, end }: Box, item: number): number[] | undefined {
  const idBytes = reader.be(start, 1) ? 4 : 2;
  const indexBytes = reader.be(start + 3, 1) & 1 ? 2 : 1;
  let at = start + 8;
  for (let left = reader.be(start + 4, 4); left && at < end; left--) {
    const id = reader.be(at, idBytes);
    const count = reader.be(at + idBytes, 1);
    at += idBytes + 1;
    if (id === item) {
      // The highest bit says whether a reader has to know the property.
      return Array.from(
        { length: count },
        (_, i) => reader.be(at + i * indexBytes, indexBytes) & (indexBytes > 1 ? 0x7fff : 0x7f),
      );
    }
    at += count * indexBytes;
  }
  return undefined;
}

/** Reads the properties of the primary item; without one, the largest size that any item has. */
export function readAvif(reader: ByteReader): ImageHeader {
  const meta = findBox(reader, 'meta', 0, Number.POSITIVE_INFINITY);
  if (!meta) throw reader.corrupt('no meta box');
  const body = meta.start + 4;
  const pitm = findBox(reader, 'pitm', body, meta.end);
  const iprp = findBox(reader, 'iprp', body, meta.end);
  const ipco = iprp && findBox(reader, 'ipco', iprp.start, iprp.end);
  const ipma = iprp && findBox(reader, 'ipma', iprp.start, iprp.end);
  if (!ipco) throw reader.corrupt('no item properties');
  const item = pitm && reader.be(pitm.start + 4, reader.be(pitm.start, 1) ? 4 : 2);
  const wanted = item === undefined || !ipma ? undefined : propertiesOf(reader, ipma, item);
  let width = 0;
  let height = 0;
  let turns = 0;
  let mirror = 0;
  let index = 0;
  for (const { type, start } of boxes(reader, ipco.start, ipco.end)) {
    index++;
    if (wanted && !wanted.includes(index)) continue;
    if (type === 'ispe') {
      const w = reader.be(start + 4, 4);
      const h = reader.be(start + 8, 4);
      if (w * h > width * height) [width, height] = [w, h];
    }
    if (!wanted) continue;
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
