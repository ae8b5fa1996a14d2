import { deflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { concat, ihdr, PNG_SIGNATURE, pngChunk } from '../container/samples.js';
import { pngRgba, readPngFile } from './png-file.js';

/** A file of these chunks between IHDR and IEND. */
const png = (header: Uint8Array, ...chunks: Uint8Array[]) =>
  concat(PNG_SIGNATURE, header, ...chunks, pngChunk('IEND'));

const idat = (rows: readonly number[]) => pngChunk('IDAT', deflateSync(Uint8Array.from(rows)));

const GRAY = ihdr(2, 2, 8, 0);
const ROWS = [0, 1, 2, 0, 3, 4];

describe('the strict reader of PNG', () => {
  it('reads every filter', () => {
    const rows = [0, 1, 2, 3, 1, 5, 1, 1, 2, 1, 1, 1, 3, 1, 1, 1, 4, 1, 1, 1];
    const { samples, filters } = readPngFile(png(ihdr(3, 5, 8, 0), idat(rows)));
    expect([...samples]).toEqual([1, 2, 3, 5, 6, 7, 6, 7, 8, 4, 6, 8, 5, 7, 9]);
    expect(filters).toEqual([0, 1, 2, 3, 4]);
  });

  it('reads samples of less than a byte, palettes and key colours', () => {
    const gray = readPngFile(png(ihdr(3, 1, 2, 0), pngChunk('tRNS', [0, 2]), idat([0, 0b01_10_11_00])));
    expect([...gray.samples]).toEqual([1, 2, 3]);
    expect([...pngRgba(gray, 8)]).toEqual([85, 85, 85, 255, 170, 170, 170, 0, 255, 255, 255, 255]);
    const plte = pngChunk('PLTE', [1, 2, 3, 4, 5, 6]);
    const indexed = readPngFile(png(ihdr(2, 1, 1, 3), plte, pngChunk('tRNS', [9]), idat([0, 0b0100_0000])));
    expect([...pngRgba(indexed, 8)]).toEqual([1, 2, 3, 9, 4, 5, 6, 255]);
    expect([...pngRgba(indexed, 16)]).toEqual([257, 514, 771, 2313, 1028, 1285, 1542, 65_535]);
  });

  const good = png(GRAY, idat(ROWS));
  const zlib = deflateSync(Uint8Array.from(ROWS));
  const changed = (at: number, by: number) => good.map((byte, i) => (i === at ? byte ^ by : byte));

  it.each([
    ['a wrong signature', changed(0, 1), /signature/],
    ['a wrong CRC', changed(30, 1), /CRC of IHDR/],
    ['bytes behind IEND', concat(good, [0]), /cut off/],
    ['another chunk behind IEND', concat(good, pngChunk('IEND')), /order of chunks/],
    ['an end that is missing', good.subarray(0, -12), /order of chunks/],
    ['a file that is cut off', good.subarray(0, -1), /length of a chunk|cut off/],
    ['a chunk that nobody asked for', png(GRAY, pngChunk('tEXt', [65, 0]), idat(ROWS)), /order of chunks/],
    ['IDAT in two places', png(GRAY, idat(ROWS), pngChunk('tRNS', [0, 1]), idat(ROWS)), /order of chunks/],
    ['an empty IDAT', png(GRAY, pngChunk('IDAT'), idat(ROWS)), /empty IDAT/],
    ['a depth that the type has not', png(ihdr(2, 2, 4, 2), idat(ROWS)), /colour type and depth/],
    ['no height', png(ihdr(2, 0, 8, 0), idat(ROWS)), /size/],
    ['an unknown interlacing', png(ihdr(2, 2, 8, 0, 2), idat(ROWS)), /interlace/],
    ['a palette beside gray', png(GRAY, pngChunk('PLTE', [0, 0, 0]), idat(ROWS)), /PLTE without need/],
    ['no palette', png(ihdr(2, 2, 8, 3), idat(ROWS)), /PLTE/],
    ['a broken palette', png(ihdr(2, 2, 8, 3), pngChunk('PLTE', [0]), idat(ROWS)), /PLTE/],
    [
      'too many entries',
      png(ihdr(2, 2, 1, 3), pngChunk('PLTE', new Uint8Array(9)), idat([0, 0, 0, 0])),
      /number of palette entries/,
    ],
    ['an index too high', png(ihdr(2, 2, 8, 3), pngChunk('PLTE', new Uint8Array(12)), idat(ROWS)), /index/],
    [
      'more alpha than entries',
      png(ihdr(1, 1, 8, 3), pngChunk('PLTE', [0, 0, 0]), pngChunk('tRNS', [1, 2]), idat([0, 0])),
      /length of tRNS/,
    ],
    ['a key colour of more bits', png(GRAY, pngChunk('tRNS', [1, 0]), idat(ROWS)), /samples of tRNS/],
    [
      'tRNS beside alpha',
      png(ihdr(1, 1, 8, 4), pngChunk('tRNS', [0, 0]), idat([0, 0, 0])),
      /beside an alpha channel/,
    ],
    ['an unknown filter', png(GRAY, idat([0, 1, 2, 5, 3, 4])), /filter type/],
    ['a row too few', png(GRAY, idat([0, 1, 2])), /3 bytes of rows, not 6/],
    ['a byte too many', png(GRAY, idat([...ROWS, 0])), /7 bytes of rows, not 6/],
    ['padding that is not zero', png(ihdr(1, 1, 1, 0), idat([0, 0b1000_0001])), /padding/],
    ['bytes behind the stream', png(GRAY, pngChunk('IDAT', concat(zlib, [0]))), /1 bytes behind the stream/],
    [
      'a wrong Adler-32',
      png(
        GRAY,
        pngChunk(
          'IDAT',
          zlib.map((b, i) => (i === zlib.length - 1 ? b ^ 1 : b)),
        ),
      ),
      /check/,
    ],
    ['a dictionary', png(GRAY, pngChunk('IDAT', concat([0x78, 0xbb], zlib.subarray(2)))), /check bits/],
    ['another method', png(GRAY, pngChunk('IDAT', concat([0x79, 0x9c], zlib.subarray(2)))), /zlib method/],
  ])('refuses %s', (_, file, message) => {
    expect(() => readPngFile(file)).toThrow(message);
  });
});
