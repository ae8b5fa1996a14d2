import jpegJs from 'jpeg-js';
import sharp, { type Sharp } from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { decode } from '../../src/decode.js';
import { encode } from '../../src/encode.js';
import type { RawImage } from '../../src/image.js';
import type { Effort, Rgb } from '../../src/options.js';
import type { PixelFormat } from '../../src/pixel-format.js';
import { maxDifference, type Photograph, photograph, psnr, sharpSamples } from './photographs.js';
import { makeImage, noise, random } from './random-image.js';
import { referenceRgba } from './rgba-reference.js';

const EFFORTS: readonly Effort[] = ['fast', 'balanced', 'smallest'];
const PHOTOGRAPHS = ['coffee.png', 'astronaut.png', 'rocket.jpg'] as const;

let crop: Photograph;
beforeAll(async () => {
  crop = await photograph('coffee.png', { left: 180, top: 130, width: 237, height: 181 });
});

/** A file by sharp, for comparison. */
function bySharp({ data, width, height }: Photograph): Sharp {
  return sharp(data, { raw: { width, height, channels: 3 } });
}

/** Samples as jpeg-js reads them, without alpha. */
function jpegJsSamples(file: Uint8Array): Uint8Array {
  const { data } = jpegJs.decode(file, { useTArray: true, formatAsRGBA: false });
  return data;
}

