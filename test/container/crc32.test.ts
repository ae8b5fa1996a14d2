import { describe, expect, it } from 'vitest';
import { crc32 } from '../../src/container/crc32.js';
import { latin1 } from './samples.js';

/** As the standard defines it, a bit at a time. */
function bitwise(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let i = 0; i < 8; i++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return (crc ^ 0xffffffff) >>> 0;
}

describe('crc32', () => {
  it('gives the check value of the standard', () => {
    expect(crc32(latin1('123456789'))).toBe(0xcbf43926);
    expect(crc32(latin1('IEND'))).toBe(0xae426082);
  });

  it('agrees with the definition at every length and offset', () => {
    const bytes = Uint8Array.from({ length: 240 }, (_, i) => (i * 2654435761) >>> 24);
    for (let length = 0; length <= 200; length++) {
      const start = length % 17;
      expect(crc32(bytes, start, start + length)).toBe(bitwise(bytes.subarray(start, start + length)));
    }
  });
});
