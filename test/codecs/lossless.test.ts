import fc from 'fast-check';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { decode } from '../../src/decode.js';
import { encode } from '../../src/encode.js';
import { DATA_KINDS, type ImageShape, imageShape, makeImage, type RandomImage } from './random-image.js';
import { ALL_FORMATS, depthOf, hasAlpha, type ReferenceImage, referenceRgba } from './rgba-reference.js';

type Depth = 8 | 16;

/** RGBA samples as libvips reads them out of a file. */
async function sharpRgba(
  file: Uint8Array,
  depth: Depth,
  { width, height }: ReferenceImage,
): Promise<Uint16Array> {
  const image = sharp(file).ensureAlpha();
  const { data, info } = await (depth === 8
    ? image.toColourspace('srgb').raw()
    : image.toColourspace('rgb16').raw({ depth: 'ushort' })
  ).toBuffer({ resolveWithObject: true });
  expect([info.width, info.height, info.channels, data.length]).toEqual([
    width,
    height,
    4,
    (width * height * depth) / 2,
  ]);
  if (depth === 8) return Uint16Array.from(data);
  return new Uint16Array(data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength));
}

async function ownRgba(file: Uint8Array, depth: Depth): Promise<Uint16Array> {
  const { data } = await decode(file, { pixelFormat: depth === 8 ? 'rgba8' : 'rgba16' });
  return Uint16Array.from(data);
}

/** Fails with the first pixel that differs: `toEqual` takes seconds on large arrays. */
function expectSamples(actual: Uint16Array, expected: Uint16Array, width: number, judge: string): void {
  const at = expected.findIndex((sample, i) => sample !== actual[i]);
  if (at < 0 && actual.length === expected.length) return;
  const pixel = Math.floor(at / 4);
  const from = pixel * 4;
  expect.fail(
    `${judge}: pixel ${pixel % width}, ${Math.floor(pixel / width)} of ${expected.length / 4}: ` +
      `expected ${expected.slice(from, from + 4)}, received ${actual.slice(from, from + 4)}`,
  );
}

/** Every pixel of the file, by libvips and by our own decoder. `adapt` makes what cannot be compared the same on both sides. */
async function expectPixels(
  file: Uint8Array,
  reference: ReferenceImage,
  depth: Depth,
  adapt: (rgba: Uint16Array) => Uint16Array = (rgba) => rgba,
): Promise<void> {
  const expected = adapt(referenceRgba(reference, depth));
  const [judged, own] = await Promise.all([sharpRgba(file, depth, reference), ownRgba(file, depth)]);
  expectSamples(adapt(judged), expected, reference.width, 'sharp');
  expectSamples(adapt(own), expected, reference.width, 'decode');
}

/** Colour that cannot be seen, gone. */
function withoutInvisibleColour(rgba: Uint16Array): Uint16Array {
  return rgba.map((sample, i) => (rgba[i | 3] === 0 ? 0 : sample));
}

/** Encodes, and sees to it that the caller's memory is as it was. */
async function encodeUnchanged(
  { source, reference }: RandomImage,
  work: () => Promise<Uint8Array<ArrayBuffer>>,
): Promise<Uint8Array<ArrayBuffer>> {
  const before = Buffer.from(reference.bytes);
  const file = await work();
  expect(Buffer.compare(before, reference.bytes), 'the pixels of the caller').toBe(0);
  expect(source.data.byteLength).toBeGreaterThan(0);
  return file;
}

const effort = fc.constantFrom(undefined, 'fast' as const, 'balanced' as const, 'smallest' as const);

describe('PNG', () => {
  const bitDepth = fc.constantFrom(undefined, 8 as const, 16 as const);

  it('is exact for every pixel format, layout and depth', async () => {
    const seen = new Set<string>();
    await fc.assert(
      fc.asyncProperty(imageShape, fc.record({ effort, bitDepth }), async (shape, options) => {
        const image = makeImage(shape);
        const file = await encodeUnchanged(image, () => encode(image.source, 'png', options));
        await expectPixels(file, image.reference, options.bitDepth ?? depthOf(shape.pixelFormat));
        seen.add(shape.pixelFormat).add(shape.kind);
      }),
      { numRuns: 2500 },
    );
    expect(seen).toEqual(new Set([...ALL_FORMATS, ...DATA_KINDS]));
  });

  it.each(ALL_FORMATS)('holds the native depth of %s', async (pixelFormat) => {
    const { source } = makeImage({ ...LARGE, width: 5, height: 3, pixelFormat });
    const { depth } = await sharp(await encode(source, 'png')).metadata();
    expect(depth).toBe(depthOf(pixelFormat) === 16 ? 'ushort' : 'uchar');
  });
});

describe('lossless WebP', () => {
  /** Ways of asking for exact pixels. `quality` and `method` are effort here. */
  const lossless = fc.oneof(
    fc.record({ lossless: fc.constant(true), effort }),
    fc.record({
      lossless: fc.constant(true),
      quality: fc.integer({ min: 0, max: 100 }),
      method: fc.integer({ min: 0, max: 4 }),
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
