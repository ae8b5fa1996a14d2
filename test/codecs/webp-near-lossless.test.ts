import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { decode } from '../../src/decode.js';
import { encode } from '../../src/encode.js';
import type { PixelSource } from '../../src/image.js';
import type { WebpEncodeOptions } from '../../src/options.js';
import { image, noise, photograph } from '../engines/kernels/jpeg-images.js';
import { freshPixbytes } from '../setup/fresh.js';

/** Debian's package `webp`. */
const hasDwebp = spawnSync('dwebp', ['-version']).error === undefined;

const EFFORTS = ['fast', 'balanced', 'smallest'] as const;
const FORMATS = [
  ...(['gray8', 'graya8', 'rgb8', 'rgba8', 'bgr8', 'bgra8', 'argb8', 'rgbx8', 'bgrx8'] as const),
  ...(['gray16', 'graya16', 'rgb16', 'rgba16'] as const),
];

/** Levels, and by how much a sample may be wrong there. */
const LEVELS = [
  [100, 0],
  [99, 1],
  [80, 1],
  [79, 2],
  [60, 2],
  [40, 4],
  [20, 8],
  [19, 16],
  [0, 16],
] as const;

const GRAIN = noise(1 << 16, 3);

/** What images show: a byte at a column, a row and a place in the pixel. */
const KINDS = {
  noise: (x: number, y: number, i: number) => GRAIN[(x * 7 + y * 6007 + i * 91) & 0xffff]!,
  photograph: (x: number, y: number, i: number) =>
    (128 + 90 * Math.sin(x / 19 + i) + 30 * Math.cos(y / 13) + (GRAIN[(x + y * 401 + i) & 0xffff]! & 15)) &
    255,
  slopes: (x: number, y: number, i: number) => ((x * (i + 1)) / 3 + y * 5) & 255,
  drawing: (x: number, y: number, i: number) =>
    ((x >> 4) + (y >> 3)) % 3 ? 250 - 9 * i : GRAIN[(x + (y >> 1) * 300 + i) & 0xffff]! | 192,
  extremes: (x: number, y: number, i: number) => (GRAIN[(x + y * 211 + i) & 0xffff]! & 3 ? 255 : x & 4),
};
type Kind = keyof typeof KINDS;
const kinds = Object.keys(KINDS) as Kind[];

const side = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: 1, max: 40 }) },
  fc.integer({ min: 1, max: 250 }),
);
const shape = fc.record({
  pixelFormat: fc.constantFrom(...FORMATS),
  width: side,
  height: side,
  padding: fc.constantFrom(0, 2, 8),
  kind: fc.constantFrom(...kinds),
});
type Shape = typeof shape extends fc.Arbitrary<infer T> ? T : never;

/** An image as callers have it. */
function draw({ pixelFormat, width, height, padding, kind }: Shape) {
  const source: PixelSource = image(pixelFormat, width, height, KINDS[kind], padding);
  const { bytes: data, strideBytes } = source;
  return { data, width, height, pixelFormat, strideBytes };
}

type Image = ReturnType<typeof draw>;

/** RGBA of an image. Without `exact`, what is transparent is black. */
async function rgbaOf(image: Image, exact = false): Promise<Uint8Array> {
  const rgba = await encode(image, 'raw', { pixelFormat: 'rgba8' });
  if (!exact) for (let i = 0; i < rgba.length; i += 4) if (rgba[i + 3] === 0) rgba.fill(0, i, i + 3);
  return rgba;
}

/** RGBA of a file, the same by two decoders. */
async function decoded(file: Uint8Array): Promise<Uint8Array> {
  const judged = await sharp(file, { failOn: 'warning' })
    .toColourspace('srgb')
    .ensureAlpha()
    .raw()
    .toBuffer();
  const { data } = await decode(file, { pixelFormat: 'rgba8' });
  if (Buffer.compare(data as Uint8Array, judged) !== 0) expect.fail('decoders differ');
  return judged;
}

