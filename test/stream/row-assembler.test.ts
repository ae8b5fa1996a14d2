import fc from 'fast-check';
import { expect, test } from 'vitest';
import { resolveLayout } from '../../src/image.js';
import { RowAssembler } from '../../src/stream/row-assembler.js';

/** Rows of an image of `width` gray pixels, `strideBytes` apart, cut at `cuts`, as they come out again. */
function assemble(
  width: number,
  height: number,
  strideBytes: number,
  length: number,
  cuts: number[],
): number[][] {
  const assembler = new RowAssembler(resolveLayout({ width, height, pixelFormat: 'gray8', strideBytes }));
  const stream = Uint8Array.from({ length }, (_, i) => i % 251);
  const rows: number[][] = [];
  const ends = [...cuts.map((cut) => cut % (length + 1)), length].sort((a, b) => a - b);
  let start = 0;
  for (const end of ends) {
    assembler.push(stream.slice(start, end), (bytes, count) => {
      for (let y = 0; y < count; y++)
        rows.push([...bytes.subarray(y * strideBytes, y * strideBytes + width)]);
    });
    start = end;
  }
  assembler.finish();
  return rows;
}

test('rows come out whole and in order, wherever the pieces end, with the padding of the last row or without', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 9 }),
      fc.integer({ min: 1, max: 9 }),
      fc.integer({ min: 0, max: 5 }),
      fc.nat(5),
      fc.array(fc.nat(200), { maxLength: 12 }),
      (width, height, padding, behind, cuts) => {
        const stride = width + padding;
        const length = stride * height - padding + Math.min(behind, padding);
        const expected = Array.from({ length: height }, (_, y) =>
          Array.from({ length: width }, (_, x) => (y * stride + x) % 251),
        );
        expect(assemble(width, height, stride, length, cuts)).toEqual(expected);
      },
    ),
    { numRuns: 2000 },
  );
});

test('too few bytes and too many are told with both numbers', () => {
  const message = (bytes: string, received: number) =>
    `Expected ${bytes} bytes (2 rows of 3 pixels of gray8) for the length of the stream but received ${received} of type number`;
  expect(() => assemble(3, 2, 3, 5, [])).toThrow(new RangeError(message('6', 5)));
  expect(() => assemble(3, 2, 3, 7, [6])).toThrow(new RangeError(message('6', 7)));
  expect(() => assemble(3, 2, 4, 6, [])).toThrow(new RangeError(message('7 to 8', 6)));
  expect(() => assemble(3, 2, 4, 9, [])).toThrow(new RangeError(message('7 to 8', 9)));
});
