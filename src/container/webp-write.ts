import { concat } from '../concat.js';
import { FLAGS, type WebpSize } from './webp.js';

/** A chunk of a WebP file: its FourCC and its payload. */
export type WebpChunk = readonly [fourcc: string, payload: Uint8Array];

const HEAD_BYTES = 8;

function tagged(tag: string, length: number): Uint8Array<ArrayBuffer> {
  const head = new Uint8Array(HEAD_BYTES);
  for (let i = 0; i < 4; i++) head[i] = tag.charCodeAt(i);
  new DataView(head.buffer).setUint32(4, length, true);
  return head;
}

/**
 * A WebP file of these chunks, in order: RIFF, as the WebP container specification has it. Chunks of an odd length are padded.
 *
 * @returns the file, in new memory
 */
export function writeWebp(chunks: readonly WebpChunk[]): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array[] = [];
  let length = 4;
  for (const [fourcc, payload] of chunks) {
    const padding = payload.length % 2;
    parts.push(tagged(fourcc, payload.length), payload, new Uint8Array(padding));
    length += HEAD_BYTES + payload.length + padding;
  }
  return concat([tagged('RIFF', length), tagged('WEBP', 0).subarray(0, 4), ...parts]);
}

/**
 * The same with a chunk `VP8X` in front, as files with more than one picture's own chunk need it.
 *
 * @returns the file, in new memory
 */
export function writeExtendedWebp(
  { width, height, hasAlpha }: WebpSize,
  chunks: readonly WebpChunk[],
): Uint8Array<ArrayBuffer> {
  const head = new DataView(new ArrayBuffer(10));
  head.setUint32(0, hasAlpha ? FLAGS.alpha : 0, true);
  // 24 bits each.
  head.setUint32(4, (width - 1) | (((height - 1) & 0xff) << 24), true);
  head.setUint16(8, (height - 1) >> 8, true);
  return writeWebp([['VP8X', new Uint8Array(head.buffer)], ...chunks]);
}
