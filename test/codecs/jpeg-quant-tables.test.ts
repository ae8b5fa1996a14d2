import { expect, test } from 'vitest';
import '../setup/wasm.js';
import { encode } from '../../src/encode.js';
import type { RawImage } from '../../src/image.js';

const image: RawImage = {
  data: Uint8Array.from({ length: 40 * 30 * 3 }, (_, i) => (i * i) >> 7),
  width: 40,
  height: 30,
  pixelFormat: 'rgb8',
};
const LUMA = Uint8Array.from({ length: 64 }, (_, i) => 1 + i);
const CHROMA = Array.from({ length: 64 }, (_, i) => 255 - i);

/** T.81 figure A.6: the column and row of the first coefficients of a zigzag, as positions of a table that lies row by row. */
const ZIGZAG_START = [0, 1, 8, 16, 9, 2];

/** The tables of a file, as they lie in it: in zigzag order (T.81 section B.2.4.1). */
function tablesOf(file: Uint8Array): Map<number, number[]> {
  const tables = new Map<number, number[]>();
  for (let at = 2; file[at + 1] !== 0xda; ) {
    const length = (file[at + 2]! << 8) | file[at + 3]!;
    if (file[at + 1] === 0xdb) {
      for (let table = at + 4; table < at + 2 + length; table += 65) {
        tables.set(file[table]!, [...file.subarray(table + 1, table + 65)]);
      }
    }
    at += 2 + length;
  }
  return tables;
}

const startOf = (table: ArrayLike<number>) => ZIGZAG_START.map((at) => table[at]);

test.each(['fast', 'balanced', 'smallest'] as const)(
  'effort %s writes the tables that are given',
  async (effort) => {
    const tables = tablesOf(await encode(image, 'jpeg', { effort, quantTables: [LUMA, CHROMA] }));
    expect(tables.get(0)?.slice(0, 6)).toEqual(startOf(LUMA));
    expect(tables.get(1)?.slice(0, 6)).toEqual(startOf(CHROMA));
  },
);

test('one table serves for luma and chroma', async () => {
  const tables = tablesOf(await encode(image, 'jpeg', { quantTables: [CHROMA] }));
  expect(tables.get(0)).toEqual(tables.get(1));
  expect(tables.get(0)?.slice(0, 6)).toEqual(startOf(CHROMA));
});

test('they do not stay for the next call', async () => {
  const before = await encode(image, 'jpeg', { quality: 60 });
  await encode(image, 'jpeg', { quantTables: [LUMA, CHROMA] });
  expect(Buffer.compare(await encode(image, 'jpeg', { quality: 60 }), before)).toBe(0);
});

test('a quality beside them is a mistake', async () => {
  await expect(encode(image, 'jpeg', { quality: 80, quantTables: [LUMA] })).rejects.toThrow(
    'Expected nothing, as quantTables are given, for quality but received 80 of type number',
  );
});
