import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { decode } from '../../src/decode.js';
import { encode } from '../../src/encode.js';
import type { WebpEncodeOptions } from '../../src/options.js';
import { freshPixbytes } from '../setup/fresh.js';
import { random } from './random-image.js';

/** Debian's package `webp`. */
const hasDwebp = spawnSync('dwebp', ['-version']).error === undefined;

/** What images show: each is another way through the encoder. */
const KINDS = [
  'noise',
  'flat',
  'palette',
  'palette in runs',
  'gradient',
  'steps',
  'text',
  'photograph',
  'dark',
  'transparent',
] as const;

interface Shape {
  kind: (typeof KINDS)[number];
  width: number;
  height: number;
  colors: number;
  seed: number;
}

/** The kernel's efforts, as methods. */
const METHODS = [0, 4, 5] as const;

/** RGBA. */
function draw({ kind, width, height, colors, seed }: Shape): Uint8Array {
  const next = random(seed);
  const data = new Uint8Array(width * height * 4);
  const pixels = new Uint32Array(data.buffer);
  const palette = Uint32Array.from({ length: colors }, () => next() | (next() % 4 ? 0xff000000 : 0));
  const glyphs = Array.from({ length: 5 }, () => Uint8Array.from({ length: 48 }, () => next() & 1));
  const text = Uint8Array.from({ length: 997 }, () => next() % 5);
  const slope = [next() % 5, next() % 5, next() % 3];
  const sampleAt = {
    noise: () => next(),
    flat: () => palette[0]!,
    palette: () => palette[next() % colors]!,
    'palette in runs': (x: number, y: number) => palette[((x >> 3) * 7 + (y >> 2) * 13) % colors]!,
    gradient: (x: number, y: number) =>
      0xff000000 |
      ((x * slope[0]!) & 255) |
      (((y * slope[1]!) & 255) << 8) |
      (((x + y * slope[2]!) & 255) << 16),
    steps: (x: number, y: number) => 0xff000000 | (((x * x) >> 4) & 255) | ((((x * y) >> 5) & 255) << 8),
    text: (x: number, y: number) => {
      const glyph = glyphs[text[((y >> 3) * 61 + Math.floor(x / 6)) % 997]!]!;
      return (y & 7) < 8 && glyph[(y & 7) * 6 + (x % 6)] ? palette[0]! : palette[colors - 1]!;
    },
    photograph: (x: number, y: number) => {
      const grain = next();
      const level = 128 + 80 * Math.sin(x / 23 + seed) + 40 * Math.cos(y / 17);
      return (
        (0xff000000 |
          ((level + (grain & 7)) & 255) |
          (((level * 0.8 + ((grain >> 3) & 7)) & 255) << 8) |
          (((level * 0.6 + ((grain >> 6) & 7)) & 255) << 16)) >>>
        0
      );
    },
    dark: () => 0xff000000 | (next() & 1) | ((next() & 1) << 8),
    transparent: (x: number, y: number) =>
      ((x >> 4) + (y >> 4)) & 1 ? next() & 0xffffff : next() | 0x01000000,
  }[kind];
  for (let y = 0, at = 0; y < height; y++) for (let x = 0; x < width; x++) pixels[at++] = sampleAt(x, y);
  return data;
}

function differs(actual: Uint8Array, expected: Uint8Array, exact: boolean): number {
  if (actual.length !== expected.length) return 0;
  for (let i = 0; i < expected.length; i += 4) {
    if (actual[i + 3] !== expected[i + 3]) return i / 4;
    if (!exact && expected[i + 3] === 0) continue;
    for (let c = 0; c < 3; c++) if (actual[i + c] !== expected[i + c]) return i / 4;
  }
  return -1;
}

async function expectExact(shape: Shape, options: WebpEncodeOptions): Promise<Uint8Array> {
  const { width, height } = shape;
  const data = draw(shape);
  const file = await encode({ data, width, height, pixelFormat: 'rgba8' }, 'webp', {
    lossless: true,
    ...options,
  });
  const judged = await sharp(file).ensureAlpha().raw().toBuffer();
  const own = await decode(file, { pixelFormat: 'rgba8' });
  expect([own.width, own.height]).toEqual([width, height]);
  expect(differs(judged, data, options.exact ?? false), 'first pixel that sharp sees wrong').toBe(-1);
  expect(differs(own.data as Uint8Array, data, options.exact ?? false), 'the same of decode').toBe(-1);
  return file;
}

