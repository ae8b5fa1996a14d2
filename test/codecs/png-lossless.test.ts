import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encode } from '../../src/encode.js';
import type { PixelFormat } from '../../src/index.js';
import type { PngEncodeOptions } from '../../src/options.js';
import { encodeUnchanged, expectPng } from './lossless-judges.js';
import type { PngFile } from './png-file.js';
import { FILTERS, pngOptions } from './png-options.js';
import { DATA_KINDS, type ImageShape, imageShape, makeImage, type RandomImage } from './random-image.js';
import { ALL_FORMATS, depthOf, hasAlpha, referenceRgba, samplesOf } from './rgba-reference.js';

/** Encodes, and lets every judge look at it. */
async function expectExact(image: RandomImage, options: PngEncodeOptions): Promise<PngFile> {
  const { reference } = image;
  const depth =
    options.bitDepth === undefined ? depthOf(reference.pixelFormat) : options.bitDepth > 8 ? 16 : 8;
  const file = await encodeUnchanged(image, () => encode(image.source, 'png', options));
  const png = await expectPng(file, referenceRgba(reference, depth), reference, depth);
  expect(png.interlaced).toBe(options.interlaced ?? false);
  const { filter = 'auto' } = options;
  if (filter !== 'auto') expect(new Set(png.filters)).toEqual(new Set([FILTERS.indexOf(filter)]));
  if (options.bitDepth !== undefined) expect(png.bitDepth).toBe(options.bitDepth);
  return png;
}

/** Colour type and depth that a pixel format is written as where nothing may be left out; of indices, the least that holds them. */
function ownLayout(pixelFormat: PixelFormat): readonly [colorType: number, bitDepth: number] {
  if (pixelFormat === 'gray1') return [0, 1];
  if (pixelFormat === 'indexed8') return [3, 8];
  const samples = samplesOf(pixelFormat);
  return [(samples.includes('Y') ? 0 : 2) + (samples.includes('A') ? 4 : 0), depthOf(pixelFormat)];
}

describe('PNG', () => {
  it('is exact for every pixel format, layout and option', async () => {
    const seen = new Set<string>();
    await fc.assert(
      fc.asyncProperty(imageShape, pngOptions, async (shape, options) => {
        const { colorType, bitDepth, interlaced } = await expectExact(makeImage(shape), options);
        seen.add(shape.pixelFormat).add(shape.kind).add(`${colorType} ${bitDepth} ${interlaced}`);
        for (const [name, value] of Object.entries(options)) seen.add(`${name} ${value}`);
      }),
      { numRuns: 4000 },
    );
    const layouts = [
      '0 1',
      '0 2',
      '0 4',
      '0 8',
      '0 16',
      '2 8',
      '2 16',
      '3 1',
      '3 2',
      '3 4',
      '3 8',
      '4 8',
      '4 16',
    ];
    for (const layout of [...layouts, '6 8', '6 16']) {
      expect(seen).toContain(`${layout} false`);
      expect(seen).toContain(`${layout} true`);
    }
    for (const name of [
      ...ALL_FORMATS,
      ...DATA_KINDS,
      'level 0',
      'level 9',
      'filter paeth',
      'effort smallest',
    ]) {
      expect(seen).toContain(name);
    }
  });

  it('is exact at 8 and 16 bits, whatever the pixels came with', async () => {
    const bitDepth = fc.constantFrom(8 as const, 16 as const);
    await fc.assert(
      fc.asyncProperty(imageShape, pngOptions, bitDepth, async (shape, options, depth) => {
        await expectExact(makeImage(shape), { ...options, bitDepth: depth });
      }),
      { numRuns: 1000 },
    );
  });

  it('without reduction has the layout of the pixels', async () => {
    await fc.assert(
      fc.asyncProperty(imageShape, pngOptions, async (shape, options) => {
        const png = await expectExact(makeImage(shape), { ...options, reduce: false });
        expect([png.colorType, png.bitDepth]).toEqual(ownLayout(shape.pixelFormat));
      }),
      { numRuns: 600 },
    );
  });
});

/** Gray of 8 bits as the nearest level of fewer, and as a decoder reads it. */
function roundedGray(rgba: Uint16Array, bitDepth: number): Uint16Array {
  const max = 2 ** bitDepth - 1;
  return rgba.map((v, i) => (i % 4 === 3 ? v : Math.floor((v * max + 127) / 255) * (255 / max)));
}

