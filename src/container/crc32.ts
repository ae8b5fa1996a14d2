/** Tables for slicing by 8: table n holds the CRC of a byte with n zero bytes behind it, 256 entries each. */
let tables: Int32Array | undefined;

function makeTables(): Int32Array {
  const made = new Int32Array(8 * 256);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
    made[byte] = crc;
  }
  for (let i = 256; i < made.length; i++) {
    const crc = made[i - 256]!;
    made[i] = (crc >>> 8) ^ made[crc & 0xff]!;
  }
  return made;
}

/** The CRC-32 of PNG (third edition, annex D) over `bytes[start]` to `bytes[end - 1]`, unsigned. */
export function crc32(bytes: Uint8Array, start = 0, end = bytes.length): number {
  tables ??= makeTables();
  const t = tables;
  let crc = -1;
  let at = start;
  // Eight look-ups that do not wait for each other, instead of a chain of eight.
  for (const last = end - 8; at <= last; at += 8) {
    crc ^= bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
    crc =
      t[1792 + (crc & 0xff)]! ^
      t[1536 + ((crc >>> 8) & 0xff)]! ^
      t[1280 + ((crc >>> 16) & 0xff)]! ^
      t[1024 + (crc >>> 24)]! ^
      t[768 + bytes[at + 4]!]! ^
      t[512 + bytes[at + 5]!]! ^
      t[256 + bytes[at + 6]!]! ^
      t[bytes[at + 7]!]!;
  }
  for (; at < end; at++) crc = (crc >>> 8) ^ t[(crc ^ bytes[at]!) & 0xff]!;
  return ~crc >>> 0;
}
