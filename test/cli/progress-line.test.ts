import picocolors from 'picocolors';
import { describe, expect, test } from 'vitest';
import { type ProgressState, progressLine } from '../../src/cli/progress-line.js';
import { columnsOf } from '../../src/cli/text-width.js';

const PLAIN = picocolors.createColors(false);
const STATE: ProgressState = {
  files: 300,
  through: 75,
  failed: 3,
  megapixelsPerSecond: 12.34,
  secondsLeft: 65,
  path: 'photos/2024/holiday/IMG_0001.jpg',
};

const line = (columns: number, state: Partial<ProgressState> = {}) =>
  progressLine({ ...STATE, ...state }, columns, PLAIN);

test.each([
  [
    120,
    '██████░░░░░░░░░░░░░░░░░░   75/300  3 failed  1:05 left  12.3 MP/s  photos/2024/holiday/IMG_0001.jpg',
  ],
  [90, '██████░░░░░░░░░░░░░░░░░░   75/300  3 failed  1:05 left  12.3 MP/s  …/holiday/IMG_0001.jpg'],
  [60, '████░░░░░░░░░░░░   75/300  3 failed  1:05 left  12.3 MP/s'],
  [40, '██░░░░░░   75/300  3 failed  1:05 left'],
  [20, ' 75/300  3 failed'],
  [8, ' 75/300'],
  [4, ''],
])('in %i columns', (columns, text) => {
  expect(line(columns)).toBe(text);
});

test('is never wider than the terminal, whatever the names', () => {
  const names = [
    'a',
    'photos/写真/写真写真写真写真写真写真写真写真.png',
    `${'👩‍👩‍👧'.repeat(60)}.png`,
    'x'.repeat(500),
  ];
  for (const path of names) {
    for (let columns = 1; columns <= 200; columns++) {
      expect(columnsOf(line(columns, { path }))).toBeLessThan(columns);
    }
  }
});

describe('what cannot be told is left out', () => {
  test('at the beginning', () => {
    const begin = { through: 0, failed: 0, megapixelsPerSecond: 0, secondsLeft: undefined, path: undefined };
    expect(line(100, begin)).toBe('░░░░░░░░░░░░░░░░░░░░░░░░    0/300');
  });

  test('at the end the bar is full, and not before', () => {
    expect(line(50, { through: 299 })).toContain('███████░');
    expect(line(50, { through: 300 })).toContain('████████');
  });
});

test.each([
  [0, '0:00 left'],
  [59, '0:59 left'],
  [3599, '59:59 left'],
  [3661, '1:01:01 left'],
])('%i seconds are %s', (secondsLeft, text) => {
  expect(line(100, { secondsLeft })).toContain(`  ${text}  `);
});

test.each([
  [0.004, ''],
  [0.034, '0.03 MP/s  '],
  [1, '1.0 MP/s  '],
  [140.7, '141 MP/s  '],
])('%f megapixels a second are %j', (megapixelsPerSecond, text) => {
  expect(line(100, { megapixelsPerSecond, path: 'a-long-enough-path' })).toMatch(
    new RegExp(`1:05 left  ${text}a-long`),
  );
});

test('control characters in a name do not reach the terminal', () => {
  expect(line(100, { path: 'a\n\u001b[2Jb.png' })).toContain('a\\n\\u001b[2Jb.png');
});

test('colours take no room', () => {
  const colored = progressLine(STATE, 90, picocolors.createColors(true));
  expect(colored).toContain('\u001b[31m3 failed\u001b[39m');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what colours begin with
  expect(colored.replaceAll(/\u001b\[\d+m/g, '')).toBe(line(90));
});