describe.each(PHOTOGRAPHS)('%s', (name) => {
  let photo: Photograph;
  beforeAll(async () => {
    photo = await photograph(name);
  });

  /** Decibels that every photograph reaches; the night sky of the rocket is the worst. */
  const JPEG_PSNR = [
    [5, 22.5],
    [20, 27],
    [50, 28.7],
    [75, 29.8],
    [90, 31.6],
    [100, 32.8],
  ] as const;

  it.each(EFFORTS)('as JPEG at effort %s is good by its quality, and grows with it', async (effort) => {
    let last = 0;
    for (const [quality, bound] of JPEG_PSNR) {
      const file = await encode(photo, 'jpeg', { quality, effort });
      expect(psnr(await sharpSamples(file, 3), photo.data), `sharp at ${quality}`).toBeGreaterThan(bound);
      // It repeats chroma samples, where libjpeg interpolates them.
      expect(psnr(jpegJsSamples(file), photo.data), `jpeg-js at ${quality}`).toBeGreaterThan(bound - 1.5);
      const { data } = await decode(file, { pixelFormat: 'rgb8' });
      expect(psnr(data, photo.data), `decode at ${quality}`).toBeGreaterThan(bound);
      expect(file.length).toBeGreaterThan(last);
      last = file.length;
    }
  });

  it.each(['4:2:0', '4:4:4'] as const)('as JPEG with %s is near that of sharp', async (chromaSubsampling) => {
    for (const quality of [2, 10, 30, 50, 75, 90, 95, 100]) {
      const ours = await encode(photo, 'jpeg', { quality, chromaSubsampling });
      const theirs = await bySharp(photo).jpeg({ quality, chromaSubsampling }).toBuffer();
      const [a, b] = [
        psnr(await sharpSamples(ours, 3), photo.data),
        psnr(await sharpSamples(theirs, 3), photo.data),
      ];
      expect(a, `PSNR at ${quality}`).toBeGreaterThan(b - 1);
      // Trellis quantisation takes 3 to 21 % off.
      expect(ours.length / theirs.length, `size at ${quality}`).toBeLessThan(1.02);
      expect(ours.length / theirs.length, `size at ${quality}`).toBeGreaterThan(0.75);
    }
  });

  it('as JPEG at effort smallest is what sharp makes with mozjpeg', async () => {
    for (const quality of [20, 50, 75, 90]) {
      const ours = await encode(photo, 'jpeg', { quality, effort: 'smallest' });
      const theirs = await bySharp(photo).jpeg({ quality, mozjpeg: true }).toBuffer();
      expect(ours.length / theirs.length, `size at ${quality}`).toBeLessThan(1.03);
      const difference =
        psnr(await sharpSamples(ours, 3), photo.data) - psnr(await sharpSamples(theirs, 3), photo.data);
      expect(difference, `PSNR at ${quality}`).toBeGreaterThan(-0.1);
    }
  });

  it('as JPEG is a third of a decibel better at least with 4:4:4', async () => {
    for (const quality of [50, 80, 100]) {
      const [coarse, fine] = await Promise.all([
        encode(photo, 'jpeg', { quality, chromaSubsampling: '4:2:0' }),
        encode(photo, 'jpeg', { quality, chromaSubsampling: '4:4:4' }),
      ]);
      const gain =
        psnr(await sharpSamples(fine, 3), photo.data) - psnr(await sharpSamples(coarse, 3), photo.data);
      expect(gain, String(quality)).toBeGreaterThan(0.33);
      expect((await sharp(fine).metadata()).chromaSubsampling).toBe('4:4:4');
      expect((await sharp(coarse).metadata()).chromaSubsampling).toBe('4:2:0');
    }
  });

  const WEBP_PSNR = [
    [0, 24.5],
    [20, 28.3],
    [50, 30],
    [75, 31],
    [90, 32.3],
    [100, 32.7],
  ] as const;

  it.each(EFFORTS)('as WebP at effort %s is good by its quality, and grows with it', async (effort) => {
    let last = 0;
    for (const [quality, bound] of WEBP_PSNR) {
      const file = await encode(photo, 'webp', { quality, effort });
      expect(psnr(await sharpSamples(file, 3), photo.data), `sharp at ${quality}`).toBeGreaterThan(bound);
      const { data } = await decode(file, { pixelFormat: 'rgb8' });
      expect(psnr(data, photo.data), `decode at ${quality}`).toBeGreaterThan(bound);
      expect(file.length).toBeGreaterThan(last);
      last = file.length;
    }
  });

  it.each([
    ['fast', 0],
    ['balanced', 4],
    ['smallest', 6],
  ] as const)('as WebP at effort %s is as good as that of sharp at %i', async (effort, theirEffort) => {
    for (const quality of [30, 80]) {
      const ours = await encode(photo, 'webp', { quality, effort });
      const theirs = await bySharp(photo).webp({ quality, effort: theirEffort }).toBuffer();
      const decibels =
        psnr(await sharpSamples(ours, 3), photo.data) - psnr(await sharpSamples(theirs, 3), photo.data);
      const ratio = ours.length / theirs.length;
      expect(Math.abs(decibels), `PSNR at ${quality}`).toBeLessThan(0.8);
      // A decibel more takes some 19 % more bytes.
      expect(ratio / 1.19 ** decibels, `size at ${quality}`).toBeLessThan(1.05);
    }
  });

  it('as WebP meets a size', async () => {
    for (const targetSize of [8_000, 20_000, 40_000]) {
      const file = await encode(photo, 'webp', { targetSize });
      expect(file.length / targetSize, String(targetSize)).toBeGreaterThan(0.9);
      expect(file.length / targetSize, String(targetSize)).toBeLessThan(1.1);
    }
  });

  it('as near-lossless WebP changes less and grows with its number', async () => {
    const sizes: number[] = [];
    for (const [nearLossless, bound] of [
      [0, 16],
      [40, 4],
      [60, 2],
      [80, 1],
      [100, 0],
    ] as const) {
      const file = await encode(photo, 'webp', { nearLossless, method: 2 });
      expect(
        maxDifference(await sharpSamples(file, 3), photo.data),
        String(nearLossless),
      ).toBeLessThanOrEqual(bound);
      sizes.push(file.length);
    }
    expect(sizes).toEqual(sizes.toSorted((a, b) => a - b));
  });
});

