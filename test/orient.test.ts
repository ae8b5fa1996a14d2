import { describe, expect, it } from 'vitest';
import { orient } from '../src/orient.js';

/** Where in the stored image the pixel comes from that stands at x, y when upright (EXIF 2.32, section 4.6.4, tag 0x0112). */
const STORED: Readonly<Record<number, (x: number, y: number, w: number, h: number) => [number, number]>> = {
  1: (x, y) => [x, y],
  2: (x, y, w) => [w - 1 - x, y],
  3: (x, y, w, h) => [w - 1 - x, h - 1 - y],
  4: (x, y, _, h) => [x, h - 1 - y],
  5: (x, y) => [y, x],
  6: (x, y, _, h) => [y, h - 1 - x],
  7: (x, y, w, h) => [w - 1 - y, h - 1 - x],
  8: (x, y, w) => [w - 1 - y, x],
};

describe.each([4, 8] as const)('pixels of %i bytes', (size) => {
  it.each(Object.keys(STORED).map(Number))('of orientation %i stand upright', (orientation) => {
    for (const [width, height] of [
      [1, 1],
      [1, 5],
      [6, 1],
      [5, 3],
      [3, 4],
      [17, 9],
    ] as const) {
      // Every eighth byte ends an opaque pixel of 16 bits a sample, which as a double is a NaN.
      const data = Uint8Array.from({ length: width * height * size }, (_, i) => (i % 8 > 5 ? 255 : i * 37));
      const result = orient({ data, width, height }, orientation, size);
      const [outWidth, outHeight] = orientation > 4 ? [height, width] : [width, height];
      expect([result.width, result.height, result.data.length]).toEqual([outWidth, outHeight, data.length]);
      for (let y = 0; y < outHeight; y++) {
        for (let x = 0; x < outWidth; x++) {
          const [fromX, fromY] = STORED[orientation]!(x, y, width, height);
          const from = (fromY * width + fromX) * size;
          const at = (y * outWidth + x) * size;
          expect([...result.data.subarray(at, at + size)]).toEqual([...data.subarray(from, from + size)]);
        }
      }
    }
  });

  it.each([0, 9, 1, Number.NaN])('of orientation %d are left alone', (orientation) => {
    const pixels = { data: new Uint8Array(size * 2), width: 2, height: 1 };
    expect(orient(pixels, orientation, size)).toBe(pixels);
  });
});
