import { describe, expect, it } from 'vitest';
import { probe } from '../../src/probe.js';
import { be, bits, box, concat, latin1 } from './samples.js';

type Field = readonly [value: number, count: number];
const SELECTORS = [9, 13, 18, 30] as const;
const jxl = (...fields: readonly Field[]) => concat([0xff, 0x0a], bits(...fields), [0, 0]);
/** A side of the large form, with the shortest of its four lengths. */
const side = (pixels: number): Field[] => {
  const selector = SELECTORS.findIndex((count) => pixels - 1 < 2 ** count);
  return [
    [selector, 2],
    [pixels - 1, SELECTORS[selector]!],
  ];
};
const DEFAULTS: Field = [1, 1];

describe('readJxl', () => {
  it('reads sides in multiples of 8', () => {
    expect(probe(jxl([1, 1], [0, 5], [0, 3], [31, 5], DEFAULTS))).toMatchObject({ width: 256, height: 8 });
    expect(probe(jxl([1, 1], [31, 5], [1, 3], DEFAULTS))).toMatchObject({ width: 256, height: 256 });
  });

  it('reads sides of every length', () => {
    for (const [width, height] of [
      [1, 512],
      [513, 8192],
      [8193, 262144],
      [262145, 2 ** 30],
      [2 ** 30, 1],
    ] as const) {
      expect(probe(jxl([0, 1], ...side(height), [0, 3], ...side(width), DEFAULTS))).toMatchObject({
        format: 'jxl',
        width,
        height,
      });
    }
  });

  it('makes the width of a ratio, rounded down', () => {
    const ratios = [
      [1, 1],
      [12, 10],
      [4, 3],
      [3, 2],
      [16, 9],
      [5, 4],
      [2, 1],
    ] as const;
    for (const [i, [a, b]] of ratios.entries()) {
      for (const height of [1, 7, 9, 1080, 12345, 2 ** 29 + 3]) {
        expect(probe(jxl([0, 1], ...side(height), [i + 1, 3], DEFAULTS)).width).toBe(
          Number((BigInt(height) * BigInt(a)) / BigInt(b)),
        );
      }
    }
  });

  it('reads the orientation', () => {
    const size: Field[] = [
      [1, 1],
      [0, 5],
      [1, 3],
    ];
    for (let orientation = 1; orientation <= 8; orientation++) {
      expect(probe(jxl(...size, [0, 1], [1, 1], [orientation - 1, 3])).orientation).toBe(orientation);
    }
    expect(probe(jxl(...size, [0, 1], [0, 1], [7, 3])).orientation).toBeUndefined();
    expect(probe(jxl(...size, [1, 1], [1, 1], [7, 3])).orientation).toBeUndefined();
  });

  it('finds the codestream in a container, whole or in parts', () => {
    const stream = jxl([1, 1], [0, 5], [0, 3], [31, 5], DEFAULTS);
    const head = concat(
      box('JXL ', latin1('\r\n\x87\n')),
      box('ftyp', latin1('jxl \0\0\0\0jxl ')),
      box('jxll', [5]),
    );
    const expected = { format: 'jxl', mimeType: 'image/jxl', width: 256, height: 8 };
    expect(probe(concat(head, box('jxlc', stream)))).toMatchObject(expected);
    expect(probe(concat(head, box('jxlp', be(0, 4), stream)))).toMatchObject(expected);
    expect(() => probe(concat(head, box('jxlc', [1, 2, 3, 4, 5, 6, 7, 8])))).toThrow(
      expect.objectContaining({ code: 'CORRUPT_INPUT' }),
    );
  });
});