describe('sixteen megapixels', () => {
  it.each([
    ['jpeg', { quality: 80 }, 38],
    ['webp', { quality: 80, effort: 'fast' }, 38],
  ] as const)('as %s', async (format, options, bound) => {
    const photo = await photograph('seeding-16mp.jpg');
    expect(photo.width * photo.height).toBeGreaterThan(15.8e6);
    const file = await encode(photo, format, options);
    const size = await sharp(file).metadata();
    expect([size.width, size.height]).toEqual([photo.width, photo.height]);
    expect(psnr(await sharpSamples(file, 3), photo.data)).toBeGreaterThan(bound);
  });
});

describe('every quality', () => {
  it.each(EFFORTS)('of JPEG at effort %s gives a sound file', async (effort) => {
    for (let quality = 1; quality <= 100; quality++) {
      const file = await encode(crop, 'jpeg', { quality, effort });
      // At effort smallest mozjpeg's coarse tables are as its numbers say, and not cut off as libjpeg's.
      const bound = quality < 20 ? (effort === 'smallest' ? 12 : 19) : 24;
      expect(psnr(await sharpSamples(file, 3), crop.data), `sharp at ${quality}`).toBeGreaterThan(bound);
      expect(psnr((await decode(file, { pixelFormat: 'rgb8' })).data, crop.data)).toBeGreaterThan(bound);
      expect(jpegJsSamples(file)).toHaveLength(crop.data.length);
    }
  });

  it('of JPEG is baseline where it is sequential, progressive where asked for', async () => {
    // What follows the quantisation tables is the frame: SOF0 or SOF2 (T.81, table B.1).
    const frame = (file: Uint8Array) => {
      let at = 2;
      while (file[at + 1]! === 0xe0 || file[at + 1] === 0xdb) at += 2 + file[at + 2]! * 256 + file[at + 3]!;
      return file[at + 1];
    };
    for (const quality of [1, 5, 10, 15, 25, 50, 100]) {
      expect(frame(await encode(crop, 'jpeg', { quality })), String(quality)).toBe(0xc0);
      expect(frame(await encode(crop, 'jpeg', { quality, effort: 'fast' })), String(quality)).toBe(0xc0);
      expect(frame(await encode(crop, 'jpeg', { quality, progressive: true })), String(quality)).toBe(0xc2);
    }
    expect(frame(await encode(crop, 'jpeg', { effort: 'smallest' }))).toBe(0xc2);
    expect(frame(await encode(crop, 'jpeg', { effort: 'smallest', progressive: false }))).toBe(0xc0);
  });

  it('of WebP gives a sound file', async () => {
    for (let quality = 0; quality <= 100; quality++) {
      const file = await encode(crop, 'webp', { quality, method: quality % 7 });
      expect(psnr(await sharpSamples(file, 3), crop.data), `sharp at ${quality}`).toBeGreaterThan(24);
    }
    // Fractions count.
    const [a, b, c] = await Promise.all([70, 72.5, 75].map((quality) => encode(crop, 'webp', { quality })));
    expect(b!.length).toBeGreaterThan(a!.length);
    expect(b!.length).toBeLessThan(c!.length);
  });

  it('of alpha shrinks lossy WebP, and 100 is exact', async () => {
    const width = 100;
    const next = random(3);
    const data = new Uint8Array(width * width * 4).map((_, i) => (i % 4 < 3 ? 128 : next() % 256));
    const alpha = data.filter((_, i) => i % 4 === 3);
    let last = 0;
    for (const alphaQuality of [0, 30, 60, 90, 100]) {
      const file = await encode({ data, width, height: width }, 'webp', { alphaQuality });
      const judged = (await sharpSamples(file, 4)).filter((_, i) => i % 4 === 3);
      expect(maxDifference(judged, alpha)).toBeLessThanOrEqual(alphaQuality === 100 ? 0 : 128 - alphaQuality);
      if (alphaQuality < 100) expect(maxDifference(judged, alpha)).toBeGreaterThan(0);
      expect(file.length).toBeGreaterThanOrEqual(last);
      last = file.length;
    }
  });
});

