import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encode } from '../../src/encode.js';
import { encodeUnchanged, expectPixels } from './lossless-judges.js';
import { type ImageShape, imageShape, makeImage } from './random-image.js';
import { ALL_FORMATS, depthOf, hasAlpha, referenceRgba } from './rgba-reference.js';

/** Colour that cannot be seen, gone. */
function withoutInvisibleColour(rgba: Uint16Array): Uint16Array {
  return rgba.map((sample, i) => (rgba[i | 3] === 0 ? 0 : sample));
}

const effort = fc.constantFrom(undefined, 'fast' as const, 'balanced' as const, 'smallest' as const);

describe('lossless WebP', () => {
  /** Ways of asking for exact pixels. `method` is effort here, and `quality` says nothing. */
  const lossless = fc.oneof(
    fc.record({ lossless: fc.constant(true), effort }),
    fc.record({
      lossless: fc.constant(true),
      quality: fc.integer({ min: 0, max: 100 }),
      method: fc.integer({ min: 0, max: 6 }),
    }),
    fc.record({ nearLossless: fc.constant(100), method: fc.constant(1) }),
  );

  it('is exact for every pixel format and layout, and `exact` keeps colour that cannot be seen', async () => {
    let dirty = 0;
    await fc.assert(
      fc.asyncProperty(imageShape, lossless, async (shape, options) => {
        const image = makeImage(shape);
        const file = await encodeUnchanged(image, () =>
          encode(image.source, 'webp', { ...options, exact: true }),
        );
        await expectPixels(file, image.reference, 8);
        const rgba = referenceRgba(image.reference, 8);
        if (withoutInvisibleColour(rgba).some((sample, i) => sample !== rgba[i])) dirty++;
      }),
      { numRuns: 1000 },
    );
    // Else the option would not have been put to the test.
    expect(dirty).toBeGreaterThan(50);
  });

  it('is exact where it can be seen without `exact`', async () => {
    await fc.assert(
      fc.asyncProperty(imageShape, lossless, async (shape, options) => {
        const image = makeImage(shape);
        const file = await encodeUnchanged(image, () => encode(image.source, 'webp', options));
        await expectPixels(file, image.reference, 8, withoutInvisibleColour);
      }),
      { numRuns: 600 },
    );
  });

  it('does drop colour that cannot be seen unless `exact` is set', async () => {
    const data = Uint8Array.from({ length: 16 * 16 * 4 }, (_, i) => (i % 4 === 3 ? 0 : i * 7));
    const image = { data, width: 16, height: 16 };
    const kept = await encode(image, 'webp', { lossless: true, exact: true });
    const dropped = await encode(image, 'webp', { lossless: true });
    expect(dropped.length).toBeLessThan(kept.length);
  });
});

/** Wider than what the kernel converts at once, and of several strips. */
const LARGE: ImageShape = {
  pixelFormat: 'rgba8',
  width: 9001,
  height: 13,
  padding: 3,
  offset: 5,
  trailing: 0,
  kind: 'Uint8Array',
  premultiplied: false,
  content: 'gradient',
  paletteLength: 200,
  paletteAs: 'RGBA',
  inferred: false,
  seed: 11,
};

describe.each(ALL_FORMATS)('a wide image of %s', (pixelFormat) => {
  it.each([false, true])('is exact, premultiplied %s', async (premultiplied) => {
    const image = makeImage({ ...LARGE, pixelFormat, premultiplied });
    expect(hasAlpha(image.reference)).toBe(/a8|argb|a16|indexed/.test(pixelFormat));
    const png = await encode(image.source, 'png');
    const webp = await encode(image.source, 'webp', { lossless: true, exact: true, effort: 'fast' });
    await expectPixels(png, image.reference, depthOf(pixelFormat));
    await expectPixels(webp, image.reference, 8);
  });
});
