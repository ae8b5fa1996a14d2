import { deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { decodePng } from '../../src/codecs/png.js';
import { be, concat, ihdr, PNG_SIGNATURE, pngChunk } from '../container/samples.js';

describe('key colour (tRNS)', () => {
  // One row of four pixels; the key colour is the sample of the second, with bits set that the image does not have.
  it.each([
    ['gray, 1 bit', 1, 0, [0b0101_0000], [0xff]],
    ['gray, 2 bits', 2, 0, [0b00_01_10_11], [0xfd]],
    ['gray, 4 bits', 4, 0, [0x0a, 0x5f], [0x123a]],
    ['gray, 8 bits', 8, 0, [1, 200, 3, 4], [0x77c8]],
    ['gray, 16 bits', 16, 0, [0, 1, 0x12, 0x34, 0, 2, 0, 3], [0x1234]],
    ['RGB, 8 bits', 8, 2, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], [0x0104, 0xff05, 0x8006]],
  ])('only the bits of the image count: %s', async (_, depth, colorType, row, key) => {
    const file = concat(
      PNG_SIGNATURE,
      ihdr(4, 1, depth, colorType),
      pngChunk('tRNS', concat(...key.map((sample) => be(sample, 2)))),
      pngChunk('IDAT', deflateSync(Uint8Array.from([0, ...row]))),
      pngChunk('IEND'),
    );
    const before = Buffer.from(file);
    const { data } = await decodePng(before);
    const expected = await sharp(file).ensureAlpha().toColourspace('srgb').raw().toBuffer();
    const alpha = (pixels: Uint8Array | Uint16Array) => [3, 7, 11, 15].map((at) => pixels[at]);
    expect(alpha(data)).toEqual(alpha(expected));
    expect(alpha(data).filter((sample) => sample === 0).length).toBe(depth === 1 ? 2 : 1);
    expect([...before]).toEqual([...file]);
  });
});
