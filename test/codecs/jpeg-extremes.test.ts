import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { encode } from '../../src/encode.js';
import type { JpegEncodeOptions } from '../../src/options.js';
import { freshPixbytes } from '../setup/fresh.js';
import { type Decoded, STRICT_DECODERS } from './jpeg-decoders.js';
import { openPictures, type Picture, type Specimen, VARIANTS } from './jpeg-variants.js';
import { maxDifference, psnr } from './photographs.js';
import { random } from './random-image.js';

const CODINGS: Readonly<Record<string, JpegEncodeOptions>> = {
  fast: { effort: 'fast' },
  balanced: { effort: 'balanced' },
  progressive: { progressive: true },
  smallest: { effort: 'smallest' },
};
const codings = Object.keys(CODINGS);
const SUBSAMPLINGS = ['4:4:4', '4:2:2', '4:2:0'] as const;

/** A picture by what is at a column and a row. */
function draw(width: number, height: number, pixel: (x: number, y: number) => readonly number[]): Picture {
  const rgba = new Uint8Array(width * height * 4);
  for (let i = 0; i < width * height; i++) rgba.set(pixel(i % width, Math.floor(i / width)), i * 4);
  return { rgba, width, height };
}

/** The samples of a file as every decoder must give them, by sharp's word. */
async function samplesOf(
  file: Uint8Array,
  { source, channels }: Specimen,
  what: string,
): Promise<Uint8Array> {
  const decoders = Object.entries(STRICT_DECODERS);
  const all = await Promise.all(decoders.map(([, decode]): Promise<Decoded> => decode(file, channels)));
  for (const { width, height } of all) expect([width, height], what).toEqual([source.width, source.height]);
  return all[decoders.findIndex(([name]) => name === 'sharp')]!.data;
}

async function bySharp({ expected, channels, source }: Specimen, options: object): Promise<Buffer> {
  const { width, height } = source;
  const image = sharp(expected, { raw: { width, height, channels } });
  return image
    .toColourspace(channels === 1 ? 'b-w' : 'srgb')
    .jpeg(options)
    .toBuffer();
}

