import { describe, expect, test } from 'vitest';
import { collectFile } from '../../../src/engines/kernels/collect-file.js';

const MB = 1024 * 1024;

/** Parts that lie in the same memory one after the other, as those of a kernel do. */
function collect(lengths: readonly number[]): { file: Uint8Array; expected: Uint8Array } {
  const expected = new Uint8Array(lengths.reduce((sum, length) => sum + length, 0));
  for (let i = 0; i < expected.length; i++) expected[i] = (i * 31) >> 5;
  const memory = new Uint8Array(Math.max(0, ...lengths));
  const file = collectFile((take) => {
    let at = 0;
    for (const length of lengths) {
      memory.fill(255);
      memory.set(expected.subarray(at, at + length));
      take(memory.subarray(0, length));
      at += length;
    }
  });
  return { file, expected };
}

describe('a file from its parts', () => {
  test.each([
    ['none', []],
    ['one', [1000]],
    ['empty ones', [0, 5, 0]],
    ['many', Array.from({ length: 40 }, (_, i) => 57_000 + i)],
    ['more than is kept', [3 * MB, 3 * MB, 3 * MB]],
    ['one that is larger than what is kept', [1000, 5 * MB, 1000]],
    ['as much as is kept', [4 * MB]],
    ['as much as is kept, and a byte', [4 * MB, 1]],
  ] as const)('%s', (_, lengths) => {
    const { file, expected } = collect(lengths);
    expect(Buffer.compare(file, expected)).toBe(0);
    expect(file.buffer.byteLength).toBe(file.length);
  });

  test('is not changed by the next one, nor by one that failed', () => {
    const { file, expected } = collect([70_000, 70_000]);
    expect(() =>
      collectFile((take) => {
        take(new Uint8Array(100_000).fill(9));
        throw new Error('no more');
      }),
    ).toThrow('no more');
    const next = collect([30_000]);
    expect(Buffer.compare(file, expected)).toBe(0);
    expect(Buffer.compare(next.file, next.expected)).toBe(0);
  });
});
