import { describe, expect, it } from 'vitest';
import { encode } from '../../src/encode.js';
import type { RawImage } from '../../src/image.js';
import type { PngEncodeOptions } from '../../src/options.js';
import { compileWasm } from '../setup/wasm.js';
import { expectPng } from './lossless-judges.js';
import { photograph } from './photographs.js';
import { FILTERS } from './png-options.js';
import { random } from './random-image.js';
import { type ReferenceImage, referenceRgba } from './rgba-reference.js';

const EFFORTS = ['fast', 'balanced', 'smallest'] as const;

/** What it takes to reach every matcher. */
const WAYS: readonly PngEncodeOptions[] = [
  ...EFFORTS.map((effort) => ({ effort })),
  ...Array.from({ length: 10 }, (_, level) => ({ level })),
];

function image(
  bytes: Uint8Array,
  width: number,
  pixelFormat: 'gray8' | 'rgb8' | 'rgba8' | 'gray1' = 'gray8',
) {
  const pixel = { gray8: 1, rgb8: 3, rgba8: 4, gray1: 1 / 8 }[pixelFormat];
  return { data: bytes, width, height: bytes.length / (width * pixel), pixelFormat };
}

const random8 = (length: number, seed = 1) => {
  const next = random(seed);
  return Uint8Array.from({ length }, () => next() >>> 24);
};

const ROOMY = { maxSide: 1_000_000 };

/** The size of the file; its pixels are exact. */
async function expectExact(
  source: RawImage & { data: Uint8Array; pixelFormat: ReferenceImage['pixelFormat'] },
  options: PngEncodeOptions,
): Promise<number> {
  const { data, width, height, pixelFormat } = source;
  const file = await encode(source, 'png', { limits: ROOMY, ...options });
  const strideBytes = data.length / height;
  const reference = { bytes: data, width, height, pixelFormat, strideBytes, premultiplied: false };
  await expectPng(file, referenceRgba(reference, 8), source, 8);
  return file.length;
}

describe('noise', () => {
  it.each(WAYS)('grows by less than 1 in 1,000, %o', async (options) => {
    for (const filter of ['auto', ...FILTERS] as const) {
      const size = await expectExact(image(random8(512 * 300 * 3), 512, 'rgb8'), { ...options, filter });
      expect(size).toBeLessThan((1 + 512 * 3) * 300 * 1.001 + 100);
    }
  });

  it.each(WAYS)('in small images too, %o', async (options) => {
    for (let length = 1; length < 70; length++) {
      const size = await expectExact(image(random8(length, length), length), {
        ...options,
        filter: 'none',
        reduce: false,
      });
      // Signature, IHDR, IDAT and IEND, zlib's six bytes and a stored block's five; the strongest levels may end in a chunk of their own.
      expect(size).toBeLessThanOrEqual(8 + 25 + 12 + 6 + 5 + 1 + length + 12 + 14);
    }
  });
});

describe.each(WAYS)('long and thin, %o', (options) => {
  it.each([
    [1, 1],
    [1, 65_536],
    [65_536, 1],
    [1, 100_003],
    [100_003, 1],
    [2, 40_000],
    [40_000, 2],
  ])('%d x %d', async (width, height) => {
    for (const bytes of [random8(width * height), new Uint8Array(width * height).fill(7)]) {
      const all = { ...options, reduce: false };
      await expectExact(image(bytes, width), all);
      if (width * height < 70_000) await expectExact(image(bytes, width), { ...all, interlaced: true });
    }
  });
});

/** Matches of these lengths between bytes that match nothing. */
function runsOf(lengths: readonly number[], distance: number): Uint8Array {
  const noise = random8(distance + lengths.reduce((sum, length) => sum + length + 1, 0), distance);
  let at = distance;
  for (const length of lengths) {
    for (let i = 0; i < length; i++) noise[at + i] = noise[at + i - distance]!;
    at += length;
    noise[at] = noise[at - distance]! ^ 0x55;
    at++;
  }
  return noise;
}

describe.each(WAYS)('matches at the bounds of deflate, %o', (options) => {
  const LENGTHS = [
    3, 4, 257, 258, 259, 260, 516, 517, 2, 1, 3, 258, 10, 11, 18, 19, 34, 35, 130, 131, 226, 227,
  ];

  it.each([1, 2, 3, 4, 257, 258, 4096, 24_577, 32_506, 32_767, 32_768, 32_769, 32_770])(
    'distance %d',
    async (distance) => {
      const bytes = runsOf(LENGTHS, distance);
      await expectExact(image(bytes, bytes.length), { ...options, filter: 'none', reduce: false });
    },
  );

  it('rows that repeat at the window edge and one beyond', async () => {
    for (const width of [32_766, 32_767, 32_768]) {
      const row = random8(width, width);
      const bytes = new Uint8Array(width * 4);
      for (let y = 0; y < 4; y++) bytes.set(row, y * width);
      const all = { ...options, filter: 'none' as const, reduce: false };
      const size = await expectExact(image(bytes, width), all);
      // A row and its filter are 32,768 bytes where it is 32,767 wide: the farthest that a match may reach.
      if (width === 32_768) expect(size).toBeGreaterThan(width * 3.9);
    }
  });

  it('runs of one byte and of few, of every length to 600', async () => {
    for (const pattern of [[0], [255], [1, 2], [1, 2, 3], [9, 9, 9, 1]]) {
      const bytes = new Uint8Array((600 * 601) / 2 + 600);
      let at = 0;
      for (let length = 1; length <= 600; length++) {
        for (let i = 0; i < length; i++) bytes[at++] = pattern[i % pattern.length]!;
        bytes[at++] = 128 + (length % 64);
      }
      await expectExact(image(bytes.subarray(0, 400 * 451), 451), { ...options, reduce: false });
    }
  });
});

