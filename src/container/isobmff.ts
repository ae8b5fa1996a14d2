import type { ByteReader } from './byte-reader.js';

/** A box of the ISO base media file format (ISO 14496-12, section 4.2): where its content begins and ends. */
export interface Box {
  readonly start: number;
  /** May lie behind the input's end. */
  readonly end: number;
}

/**
 * The boxes between two offsets, by type, in their order. Reading one whose head is missing throws `TRUNCATED_INPUT`; the bytes
 * of the content are not looked at.
 */
export function* boxes(reader: ByteReader, from: number, to: number): Generator<Box & { type: string }> {
  for (let at = from; at < to; ) {
    let size = reader.be(at, 4);
    const type = reader.tag(at + 4);
    let start = at + 8;
    if (size === 1) {
      // 48 of the 64 bits: no file is larger, and a number holds them exactly.
      size = reader.be(start + 2, 6);
      start += 8;
    } else if (!size) {
      // Up to the end of the file.
      size = to - at;
    }
    const end = at + size;
    if (end < start || end > to) throw reader.corrupt(`box at byte ${at}`);
    yield { type, start, end };
    at = end;
  }
}

/** The first box of that type between two offsets. */
export function findBox(reader: ByteReader, type: string, from: number, to: number): Box | undefined {
  for (const box of boxes(reader, from, to)) if (box.type === type) return box;
  return undefined;
}