/** Whether pixels can be stored with fewer bits than 8 and nothing is lost: as indices, or as levels of gray. */
function fitsInto(bitDepth: number, { reference }: RandomImage, reduce: boolean): boolean {
  const rgba = referenceRgba(reference, 8);
  if (reference.pixelFormat !== 'indexed8' || reduce) {
    const colours = new Set<string>();
    for (let i = 0; i < rgba.length; i += 4) colours.add(rgba.subarray(i, i + 4).join());
    return reduce && colours.size <= 2 ** bitDepth;
  }
  const { bytes, width, height, strideBytes } = reference;
  const rows = Array.from({ length: height }, (_, y) =>
    bytes.subarray(y * strideBytes, y * strideBytes + width),
  );
  return rows.every((row) => row.every((index) => index < 2 ** bitDepth));
}

describe('PNG of less than 8 bits', () => {
  it('rounds what is gray, holds other colours where they fit, and refuses the rest', async () => {
    const formats = fc.constantFrom(...ALL_FORMATS.filter((format) => !/^(bgr|rgbx|argb)/.test(format)));
    const contents = fc.constantFrom('gray levels' as const, 'few colours' as const, 'noise' as const);
    const depths = fc.constantFrom(1 as const, 2 as const, 4 as const);
    const counts = { exact: 0, rounded: 0, refused: 0 };
    await fc.assert(
      fc.asyncProperty(
        imageShape,
        formats,
        contents,
        depths,
        pngOptions,
        async (shape, pixelFormat, content, bitDepth, options) => {
          const image = makeImage({ ...shape, kind: 'Uint8Array', inferred: false, pixelFormat, content });
          const rgba = referenceRgba(image.reference, 8);
          const opaque = rgba.every((sample, i) => i % 4 < 3 || sample === 255);
          const gray = pixelFormat.startsWith('gray') && (opaque || !hasAlpha(image.reference));
          const expected = gray ? roundedGray(rgba, bitDepth) : rgba;
          const fits = fitsInto(bitDepth, image, options.reduce ?? true);
          let file: Uint8Array;
          try {
            file = await encodeUnchanged(image, () => encode(image.source, 'png', { ...options, bitDepth }));
          } catch (error) {
            // What the options alone tell is a wrong value; the rest the colours tell.
            const told = error as { name: string; code?: string };
            expect(told.name === 'RangeError' || told.code === 'UNSUPPORTED_FEATURE', String(error)).toBe(
              true,
            );
            expect(fits || /^gray(1|8|16)$/.test(pixelFormat)).toBe(false);
            counts.refused++;
            return;
          }
          const png = await expectPng(file, expected, image.reference, 8);
          expect([png.bitDepth, png.interlaced]).toEqual([bitDepth, options.interlaced ?? false]);
          counts[gray ? 'rounded' : 'exact']++;
        },
      ),
      { numRuns: 1000 },
    );
    for (const count of Object.values(counts)) expect(count).toBeGreaterThan(100);
  });
});

/** Wider than a strip of rows may be, and of several strips. */
const LARGE: ImageShape = {
  pixelFormat: 'rgba8',
  width: 9001,
  height: 11,
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

describe.each(ALL_FORMATS)('PNG of a wide image of %s', (pixelFormat) => {
  it.each(['fast', 'balanced', 'smallest'] as const)('is exact, effort %s', async (effort) => {
    const image = makeImage({ ...LARGE, pixelFormat });
    await expectExact(image, { effort });
    await expectExact(image, { effort, interlaced: true, reduce: false });
    await expectExact(makeImage({ ...LARGE, pixelFormat, premultiplied: true }), { effort });
  });
});

/** Shapes around the borders of strips: 64 kB to 1 MB of rows, tall, wide, square. */
describe('PNG of many rows', () => {
  const shape = fc.record({
    pixelFormat: fc.constantFrom(
      'gray8' as const,
      'rgb8' as const,
      'rgba8' as const,
      'gray1' as const,
      'rgb16' as const,
    ),
    content: fc.constantFrom('noise' as const, 'gradient' as const, 'few colours' as const, 'flat' as const),
    width: fc.oneof(
      fc.integer({ min: 1, max: 4 }),
      fc.integer({ min: 5, max: 200 }),
      fc.integer({ min: 201, max: 16_384 }),
    ),
    bytes: fc.constantFrom(32_768, 65_536, 131_072, 262_144),
    more: fc.integer({ min: -2, max: 2 }),
    seed: fc.nat(),
  });

  it('is exact around the borders of strips', async () => {
    await fc.assert(
      fc.asyncProperty(shape, pngOptions, async ({ width, bytes, more, ...rest }, options) => {
        const row = 1 + width * Math.max(1, samplesOf(rest.pixelFormat).length);
        const height = Math.min(16_384, Math.max(1, Math.round(bytes / row) + more));
        await expectExact(makeImage({ ...LARGE, ...rest, width, height, padding: 0 }), options);
      }),
      { numRuns: 120 },
    );
  });
});