/** How many colours RGBA has. */
function colorsOf(rgba: Uint8Array): number {
  const { buffer, byteOffset, length } = Uint8Array.from(rgba);
  return new Set(new Uint32Array(buffer, byteOffset, length / 4)).size;
}

/** By how much the pixel of RGBA that lies at `at` differs from a neighbour at the most of its samples. */
function contrastAt(rgba: Uint8Array, at: number, width: number): number {
  let most = 0;
  for (const to of [at - 4, at + 4, at - width * 4, at + width * 4])
    for (let c = 0; c < 4; c++) most = Math.max(most, Math.abs(rgba[at + c]! - rgba[to + c]!));
  return most;
}

/** That what came of RGBA is no further from it than `bound`; gives how many samples differ. */
function expectNear(
  actual: Uint8Array,
  rgba: Uint8Array,
  width: number,
  bound: number,
  exact: boolean,
): number {
  expect(actual.length).toBe(rgba.length);
  const rows = rgba.length / 4 / width;
  const few = colorsOf(rgba) <= 256;
  let differ = 0;
  for (let at = 0; at < rgba.length; at += 4) {
    const [x, y] = [(at / 4) % width, Math.floor(at / 4 / width)];
    const [alpha, was] = [actual[at + 3]!, rgba[at + 3]!];
    if ((alpha === 0) !== (was === 0) || (alpha === 255) !== (was === 255))
      expect.fail(`alpha at ${x}, ${y}`);
    const inside = x > 0 && y > 0 && x < width - 1 && y < rows - 1;
    let allowed = few || was === 0 || !inside ? 0 : bound;
    for (let c = 0; c < 4; c++) {
      const wrong = Math.abs(actual[at + c]! - rgba[at + c]!);
      if (wrong === 0 || (was === 0 && !exact)) continue;
      // What is allowed depends on the neighbours, but by what differs at all: most samples do not.
      if (allowed > 0) allowed = Math.min(allowed, (contrastAt(rgba, at, width) - 1) / 2);
      if (wrong > allowed) expect.fail(`${wrong} instead of ${allowed} at ${x}, ${y}, ${c}`);
      differ++;
    }
  }
  return differ;
}

const encodeNear = (image: Image, options: WebpEncodeOptions) => encode(image, 'webp', options);

