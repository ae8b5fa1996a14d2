import fc from 'fast-check';
import type { PngEncodeOptions } from '../../src/options.js';

/** Filters by their type (section 9.2). */
export const FILTERS = ['none', 'sub', 'up', 'average', 'paeth'] as const;

/** Ways of asking for a PNG that leave its pixels alone. The depth apart: less than 8 bits not every image fits into. */
export const pngOptions: fc.Arbitrary<Omit<PngEncodeOptions, 'bitDepth'>> = fc.record(
  {
    effort: fc.constantFrom('fast' as const, 'balanced' as const, 'smallest' as const),
    level: fc.integer({ min: 0, max: 9 }),
    filter: fc.constantFrom('auto' as const, ...FILTERS),
    interlaced: fc.boolean(),
    reduce: fc.boolean(),
  },
  { requiredKeys: [] },
);