describe('skewed statistics', () => {
  it.each(WAYS)('symbols of Fibonacci counts would need codes of more than 15 bits, %o', async (options) => {
    const parts: number[] = [];
    for (let [a, b, symbol] = [1, 1, 0]; symbol < 24; [a, b, symbol] = [b, a + b, symbol + 1]) {
      for (let i = 0; i < a; i++) parts.push(symbol * 10 + 3);
    }
    // Shuffled, so that no match takes them.
    const next = random(5);
    for (let i = parts.length - 1; i > 0; i--) {
      const j = next() % (i + 1);
      [parts[i], parts[j]] = [parts[j]!, parts[i]!];
    }
    const width = 400;
    const bytes = Uint8Array.from(parts.slice(0, Math.floor(parts.length / width) * width));
    await expectExact(image(bytes, width), { ...options, filter: 'none', reduce: false });
  });

  it.each(WAYS)('statistics that change all at once, %o', async (options) => {
    const next = random(6);
    const bytes = new Uint8Array(512 * 400);
    for (let i = 0; i < bytes.length; i++) {
      const part = Math.floor(i / 20_000) % 4;
      bytes[i] = part === 0 ? 0 : part === 1 ? next() >>> 24 : part === 2 ? i : (next() >>> 30) * 60;
    }
    await expectExact(image(bytes, 512), options);
  });
});

describe('levels', () => {
  it('go from stored to the smallest file', async () => {
    const picture = await photograph('coffee.png');
    const page = new Uint8Array(600 * 400 * 3).fill(255);
    for (let i = 0; i < page.length; i++)
      if ((i >> 5) % 7 === 0 && (i >> 11) % 3 === 0) page[i] = (i * 37) & 0xf0;
    for (const source of [picture, { ...picture, data: page }]) {
      const sizes: number[] = [];
      for (let level = 0; level <= 9; level++) {
        sizes.push((await encode(source, 'png', { level, reduce: false })).length);
      }
      expect(sizes[0]).toBeGreaterThan(600 * 400 * 3);
      expect(sizes[1]).toBeLessThan(sizes[0]! * 0.9);
      for (let level = 2; level <= 9; level++)
        expect(sizes[level]).toBeLessThanOrEqual(sizes[level - 1]! * 1.03);
    }
  });

  it('no effort makes a file that is noticeably larger than that of the one before it', async () => {
    const picture = await photograph('astronaut.png');
    const sizes = await Promise.all(
      EFFORTS.map(async (effort) => (await encode(picture, 'png', { effort })).length),
    );
    for (const i of [1, 2]) expect(sizes[i]).toBeLessThanOrEqual(sizes[i - 1]! * 1.001);
  });
});

describe('huge claims', () => {
  it.each([
    [0x7fffffff, 1],
    [1, 0x7fffffff],
    [0xffffffff, 0xffffffff],
    [16_385, 1],
    [10_001, 10_000],
  ])('%d x %d is refused before memory is taken', async (width, height) => {
    const before = process.memoryUsage().rss;
    for (const pixelFormat of ['gray1', 'rgba16'] as const) {
      const error = await encode({ data: new Uint8Array(16), width, height, pixelFormat }, 'png').catch(
        (e) => e,
      );
      expect(['CodecError', 'RangeError']).toContain(error.name);
      if (error.name === 'CodecError') expect(error.code).toBe('LIMIT_EXCEEDED');
    }
    expect(process.memoryUsage().rss - before).toBeLessThan(20e6);
  });

  it('an image that needs more than maxMemoryBytes is refused', async () => {
    const data = new Uint8Array(3000 * 3000);
    for (const options of [{ interlaced: true }, { effort: 'smallest' as const, interlaced: true }]) {
      await expect(
        encode({ data, width: 3000, height: 3000 }, 'png', { ...options, limits: { maxMemoryBytes: 1e6 } }),
      ).rejects.toMatchObject({ name: 'CodecError', code: 'LIMIT_EXCEEDED', format: 'png' });
    }
    // And the next one is well.
    await expectExact(image(random8(100), 10), {});
  });
});

describe('the module', () => {
  it('asks for nothing, and its memory has a maximum', async () => {
    const module = await compileWasm('png');
    const memory = WebAssembly.Module.exports(module).filter(({ kind }) => kind === 'memory');
    expect(memory).toHaveLength(1);
    expect(WebAssembly.Module.imports(module)).toEqual([]);
    const { memory: own } = (await WebAssembly.instantiate(module)).exports as { memory: WebAssembly.Memory };
    expect(() => own.grow(65_536 - own.buffer.byteLength / 65_536)).toThrow(RangeError);
  });
});