describe('odd sizes', () => {
  const next = random(5);
  const sizes = Array.from({ length: 67 }, (_, i) => i + 1).flatMap((side) => [
    [side, 1 + (next() % 67)] as const,
    [1 + (next() % 67), side] as const,
  ]);
  const KINDS = [
    ['jpeg', { quality: 95, chromaSubsampling: '4:2:0' }, 30],
    ['jpeg', { quality: 95, chromaSubsampling: '4:4:4', effort: 'fast' }, 35],
    ['jpeg', { quality: 95, progressive: true }, 30],
    ['webp', { quality: 95 }, 30],
    ['webp', { quality: 95, effort: 'fast' }, 30],
  ] as const;

  it.each(KINDS)('as %s %j', async (format, options, bound) => {
    for (const [width, height] of sizes) {
      const photo = await photograph('coffee.png', { left: 180, top: 170, width, height });
      const file = await encode(photo, format, options);
      expect(psnr(await sharpSamples(file, 3), photo.data), `${width}x${height}`).toBeGreaterThan(bound);
      const own = await decode(file, { pixelFormat: 'rgb8' });
      expect([own.width, own.height]).toEqual([width, height]);
      expect(psnr(own.data, photo.data), `${width}x${height} by decode`).toBeGreaterThan(bound);
    }
  });
});

describe('single colours', () => {
  const levels = [0, 1, 85, 128, 200, 254, 255];
  const colours = levels.flatMap((r) => levels.flatMap((g) => levels.map((b) => [r, g, b] as const)));
  const KINDS = [
    ['jpeg', { quality: 100, chromaSubsampling: '4:4:4' }, 2],
    ['jpeg', { quality: 80 }, 6],
    ['webp', { quality: 100 }, 5],
    ['webp', { quality: 75 }, 10],
  ] as const;

  it.each(KINDS)('as %s %j stay within %3$s', async (format, options, bound) => {
    await Promise.all(
      colours.map(async (colour) => {
        const [width, height] = [17, 9];
        const data = new Uint8Array(width * height * 3).map((_, i) => colour[i % 3]!);
        const file = await encode({ data, width, height }, format, options);
        expect(maxDifference(await sharpSamples(file, 3), data), String(colour)).toBeLessThanOrEqual(bound);
      }),
    );
  });
});

/** Blocks of 8x8 pixels of one colour, which a JPEG of quality 100 holds nearly exactly. */
function blocks(pixelFormat: PixelFormat, premultiplied: boolean, seed: number) {
  const [width, height] = [61, 43];
  const { source, reference } = makeImage({
    pixelFormat,
    width,
    height,
    padding: 5,
    offset: 3,
    trailing: 0,
    kind: 'Uint8Array',
    premultiplied,
    content: 'noise',
    paletteLength: 256,
    paletteAs: 'RGBA',
    inferred: false,
    seed,
  });
  const { bytes, strideBytes } = reference;
  const pixelBytes = Math.max(1, Math.floor((strideBytes - 5) / width));
  if (pixelFormat !== 'gray1') {
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const from = (y - (y % 8)) * strideBytes + (x - (x % 8)) * pixelBytes;
        bytes.copyWithin(y * strideBytes + x * pixelBytes, from, from + pixelBytes);
      }
    }
  }
  return { source, reference };
}

