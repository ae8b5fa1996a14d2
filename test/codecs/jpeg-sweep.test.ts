import { expect, it } from 'vitest';
import { encode } from '../../src/encode.js';
import { emptyReport, type Size, sweep } from './jpeg-sweep.js';
import { decibelsLost } from './jpeg-tally.js';
import { VARIANTS } from './jpeg-variants.js';
import { random } from './random-image.js';
import { ALL_FORMATS } from './rgba-reference.js';

// `npm run soak:jpeg` does all sizes from 1x1 to 67x67.
it('a sample of sizes in every pixel format, subsampling and coding: sound files, as good as those of sharp', async () => {
  const next = random(11);
  const side = () => 1 + (next() % 67);
  // Each width and height modulo 16 once, in pairs of chance; small ones; the largest.
  const heights = Array.from({ length: 16 }, (_, i) => i + 16 * (next() % 3) + 1).sort(
    () => (next() % 2) - 0.5,
  );
  const sizes: Size[] = heights.map((height, i) => [i + 16 * (next() % 4) + 1, height]);
  sizes.push([1, 1], [2, 1], [1, 2], [1, side()], [side(), 1], [67, 67]);

  const report = emptyReport();
  expect(await sweep(encode, sizes, report, { share: 2 })).toBe(sizes.length);
  expect(report.faults).toEqual([]);
  expect(report.disagreements).toBe(0);

  const formats = VARIANTS.map(({ name }) => name.split(' ')[0]);
  expect(new Set(formats)).toEqual(new Set(ALL_FORMATS));
  const classes = VARIANTS.length * 3 * 3 * 2;
  expect(report.encodes).toBe(sizes.length * classes);
  expect(Object.keys(report.coverage)).toHaveLength(classes);
  for (const [name, taken] of Object.entries(report.coverage)) {
    expect(Math.min(...Object.values(taken)), `decodes of ${name}`).toBeGreaterThan(0);
  }

  for (const [kind, bound] of [
    ['all', 0.05],
    ['coding', 0.05],
    ['restart', 0.05],
    ['quality', 0.1],
    ['format', 0.1],
  ] as const) {
    for (const [name, sums] of Object.entries(report.tally.classes[kind]!)) {
      // Of black and white pixels there are too few here: one coefficient weighs too much.
      if (!name.includes('gray1')) expect(decibelsLost(sums), name).toBeLessThan(bound);
    }
  }
});
