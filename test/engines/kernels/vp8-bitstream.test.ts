import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import '../../setup/wasm.js';
import { decodeWebpPixels } from '../../../src/engines/jsquash/libwebp.js';
import { DEFAULT_LIMITS } from '../../../src/limits.js';
import { psnr } from './jpeg-images.js';
import {
  decodeByDwebp,
  encodeIn,
  HAS_DWEBP,
  instantiate,
  type Job,
  PIXEL_BYTES,
  pixelsOf,
  RECONSTRUCT,
  random,
  rgbOfYuv,
  SCALAR,
  SHARP,
  shownBy,
  type Vp8Module,
  wrap,
} from './vp8-images.js';

// What the kernel says that a decoder will have, loop filter included, is held against what decoders have.

const GRAY8 = 0;
const RGB8 = 2;
const RGBA8 = 3;

let vp8: Vp8Module;
beforeAll(async () => {
  vp8 = await instantiate();
});

async function rgbBySharp(file: Uint8Array): Promise<Buffer> {
  return sharp(file, { failOn: 'warning' }).removeAlpha().toColourspace('srgb').raw().toBuffer();
}

/** Encodes, and decoders agree with the encoder on every pixel. */
async function expectExact(job: Job, pixels: Uint8Array, everyDecoder = false, flags = 0): Promise<void> {
  const { width, height } = job;
  const what = JSON.stringify({ ...job, flags });
  const file = wrap(encodeIn(vp8, job, pixels, RECONSTRUCT | flags));
  const shown = shownBy(vp8, width, height);
  const expected = rgbOfYuv(shown, width, height);
  const bySharp = await rgbBySharp(file);
  if (Buffer.compare(bySharp, expected) !== 0) expect.fail(`sharp: ${what}`);
  if (!everyDecoder) return;
  const { data } = await decodeWebpPixels(file, { limits: DEFAULT_LIMITS });
  const rgb = data.filter((_, i) => i % 4 !== 3);
  if (Buffer.compare(rgb, expected) !== 0) expect.fail(`jSquash: ${what}`);
  if (!HAS_DWEBP) return;
  const planes = Buffer.concat([shown.luma, shown.cb, shown.cr]);
  if (decodeByDwebp(file).compare(planes) !== 0) expect.fail(`dwebp: ${what}`);
}

function jobOf(width: number, height: number, kind: number, rest: Partial<Job> = {}): [Job, Uint8Array] {
  const job = { width, height, format: RGBA8, quality: random() % 101, effort: random() % 3, ...rest };
  const row = width * PIXEL_BYTES[job.format]!;
  return [job, pixelsOf(row * height, row, kind)];
}

describe('decoders show what the encoder says', () => {
  it.each([0, 1, 2, 3])('every size from 1x1 to 67x67, slice %d', async (slice) => {
    for (let i = slice; i < 67 * 67; i += 4) {
      await expectExact(...jobOf(1 + (i % 67), 1 + Math.floor(i / 67), i % 5));
    }
  });

  it.each([0, 1, 2])('in sharp, jSquash and dwebp, effort %d', async (effort) => {
    for (let i = 0; i < 30; i++) {
      await expectExact(...jobOf(1 + (random() % 90), 1 + (random() % 90), i % 5, { effort }), true);
    }
  });

  it.each([0, 1, 2])('at every quality, effort %d', async (effort) => {
    for (let quality = 0; quality <= 100; quality++) {
      await expectExact(...jobOf(61, 45, quality % 4, { effort, quality }));
    }
  });

  it('on photographs', async () => {
    for (const name of ['coffee.png', 'rocket.jpg']) {
      const path = new URL(`../../fixtures/${name}`, import.meta.url).pathname;
      const { data, info } = await sharp(path).removeAlpha().raw().toBuffer({ resolveWithObject: true });
      for (const [i, quality] of [5, 30, 50, 75, 90, 100].entries()) {
        const { width, height } = info;
        const job = { width, height, format: RGB8, quality, effort: i % 3 };
        await expectExact(job, data, i === 3);
        await expectExact(job, data, i === 4, SHARP);
      }
    }
  });

  it.each([
    [16_383, 1],
    [1, 16_383],
    [16_383, 33],
  ])('at %dx%d', async (width, height) => {
    await expectExact(...jobOf(width, height, 2, { effort: 1 }), true);
  });
});

describe('SIMD is what the scalar routines say', () => {
  it.each([...PIXEL_BYTES.keys()])('format %d', (format) => {
    for (let i = 0; i < 40; i++) {
      const [job, pixels] = jobOf(1 + (random() % 90), 1 + (random() % 90), i % 5, { format });
      const scalar = encodeIn(vp8, job, pixels, SCALAR);
      if (encodeIn(vp8, job, pixels).compare(scalar) !== 0) expect.fail(JSON.stringify(job));
      const sharper = encodeIn(vp8, job, pixels, SCALAR | SHARP);
      if (encodeIn(vp8, job, pixels, SHARP).compare(sharper) !== 0)
        expect.fail(`sharp ${JSON.stringify(job)}`);
    }
  });
});

describe('large images', () => {
  it('keeps 16 megapixels of noise at quality 100 within its buffers', async () => {
    const [job, pixels] = jobOf(4096, 4096, 0, { quality: 100, effort: 0, format: RGB8 });
    const payload = encodeIn(vp8, job, pixels);
    // More than 16 MB do not fit one partition.
    expect(payload.length).toBeGreaterThan(16 * 1024 * 1024);
    const { width, height } = await sharp(wrap(payload))
      .stats()
      .then(() => sharp(wrap(payload)).metadata());
    expect([width, height]).toEqual([4096, 4096]);
  });

  it('takes coarser steps where a partition would be larger than its size can say', async () => {
    // Of four partitions the first has every fourth row of macroblocks, and all the noise.
    const [width, height, part] = [16_383, 4816, 16];
    const [row, noisy] = [width * 16, Math.ceil(height / 64)];
    const pixels = new Uint8Array(width * height);
    for (let i = 0; i < pixels.length; i++) if (Math.floor(i / row) % 4 === 0) pixels[i] = random() >>> 24;
    const job = { width, height, format: GRAY8, quality: 100, effort: 0 };
    const payload = encodeIn(vp8, job, pixels);
    const firstBytes = (payload[0]! | (payload[1]! << 8) | (payload[2]! << 16)) >> 5;
    const partitionBytes = payload.readUIntLE(10 + firstBytes, 3);
    expect(partitionBytes).toBeGreaterThan(12e6);
    expect(10 + firstBytes + 9 + partitionBytes).toBeLessThan(payload.length);
    // As good as all of it is without, it would not fit.
    const region = pixels.slice(0, width * part);
    const alone = encodeIn(vp8, { ...job, height: part }, region);
    expect(alone.length * noisy).toBeGreaterThan(2 ** 24);
    const extract = { left: 0, top: 0, width, height: part };
    const quality = async (file: Uint8Array) =>
      psnr(
        await sharp(wrap(file), { failOn: 'warning' }).extract(extract).extractChannel(1).raw().toBuffer(),
        region,
      );
    const [coarse, fine] = [await quality(payload), await quality(alone)];
    expect(coarse).toBeLessThan(fine - 1);
    expect(coarse).toBeGreaterThan(35);
  });
});
