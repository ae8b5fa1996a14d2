import { expect, test } from 'vitest';
import { columnsOf, fitEnd } from '../../src/cli/text-width.js';

test.each([
  ['abc', 3],
  ['写真', 4],
  ['e\u0301', 1],
  ['👩‍👩‍👧', 2],
  ['', 0],
])('%j takes %i columns', (text, columns) => {
  expect(columnsOf(text)).toBe(columns);
});

test.each([
  ['photos/a.png', 12, 'photos/a.png'],
  ['photos/a.png', 11, '…otos/a.png'],
  ['photos/a.png', 1, '…'],
  ['写真/写真.png', 8, '…真.png'],
  ['写真/写真.png', 9, '…写真.png'],
  ['x/👩‍👩‍👧.png', 6, '….png'],
  ['x/👩‍👩‍👧.png', 7, '…👩‍👩‍👧.png'],
])('of %j the last %i columns are %j', (text, columns, fitting) => {
  expect(fitEnd(text, columns)).toBe(fitting);
});
