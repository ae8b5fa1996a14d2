import fc from 'fast-check';
import { expect, it } from 'vitest';
import { encode } from '../../src/encode.js';
import { freshPixbytes } from '../setup/fresh.js';
import { pngOptions } from './png-options.js';
import { imageShape, makeImage, noise } from './random-image.js';

it('a PNG has the same bytes in a new process and after any other images', async () => {
  await fc.assert(
    fc.asyncProperty(imageShape, pngOptions, async (shape, options) => {
      const { source } = makeImage(shape);
      const { encode: encodeFirst } = await freshPixbytes();
      const first = await encodeFirst(source, 'png', options);
      expect(Buffer.compare(first, await encode(source, 'png', options))).toBe(0);
    }),
    { numRuns: 100 },
  );
});

it('nothing of an image is left for the next: the search for filters looked behind the bytes that were there', async () => {
  const before = [noise(9000, 1), new Uint8Array(9000), noise(9000, 2)];
  const options = fc.record({ level: fc.integer({ min: 0, max: 9 }), interlaced: fc.boolean() });
  const size = fc.record({
    width: fc.integer({ min: 5, max: 60 }),
    height: fc.integer({ min: 5, max: 60 }),
    level: fc.constantFrom(undefined, 7, 8, 9),
  });
  await fc.assert(
    fc.asyncProperty(imageShape, size, options, async (shape, { width, height, level }, choice) => {
      const { source } = makeImage({ ...shape, width, height });
      const all = { ...choice, level: level ?? choice.level, reduce: false };
      const files = [];
      for (const data of before) {
        await encode({ data, width: 100, height: 30, pixelFormat: 'rgb8' }, 'png', {
          ...all,
          interlaced: false,
        });
        files.push(await encode(source, 'png', all));
      }
      for (const file of files) expect(Buffer.compare(file, files[0]!)).toBe(0);
    }),
    { numRuns: 400 },
  );
});