describe('alpha', () => {
  const WITH_ALPHA = ['graya8', 'rgba8', 'bgra8', 'argb8', 'graya16', 'rgba16', 'indexed8'] as const;

  it.each(WITH_ALPHA)('of %s is exact in lossy WebP', async (pixelFormat) => {
    for (const premultiplied of [false, true]) {
      for (const effort of ['fast', 'balanced'] as const) {
        const { source, reference } = blocks(pixelFormat, premultiplied, 3);
        const file = await encode(source, 'webp', { quality: 60, effort });
        const alpha = (rgba: ArrayLike<number>) => Array.from(rgba).filter((_, i) => i % 4 === 3);
        expect(alpha(await sharpSamples(file, 4))).toEqual(alpha(referenceRgba(reference, 8)));
      }
    }
  });

  it.each(WITH_ALPHA)('of %s is flattened on the background in JPEG', async (pixelFormat) => {
    const backgrounds: (Rgb | undefined)[] = [undefined, [0, 0, 0], [255, 0, 0], [10, 128, 251]];
    for (const premultiplied of [false, true]) {
      for (const background of backgrounds) {
        const { source, reference } = blocks(pixelFormat, premultiplied, 4);
        const file = await encode(source, 'jpeg', { quality: 100, chromaSubsampling: '4:4:4', background });
        const behind = background ?? [255, 255, 255];
        const multiplied = premultiplied && pixelFormat !== 'indexed8';
        // As stored, and at 8 bits: what is lost of 16 is far below the bound.
        const rgba = referenceRgba({ ...reference, premultiplied: false }, 8);
        const expected: number[] = [];
        for (let i = 0; i < rgba.length; i += 4) {
          const alpha = rgba[i + 3]! / 255;
          for (let c = 0; c < 3; c++) {
            const front = rgba[i + c]! * (multiplied ? 1 : alpha);
            expected.push(Math.round(Math.min(255, front + behind[c]! * (1 - alpha))));
          }
        }
        const what = `${pixelFormat} on ${behind}, premultiplied ${premultiplied}`;
        expect(maxDifference(await sharpSamples(file, 3), expected), what).toBeLessThanOrEqual(2);
        expect(
          maxDifference((await decode(file, { pixelFormat: 'rgb8' })).data, expected),
          what,
        ).toBeLessThanOrEqual(2);
      }
    }
  });

  it('that is opaque leaves the background out', async () => {
    const { source, reference } = blocks('rgbx8', false, 9);
    const plain = await encode(source, 'jpeg', { background: [255, 0, 0] });
    const opaque = referenceRgba(reference, 8);
    const rgba: RawImage = { data: Uint8Array.from(opaque), width: source.width, height: source.height };
    expect(Buffer.compare(plain, await encode(rgba, 'jpeg', { background: [0, 255, 0] }))).toBe(0);
  });
});

describe('gray', () => {
  it.each(['gray8', 'gray16', 'gray1'] as const)('%s makes a JPEG of one component', async (pixelFormat) => {
    for (const effort of EFFORTS) {
      const { source, reference } = blocks(pixelFormat, false, 6);
      const file = await encode(source, 'jpeg', { quality: 100, effort });
      expect((await sharp(file).metadata()).channels).toBe(1);
      const expected = referenceRgba(reference, 8).filter((_, i) => i % 4 === 0);
      expect(maxDifference(await sharpSamples(file, 1), expected)).toBeLessThanOrEqual(2);
    }
  });

  it('with alpha does so too unless the background has a colour', async () => {
    const { source } = blocks('graya8', false, 6);
    const channels = async (background?: Rgb) =>
      (await sharp(await encode(source, 'jpeg', { background })).metadata()).channels;
    expect(await channels()).toBe(1);
    expect(await channels([7, 7, 7])).toBe(1);
    expect(await channels([7, 7, 8])).toBe(3);
  });

  it('stays gray in WebP', async () => {
    const data = noise(64 * 64, 8).map((v) => v >> 1);
    const file = await encode({ data, width: 64, height: 64 }, 'webp', { quality: 95 });
    const rgb = await sharpSamples(file, 3);
    const spread = Array.from({ length: 64 * 64 }, (_, i) => {
      const pixel = rgb.subarray(i * 3, i * 3 + 3);
      return Math.max(...pixel) - Math.min(...pixel);
    });
    expect(Math.max(...spread)).toBeLessThanOrEqual(4);
  });
});