describe('near-lossless WebP', () => {
  it('is wrong by no more than its level says, by any size, format, content and effort', {
    timeout: 240_000,
  }, async () => {
    const seen = new Map<string, number>();
    await fc.assert(
      fc.asyncProperty(
        shape,
        fc.constantFrom(...LEVELS),
        fc.constantFrom(...EFFORTS),
        fc.boolean(),
        async (of, [nearLossless, bound], effort, exact) => {
          const source = draw(of);
          const file = await encodeNear(source, { nearLossless, effort, exact });
          const differ = expectNear(await decoded(file), await rgbaOf(source, exact), of.width, bound, exact);
          const name = `${nearLossless} ${effort}`;
          seen.set(name, (seen.get(name) ?? 0) + differ);
        },
      ),
      { numRuns: 2500 },
    );
    expect(seen.size).toBe(LEVELS.length * EFFORTS.length);
    for (const [name, differ] of seen) expect(differ > 0, name).toBe(!name.startsWith('100 '));
  });

  it('of 100 is the lossless file', async () => {
    for (const [i, kind] of kinds.entries()) {
      const source = draw({ pixelFormat: 'rgba8', width: 90 + i, height: 70, padding: 0, kind });
      for (const effort of EFFORTS) {
        const near = await encodeNear(source, { nearLossless: 100, effort });
        const lossless = await encodeNear(source, { lossless: true, effort });
        expect(Buffer.compare(near, lossless), `${kind}, ${effort}`).toBe(0);
      }
    }
  });

  it.each(EFFORTS)('leaves few colours and flat pixels alone: %s', async (effort) => {
    const flat = image('rgb8', 120, 90, (x, y, i) => (x * 2 + y * 2 + i) & 255);
    const colors = image('rgb8', 90, 60, (x, y) => GRAIN[(x + y * 90) & 0xffff]!);
    for (const { bytes: data, width, height, strideBytes } of [flat, colors]) {
      const source: Image = { data, width, height, pixelFormat: 'rgb8', strideBytes };
      const file = await encodeNear(source, { nearLossless: 0, effort });
      expect(Buffer.compare(await decoded(file), await rgbaOf(source))).toBe(0);
    }
  });

  it.each(EFFORTS)('keeps flat areas of a drawing up to their edges: %s', async (effort) => {
    // Bands of as many colours as there are, and in some of them noise.
    const band = (x: number) => Math.floor(x / 7);
    const speckled = (x: number, y: number) => y > 20 && y < 40 && band(x) % 5 === 0;
    const { bytes: data, strideBytes } = image('rgb8', 420, 60, (x, y, i) =>
      speckled(x, y) ? GRAIN[(x + y * 420 + i * 77) & 0xffff]! : (band(x) * (41 + 62 * i)) & 255,
    );
    const source: Image = { data, width: 420, height: 60, pixelFormat: 'rgb8', strideBytes };
    const [actual, rgba] = [
      await decoded(await encodeNear(source, { nearLossless: 0, effort })),
      await rgbaOf(source),
    ];
    let differ = 0;
    for (let at = 0; at < rgba.length; at++) {
      if (actual[at] === rgba[at]) continue;
      const [x, y] = [(at >> 2) % 420, Math.floor(at / 4 / 420)];
      if (!speckled(x, y)) expect.fail(`a pixel of an area, ${x}, ${y}`);
      differ++;
    }
    expect(differ).toBeGreaterThan(1000);
  });

  it('gets smaller with each 20 below, and changes no more than libwebp in no more bytes', async () => {
    for (const name of ['coffee.png', 'astronaut.png']) {
      const { bytes, width, height } = await photograph(name, 512);
      const source: Image = { data: bytes, width, height, pixelFormat: 'rgba8', strideBytes: width * 4 };
      const rgba = await rgbaOf(source);
      const errorOf = (pixels: Uint8Array) => pixels.reduce((sum, v, at) => sum + (v - rgba[at]!) ** 2, 0);
      const sizes: number[] = [];
      for (const level of [100, 80, 60, 40, 20, 1]) {
        const own = await encodeNear(source, { nearLossless: level });
        const theirs = await sharp(bytes, { raw: { width, height, channels: 4 } })
          .webp({ nearLossless: true, quality: level })
          .toBuffer();
        const error = errorOf(await decoded(own)) / Math.max(1, errorOf(await decoded(theirs)));
        if (level < 100) expect(error, `error of ${name} at ${level}`).toBeLessThan(1.02);
        if (level < 100) expect(own.length / theirs.length, `size of ${name} at ${level}`).toBeLessThan(1);
        sizes.push(own.length);
      }
      expect(sizes).toEqual(sizes.toSorted((a, b) => b - a));
    }
  });

  it('loads one kernel and nothing else', async () => {
    const { encode, loads } = await freshPixbytes();
    const source = draw({ pixelFormat: 'rgba8', width: 60, height: 50, padding: 0, kind: 'photograph' });
    await encode(source, 'webp', { nearLossless: 40 });
    expect(loads).toEqual(['vp8l']);
  });

  it.skipIf(!hasDwebp)('is what dwebp reads', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'pixbytes-near-'));
    try {
      for (const [i, kind] of kinds.entries()) {
        const source = draw({ pixelFormat: 'rgba8', width: 101 + i, height: 57, padding: 0, kind });
        const file = await encodeNear(source, { nearLossless: 20 * i, effort: EFFORTS[i % 3]!, exact: true });
        writeFileSync(join(folder, 'a.webp'), file);
        execFileSync('dwebp', ['-quiet', '-pam', join(folder, 'a.webp'), '-o', join(folder, 'a.pam')]);
        const pam = readFileSync(join(folder, 'a.pam'));
        const pixels = pam.subarray(pam.indexOf('ENDHDR\n') + 7);
        expect(Buffer.compare(pixels, await decoded(file)), kind).toBe(0);
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