describe.each(codings)('%s', (coding) => {
  it.each([
    ['black', 0],
    ['white', 255],
  ] as const)('all %s is that at every quality, in every pixel format', async (_, level) => {
    const picture = draw(23, 18, () => [level, level, level, 255]);
    for (const { name, make } of VARIANTS) {
      const specimen = make(picture, [level, level, level]);
      const { source, background, expected } = specimen;
      // Every quality of one format, some of all.
      const qualities = name === 'rgb8' ? Array.from({ length: 100 }, (_, i) => i + 1) : [1, 24, 50, 100];
      for (const quality of qualities) {
        const file = await encode(source, 'jpeg', { ...CODINGS[coding], quality, background });
        const samples = await samplesOf(file, specimen, name);
        // The mean of a block in steps of an eighth of the first quantiser: 16 by Annex K at quality 50, 255 at most, but in mozjpeg.
        const step = 16 * (quality < 50 ? 50 / quality : 2 - quality / 50);
        const bound = Math.max(1, (coding === 'smallest' ? step : Math.min(255, step)) / 16);
        expect(maxDifference(samples, expected), `${name} q${quality}`).toBeLessThanOrEqual(bound);
      }
    }
  });

  it('holds single colours within 1 at quality 100 with 4:4:4, in every pixel format', async () => {
    const options = { ...CODINGS[coding], quality: 100, chromaSubsampling: '4:4:4' } as const;
    // Blocks of 8x8 are coded by themselves: 729 colours at once.
    const levels = [0, 1, 37, 64, 127, 128, 200, 254, 255];
    const colours = levels.flatMap((r) => levels.flatMap((g) => levels.map((b) => [r, g, b])));
    const picture = draw(27 * 8, 27 * 8, (x, y) => {
      const block = Math.floor(x / 8) + 27 * Math.floor(y / 8);
      return [...colours[block]!, [0, 255, 128, 3, 200][block % 5]!];
    });
    for (const { name, make } of VARIANTS) {
      // Its black and white alternate from pixel to pixel.
      if (name === 'gray1') continue;
      const specimen = make(picture, [13, 99, 201]);
      const { source, background, expected } = specimen;
      const samples = await samplesOf(
        await encode(source, 'jpeg', { ...options, background }),
        specimen,
        name,
      );
      expect(maxDifference(samples, expected), name).toBeLessThanOrEqual(1);
    }
    for (const [i, colour] of colours.entries()) {
      // Of one pixel, and of some blocks and parts of them.
      const [width, height] = i % 3 ? [19, 11] : [1, 1];
      const { make } = VARIANTS[i % 9]!;
      const specimen = make(
        draw(width, height, () => [...colour, 255]),
        [0, 0, 0],
      );
      const samples = await samplesOf(await encode(specimen.source, 'jpeg', options), specimen, `${colour}`);
      expect(maxDifference(samples, specimen.expected), `${colour}`).toBeLessThanOrEqual(1);
    }
  });

  it('makes sound files of noise, in every pixel format', async () => {
    const next = random(5);
    const picture = draw(83, 61, () => [next() % 256, next() % 256, next() % 256, next() % 256]);
    const extreme = draw(83, 61, () => [0, 0, 0, 0].map(() => (next() % 2) * 255));
    for (const { name, make } of VARIANTS) {
      for (const pixels of [picture, extreme]) {
        for (const quality of [1, 30, 100]) {
          for (const chromaSubsampling of SUBSAMPLINGS) {
            const specimen = make(pixels, [255, 0, 127]);
            const options = {
              ...CODINGS[coding],
              quality,
              chromaSubsampling,
              background: specimen.background,
            };
            const what = `${name} q${quality} ${chromaSubsampling}`;
            const file = await encode(specimen.source, 'jpeg', options);
            const samples = await samplesOf(file, specimen, what);
            if (coding === 'smallest' || chromaSubsampling === '4:2:2') continue;
            const theirs = await bySharp(specimen, { quality, chromaSubsampling });
            const wanted = psnr(
              (await STRICT_DECODERS.sharp(theirs, specimen.channels)).data,
              specimen.expected,
            );
            expect(psnr(samples, specimen.expected), what).toBeGreaterThan(wanted - 0.25);
          }
        }
      }
    }
  });

  it.each([
    [65_500, 1],
    [1, 65_500],
    [65_500, 2],
  ])('takes %ix%i with raised limits', async (width, height) => {
    const limits = { maxSide: 65_500 };
    const picture = draw(width, height, (x, y) => {
      const at = x + y * 3;
      return [128 + 100 * Math.sin(at / 50), (at >> 3) & 255, 128 + 90 * Math.cos(at / 21), at & 255];
    });
    const formats = VARIANTS.filter(({ name }) => /^(rgb8|gray8|rgba16|rgba8 on a background)$/.test(name));
    for (const [i, { name, make }] of formats.entries()) {
      const specimen = make(picture, [90, 160, 250]);
      const chromaSubsampling = SUBSAMPLINGS[i % 3]!;
      const restartInterval = coding === 'smallest' ? 0 : i % 2;
      const shape = { chromaSubsampling, restartInterval, limits, background: specimen.background };
      const file = await encode(specimen.source, 'jpeg', { ...CODINGS[coding], ...shape });
      expect(psnr(await samplesOf(file, specimen, name), specimen.expected), name).toBeGreaterThan(24);
    }
  });
});

it('shows nothing of an earlier image, whatever that was', async () => {
  const picture = await openPictures();
  const next = random(9);
  const loud = draw(181, 97, () => [next() % 256, 255, next() % 256, next() % 256]);
  for (const [i, { name, make }] of VARIANTS.entries()) {
    const { source, background } = make(picture(1 + ((i * 13) % 66), 1 + ((i * 29) % 66), i), [200, 30, 60]);
    for (const [j, coding] of codings.entries()) {
      const options = {
        ...CODINGS[coding],
        background,
        chromaSubsampling: SUBSAMPLINGS[(i + j) % 3]!,
        restartInterval: coding === 'smallest' ? 0 : i % 2,
      };
      // One that has seen no other image.
      const expected = await (await freshPixbytes()).encode(source, 'jpeg', options);
      for (const other of [codings[(i + j) % 4]!]) {
        const before = VARIANTS[(i * 5 + j) % VARIANTS.length]!.make(loud, [255, 0, 255]);
        await encode(before.source, 'jpeg', {
          ...CODINGS[other],
          quality: 100,
          background: before.background,
        });
        const file = await encode(source, 'jpeg', options);
        expect(Buffer.compare(file, expected), `${name} ${coding} after ${other}`).toBe(0);
      }
    }
  }
});

it('holds nothing of the caller when a call is done', async () => {
  const script = fileURLToPath(new URL('release.mjs', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', script]);
  // 25 calls with four objects each; the control is what the script itself keeps.
  expect(JSON.parse(stdout)).toEqual({
    held: ['control'],
    witnesses: 101,
    finalized: 100,
    files: 20 + 1,
    failures: 5,
  });
});
