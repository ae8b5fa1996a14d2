import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readOrientation } from '../../src/container/exif.js';
import { concat, exif, latin1 } from './samples.js';

describe('readOrientation', () => {
  it('reads every value in both byte orders, with and without a prefix', () => {
    for (const littleEndian of [true, false]) {
      for (let value = 0; value < 12; value++) {
        const block = exif(value, littleEndian);
        const expected = value >= 1 && value <= 8 ? value : undefined;
        expect(readOrientation(block)).toBe(expected);
        expect(readOrientation(concat(latin1('Exif\0\0'), block))).toBe(expected);
      }
    }
  });

  it('reads a LONG', () => {
    const block = exif(0, false);
    // Type 4, and the value in four bytes.
    block[25] = 4;
    block[33] = 6;
    expect(readOrientation(block)).toBe(6);
  });

  it('gives nothing where there is nothing', () => {
    const block = exif(6);
    expect(readOrientation(new Uint8Array())).toBeUndefined();
    for (let length = 0; length < 34; length++)
      expect(readOrientation(block.subarray(0, length))).toBeUndefined();
    expect(readOrientation(block.subarray(0, 34))).toBe(6);
    const other = block.slice();
    other[2] = 43;
    expect(readOrientation(other)).toBeUndefined();
  });

  it('ends on any bytes', () => {
    fc.assert(
      fc.property(fc.constantFrom('II*\0', 'MM\0*', 'Exif\0\0II*\0'), fc.uint8Array(), (head, tail) => {
        const value = readOrientation(concat(latin1(head), tail));
        expect(value === undefined || (value >= 1 && value <= 8)).toBe(true);
      }),
    );
  });
});