const side = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 1, max: 40 }) },
  { weight: 1, arbitrary: fc.integer({ min: 41, max: 400 }) },
);
const shape = fc.record({
  kind: fc.constantFrom(...KINDS),
  width: side,
  height: side,
  colors: fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 257 })),
  seed: fc.nat(),
});

describe('lossless WebP of the kernel', () => {
  it('is exact for any size, content and effort', { timeout: 240_000 }, async () => {
    const seen = new Set<string>();
    await fc.assert(
      fc.asyncProperty(shape, fc.constantFrom(...METHODS), fc.boolean(), async (of, method, exact) => {
        await expectExact(of, { method, exact });
        seen.add(`${of.kind} ${method}`);
      }),
      { numRuns: 5000 },
    );
    expect(seen.size).toBe(KINDS.length * METHODS.length);
  });

  it.each([
    [16_383, 1],
    [1, 16_383],
    [16_383, 40],
    [40, 16_383],
    [2, 2],
    [3, 5000],
    [1040, 1100],
  ])('of %i x %i too', async (width, height) => {
    for (const [i, kind] of (['palette in runs', 'gradient', 'photograph', 'text'] as const).entries()) {
      const method = METHODS[i % 3]!;
      await expectExact(
        { kind, width, height, colors: 1 + ((width + i * 90) % 257), seed: i },
        { method, exact: true },
      );
    }
  });

  it.each([1, 2, 3, 4, 5, 16, 17, 255, 256, 257])('of %i colours', async (colors) => {
    for (const method of METHODS) {
      for (const kind of ['palette', 'palette in runs', 'text'] as const) {
        await expectExact({ kind, width: 67, height: 33, colors, seed: colors }, { method, exact: true });
      }
    }
  });

  it('has the same bytes in a new process and after any other image: nothing of one is left for the next', async () => {
    const shapes = KINDS.map(
      (kind, i): Shape => ({ kind, width: 90 + 13 * i, height: 200 - 11 * i, colors: 30, seed: i }),
    );
    const files = new Map<string, Uint8Array>();
    for (const round of [0, 1]) {
      for (const of of round ? shapes.toReversed() : shapes) {
        for (const method of METHODS) {
          const file = await expectExact(of, { method, exact: true });
          const name = `${of.kind} ${method}`;
          expect(Buffer.compare(files.get(name) ?? file, file), name).toBe(0);
          files.set(name, file);
        }
      }
    }
    for (const of of shapes) {
      const fresh = await freshPixbytes();
      const { width, height } = of;
      const image = { data: draw(of), width, height, pixelFormat: 'rgba8' } as const;
      const file = await fresh.encode(image, 'webp', { lossless: true, exact: true, effort: 'balanced' });
      expect(Buffer.compare(file, files.get(`${of.kind} 4`)!), of.kind).toBe(0);
    }
  });

  it('has methods and efforts that are the same, all by one kernel', async () => {
    const { encode, loads } = await freshPixbytes();
    const image = {
      data: draw({ kind: 'photograph', width: 80, height: 60, colors: 1, seed: 5 }),
      width: 80,
      height: 60,
    };
    const bytes = (options: WebpEncodeOptions) => encode(image, 'webp', { lossless: true, ...options });
    const [fast, balanced, strong] = await Promise.all(METHODS.map((method) => bytes({ method })));
    expect(Buffer.compare(await bytes({ effort: 'fast' }), fast!)).toBe(0);
    expect(Buffer.compare(await bytes({}), balanced!)).toBe(0);
    for (const [method, of] of [fast, fast, balanced, balanced, balanced, strong, strong].entries()) {
      expect(Buffer.compare(await bytes({ method, effort: 'fast' }), of!), `method ${method}`).toBe(0);
    }
    expect(Buffer.compare(await bytes({ effort: 'smallest' }), strong!)).toBe(0);
    expect(loads).toEqual(['vp8l']);
  });

  it.skipIf(!hasDwebp)('is what dwebp reads', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'pixbytes-webp-'));
    try {
      for (const [i, kind] of KINDS.entries()) {
        const of: Shape = { kind, width: 101 + i, height: 57, colors: 9 * i + 2, seed: i };
        const file = await expectExact(of, { method: METHODS[i % 3]!, exact: true });
        writeFileSync(join(folder, 'a.webp'), file);
        execFileSync('dwebp', ['-quiet', '-pam', join(folder, 'a.webp'), '-o', join(folder, 'a.pam')]);
        const pam = readFileSync(join(folder, 'a.pam'));
        const pixels = pam.subarray(pam.indexOf('ENDHDR\n') + 7);
        expect(differs(pixels, draw(of), true), kind).toBe(-1);
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
