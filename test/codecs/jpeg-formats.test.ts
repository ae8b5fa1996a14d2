import fc from 'fast-check';
import sharp from 'sharp';
import { expect, it } from 'vitest';
import { encode } from '../../src/encode.js';
import type { JpegEncodeOptions, Rgb } from '../../src/options.js';
import { componentsOf, STRICT_DECODERS } from './jpeg-decoders.js';
import { maxDifference } from './photographs.js';
import { DATA_KINDS, type ImageShape, imageShape, makeImage } from './random-image.js';
import { ALL_FORMATS, hasAlpha, type ReferenceImage, referenceRgba } from './rgba-reference.js';

const sample = fc.integer({ min: 0, max: 255 });
const options: fc.Arbitrary<JpegEncodeOptions> = fc.record(
  {
    effort: fc.constantFrom('fast' as const, 'balanced' as const),
    quality: fc.integer({ min: 1, max: 100 }),
    chromaSubsampling: fc.constantFrom('4:4:4' as const, '4:2:2' as const, '4:2:0' as const),
    progressive: fc.boolean(),
    restartInterval: fc.integer({ min: 0, max: 3 }),
    background: fc.tuple(sample, sample, sample),
  },
  { requiredKeys: [] },
);

/**
 * Red, green and blue of what can be seen of an image in front of a background, rounded once, by the definition. Unlike the kernel
 * it does not stop at 8 bits on the way.
 */
function flattened(image: ReferenceImage, background: Rgb): Buffer {
  const depth = image.pixelFormat.endsWith('16') ? 16 : 8;
  const max = 2 ** depth - 1;
  const multiplied = image.premultiplied && image.pixelFormat !== 'indexed8';
  // As stored: not divided by alpha, which would be multiplied with it again.
  const rgba = referenceRgba({ ...image, premultiplied: false }, depth);
  const rgb = Buffer.alloc((rgba.length / 4) * 3);
  for (let i = 0; i < rgba.length / 4; i++) {
    const alpha = rgba[i * 4 + 3]! / max;
    for (let c = 0; c < 3; c++) {
      const front = (rgba[i * 4 + c]! / max) * (multiplied ? 1 : alpha);
      rgb[i * 3 + c] = Math.round(255 * Math.min(1, front + (background[c]! / 255) * (1 - alpha)));
    }
  }
  return rgb;
}

/** Samples by sharp, gray repeated. */
async function decodeRgb(file: Uint8Array): Promise<Uint8Array> {
  const components = componentsOf(file) === 1 ? 1 : 3;
  const { data } = await STRICT_DECODERS.sharp(file, components);
  return components === 3
    ? data
    : data.reduce((rgb, v, i) => rgb.fill(v, i * 3, i * 3 + 3), new Uint8Array(data.length * 3));
}

function squaredError(actual: Uint8Array, expected: Uint8Array): number {
  return expected.reduce((sum, v, i) => sum + (actual[i]! - v) ** 2, 0);
}

/** Encodes, and sees to it that the caller's memory is as it was. */
async function encodeUnchanged(shape: ImageShape, given: JpegEncodeOptions) {
  const { source, reference } = makeImage(shape);
  const before = Buffer.from(reference.bytes);
  const file = await encode(source, 'jpeg', given);
  expect(Buffer.compare(before, reference.bytes), 'the pixels of the caller').toBe(0);
  const background = given.background ?? [255, 255, 255];
  const gray = /^gray/.test(shape.pixelFormat) && (!hasAlpha(reference) || new Set(background).size === 1);
  expect(componentsOf(file)).toBe(gray ? 1 : 3);
  return { file, expected: flattened(reference, background), reference };
}

it('nothing is lost but roundings at quality 100 with 4:4:4, of every pixel format, layout and kind of memory', async () => {
  const seen = new Set<string>();
  await fc.assert(
    fc.asyncProperty(imageShape, options, async (shape, given) => {
      const finest = { ...given, quality: 100, chromaSubsampling: '4:4:4' } as const;
      const { file, expected } = await encodeUnchanged(shape, valid(finest));
      const samples = await decodeRgb(file);
      // Of 64 coefficients, each rounded, and of three components, whose sum weighs blue most.
      expect(maxDifference(samples, expected)).toBeLessThanOrEqual(6);
      expect(squaredError(samples, expected) / expected.length).toBeLessThan(3);
      seen.add(shape.pixelFormat).add(shape.kind);
    }),
    { numRuns: 1500 },
  );
  expect(seen).toEqual(new Set([...ALL_FORMATS, ...DATA_KINDS]));
});

it('what is lost by any options is what sharp loses of the flattened pixels', async () => {
  let ours = 0;
  let theirs = 0;
  await fc.assert(
    fc.asyncProperty(imageShape, options, async (shape, given) => {
      const { file, expected } = await encodeUnchanged(shape, valid(given));
      const error = squaredError(await decodeRgb(file), expected);
      // sharp has no 4:2:2, which is no worse than 4:2:0.
      const { quality = 80, chromaSubsampling } = given;
      const { width, height } = shape;
      const peer = await sharp(expected, { raw: { width, height, channels: 3 } })
        .jpeg({ quality, chromaSubsampling: chromaSubsampling === '4:4:4' ? '4:4:4' : '4:2:0' })
        .toBuffer();
      const wanted = squaredError(await decodeRgb(peer), expected);
      // Single coefficients fall either way, and the more so the coarser the quantiser.
      expect(error).toBeLessThan(wanted * 2 + 8 * (110 - quality) ** 2);
      if (chromaSubsampling === '4:2:2') return;
      ours += error;
      theirs += wanted;
    }),
    { numRuns: 1500, seed: 3 },
  );
  expect(10 * Math.log10(ours / theirs)).toBeLessThan(0.1);
});

/** Progressive images always have optimised tables. */
function valid(given: JpegEncodeOptions): JpegEncodeOptions {
  return given.effort === 'fast' && given.progressive ? { ...given, effort: 'balanced' } : given;
}
