import { describe, expect, it } from 'vitest';
import { writeExtendedWebp, writeWebp } from '../../src/container/webp-write.js';
import { probe } from '../../src/probe.js';
import { le, riffChunk, vp8x, webp } from './samples.js';

const PICTURE = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9);

describe('writeWebp', () => {
  it('has the sizes of the chunks and of all, and pads what is odd', () => {
    const file = writeWebp([['VP8 ', PICTURE]]);
    expect([...file]).toEqual([...webp(riffChunk('VP8 ', [...PICTURE]))]);
    expect(file.length).toBe(30);
    expect([...file.subarray(4, 8)]).toEqual(le(22, 4));
    expect(file[29]).toBe(0);
    expect(writeWebp([['VP8L', PICTURE.subarray(1)]]).length).toBe(28);
  });
});

describe('writeExtendedWebp', () => {
  it.each([
    [1, 1],
    [16_383, 255],
    [256, 257],
    [257, 16_383],
    [2 ** 24, 2 ** 24],
  ])('says %i x %i, and whether there is alpha', (width, height) => {
    for (const hasAlpha of [false, true]) {
      const file = writeExtendedWebp({ width, height, hasAlpha }, [['VP8 ', PICTURE]]);
      const expected = webp(vp8x(hasAlpha ? 0x10 : 0, width, height), riffChunk('VP8 ', [...PICTURE]));
      expect([...file]).toEqual([...expected]);
      expect(probe(file)).toMatchObject({ width, height, hasAlpha });
    }
  });
});
