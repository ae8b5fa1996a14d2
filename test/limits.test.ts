import sharp from 'sharp';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { decodeWebpPixels } from '../src/engines/jsquash/libwebp.js';
import { encodeJpegPixels } from '../src/engines/jsquash/mozjpeg.js';
import { decode, encode, type Limits, probe, transcode } from '../src/index.js';
import { DEFAULT_LIMITS } from '../src/limits.js';
import {
  be,
  concat,
  ihdr,
  latin1,
  le,
  PNG_SIGNATURE,
  pixels,
  pngChunk,
  pngChunks,
  riffChunk,
  segment,
  vp8x,
  webp,
} from './container/samples.js';
import { freshPixbytes, rejection } from './setup/fresh.js';

afterEach(() => {
  vi.restoreAllMocks();
});

const LIMIT = { name: 'CodecError', code: 'LIMIT_EXCEEDED' };

/** What a 1 MB file of each kind says of its size; what follows the header is noise. */
const NOISE = Uint8Array.from({ length: 1_000_000 }, (_, i) => Math.imul(i, 2_654_435_761) >>> 24);
const CLAIMS: Record<string, (width: number, height: number) => Uint8Array> = {
  png: (width, height) =>
    concat(PNG_SIGNATURE, ihdr(width, height, 8, 6), pngChunk('IDAT', NOISE), pngChunk('IEND')),
  'interlaced 16-bit png': (width, height) =>
    concat(PNG_SIGNATURE, ihdr(width, height, 16, 6, 1), pngChunk('IDAT', NOISE), pngChunk('IEND')),
  jpeg: (width, height) => jpegOf(0xc0, width, height),
  'progressive jpeg': (width, height) => jpegOf(0xc2, width, height),
  'webp VP8': (width, height) =>
    webp(riffChunk('VP8 ', concat([0x10, 2, 0, 0x9d, 1, 0x2a], le(width, 2), le(height, 2), NOISE))),
  'webp VP8L': (width, height) =>
    webp(riffChunk('VP8L', concat([0x2f], le(width - 1 + (height - 1) * 0x4000, 4), NOISE))),
  'webp VP8X': (width, height) =>
    webp(
      vp8x(0, width, height),
      riffChunk('VP8L', concat([0x2f], le(width - 1 + (height - 1) * 0x4000, 4), NOISE)),
    ),
};

function jpegOf(marker: number, width: number, height: number): Uint8Array {
  const frame = [8, ...be(height, 2), ...be(width, 2), 3, 1, 0x22, 0, 2, 0x11, 1, 3, 0x11, 1];
  const scan = segment(0xda, [3, 1, 0, 2, 0x11, 3, 0x11, 0, 63, 0]);
  const data = NOISE.map((byte) => (byte === 0xff ? 0 : byte));
  return concat([0xff, 0xd8], segment(marker, frame), scan, data, [0xff, 0xd9]);
}

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[values.length >> 1]!;
}

/** Asserts that a call is refused fast and takes no memory worth the name. */
async function expectCheapRefusal(call: () => Promise<unknown>): Promise<void> {
  expect(await rejection(call())).toMatchObject(LIMIT);
  const times: number[] = [];
  const before = process.memoryUsage();
  for (let i = 0; i < 21; i++) {
    const start = performance.now();
    const error = await rejection(call());
    times.push(performance.now() - start);
    expect(error).toMatchObject(LIMIT);
  }
  const after = process.memoryUsage();
  expect(median(times)).toBeLessThan(10);
  // Of all calls together, and so of each.
  expect(after.arrayBuffers - before.arrayBuffers).toBeLessThan(2_000_000);
}

describe('a header that claims 16000 x 16000', () => {
  it.each(Object.keys(CLAIMS))(
    'is refused before memory is taken or WebAssembly loaded: %s',
    async (kind) => {
      const { decode, transcode, loads } = await freshPixbytes();
      const file = CLAIMS[kind]!(16_000, 16_000);
      expect(probe(file)).toMatchObject({ width: 16_000, height: 16_000 });
      await expectCheapRefusal(() => decode(file));
      await expectCheapRefusal(() => transcode(file, 'png'));
      expect(loads).toEqual([]);
    },
  );

  it('is believed where the limits allow it, and then refused for what it would take', async () => {
    const { decode, loads } = await freshPixbytes();
    for (const kind of Object.keys(CLAIMS)) {
      const limits = { maxPixels: 300_000_000 };
      const error = await rejection(decode(CLAIMS[kind]!(16_000, 16_000), { limits }));
      expect(error).toMatchObject({ ...LIMIT, message: expect.stringMatching(/maxMemoryBytes/) });
    }
    expect(loads).toEqual([]);
  });
});

describe('an image that is too large to encode', () => {
  it.each(['png', 'jpeg', 'webp', 'raw'] as const)(
    'is refused before memory is taken: %s',
    async (format) => {
      const { encode, loads } = await freshPixbytes();
      // The size counts before the length of the data.
      const huge = { data: new Uint8Array(16), width: 16_000, height: 16_000, pixelFormat: 'rgba8' } as const;
      await expectCheapRefusal(() => encode(huge, format));
      await expectCheapRefusal(() => encode({ ...huge, width: 16_385, height: 1 }, format));
      const small = { data: new Uint8Array(4 * 300 * 200), width: 300, height: 200 };
      await expectCheapRefusal(() => encode(small, format, { limits: { maxPixels: 59_999 } }));
      await expectCheapRefusal(() => encode(small, format, { limits: { maxSide: 299 } }));
      await expectCheapRefusal(() => encode(small, format, { limits: { maxMemoryBytes: 200_000 } }));
      expect(loads).toEqual([]);
    },
  );
});

describe('limits', () => {
  const image = { data: pixels(30, 20, 4), width: 30, height: 20 };

  it.each([
    ['maxPixels', 600, 599],
    ['maxSide', 30, 29],
  ] as const)('%s is the largest value that passes', async (key, passes, refused) => {
    for (const format of ['png', 'jpeg', 'webp', 'raw'] as const) {
      expect((await encode(image, format, { limits: { [key]: passes } })).length).toBeGreaterThan(0);
      const error = await rejection(encode(image, format, { limits: { [key]: refused } }));
      expect(error).toMatchObject({ ...LIMIT, format, message: expect.stringContaining(`limits.${key}`) });
    }
    for (const format of ['png', 'jpeg', 'webp'] as const) {
      const file = await encode(image, format);
      expect((await decode(file, { limits: { [key]: passes } })).width).toBe(30);
      expect(await rejection(decode(file, { limits: { [key]: refused } }))).toMatchObject({
        ...LIMIT,
        format,
      });
      const transcoded = rejection(transcode(file, 'png', { limits: { [key]: refused } }));
      expect(await transcoded).toMatchObject({ ...LIMIT, format });
    }
  });

  it.each(['png', 'jpeg', 'webp', 'raw'] as const)(
    'maxMemoryBytes refuses, and the next call works: %s',
    async (format) => {
      const limits = { maxMemoryBytes: 1000 };
      expect(await rejection(encode(image, format, { limits }))).toMatchObject({ ...LIMIT, format });
      const file = await encode(image, format);
      if (format === 'raw') return;
      expect(await rejection(decode(file, { limits }))).toMatchObject({ ...LIMIT, format });
      expect((await decode(file)).width).toBe(30);
    },
  );

  it.each([
    ['jpeg', { effort: 'smallest', progressive: false }],
    ['webp', { method: 0 }],
  ] as const)('maxMemoryBytes holds inside of the engine as well: %s', async (format, options) => {
    const side = 1600;
    const large = { data: Buffer.alloc(side * side * 4, image.data), width: side, height: side };
    const expected = await encode(image, format);
    const outcomes = new Set<string>();
    // From too little by the estimate to enough: whatever the engine meets, it gives up cleanly.
    for (let maxMemoryBytes = 8e6; maxMemoryBytes <= 80e6; maxMemoryBytes += 6e6) {
      try {
        await encode(large, format, { ...options, limits: { maxMemoryBytes } });
        outcomes.add('ok');
      } catch (error) {
        expect(error).toMatchObject({ name: 'CodecError' });
        outcomes.add((error as { code: string }).code);
      }
      expect(await encode(image, format)).toEqual(expected);
    }
    outcomes.delete('OUT_OF_MEMORY');
    expect([...outcomes].sort()).toEqual(['LIMIT_EXCEEDED', 'ok']);
  });

  it('what the engine cannot have is OUT_OF_MEMORY: libwebp says nothing of it', async () => {
    const limits = { ...DEFAULT_LIMITS, maxMemoryBytes: 8_000_000 };
    const pixels = new Uint8Array(1400 * 1400 * 4);
    const file = await encode({ data: pixels, width: 1400, height: 1400 }, 'webp', { lossless: true });
    const webp = decodeWebpPixels(file, { limits });
    expect(await rejection(webp)).toMatchObject({ code: 'OUT_OF_MEMORY', format: 'webp' });
    const mozjpeg = { quality: 80, progressive: false, optimizeCoding: true, gray: false } as const;
    const jpeg = encodeJpegPixels(pixels, 1400, 1400, { ...mozjpeg, chromaStep: 1 }, { limits });
    expect(await rejection(jpeg)).toMatchObject({ code: 'OUT_OF_MEMORY', format: 'jpeg' });
  });

  it('are checked themselves, before anything is loaded', async () => {
    const { decode, encode, loads } = await freshPixbytes();
    const file = await sharp(image.data, { raw: { width: 30, height: 20, channels: 4 } })
      .png()
      .toBuffer();
    const calls = [
      (limits: Limits) => encode(image, 'png', { limits }),
      (limits: Limits) => decode(file, { limits }),
    ];
    for (const call of calls) {
      for (const value of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
        for (const key of ['maxPixels', 'maxSide', 'maxMemoryBytes']) {
          expect(await rejection(call({ [key]: value }))).toBeInstanceOf(RangeError);
        }
      }
      for (const wrong of ['100', null, true, { maxSide: '5' }, { maxPixel: 5 }, { maxScans: 5 }]) {
        expect(await rejection(call(wrong as Limits))).toBeInstanceOf(TypeError);
      }
    }
    expect(loads).toEqual([]);
    await encode(image, 'png', { limits: { maxSide: undefined } });
    await encode(image, 'png', { limits: {} });
  });
});

describe('sides', () => {
  const line = (width: number) => ({ data: pixels(width, 1, 4), width, height: 1 });

  it.each([
    ['png', 70_000],
    ['jpeg', 65_500],
    ['webp', 16_383],
  ] as const)('raised limits let an image through, there and back: %s', async (format, width) => {
    const limits = { maxSide: 100_000 };
    const file = await encode(line(width), format, { limits });
    expect(await decode(file, { limits })).toMatchObject({ width, height: 1 });
    expect(await sharp(file, { limitInputPixels: false }).metadata()).toMatchObject({ width, height: 1 });
    if (width > 16_384) {
      expect(await rejection(encode(line(width), format))).toMatchObject(LIMIT);
      expect(await rejection(decode(file))).toMatchObject(LIMIT);
    }
  });

  it.each([
    ['jpeg', 65_501],
    ['webp', 16_384],
  ] as const)('but not over what the format can hold: %s', async (format, width) => {
    const { encode, loads } = await freshPixbytes();
    for (const limits of [{ maxSide: 100_000 }, undefined]) {
      expect(await rejection(encode(line(width), format, { limits }))).toMatchObject({ ...LIMIT, format });
    }
    expect(loads).toEqual([]);
  });

  it('a WebP canvas of 16,384 is refused, as no decoder of ours could fill it', async () => {
    const limits = { maxSide: 100_000 };
    expect(await rejection(decode(CLAIMS['webp VP8X']!(16_384, 1), { limits }))).toMatchObject(LIMIT);
  });
});

describe('parts of a file', () => {
  it('101 scans of a JPEG', async () => {
    const image = sharp(pixels(16, 16, 3), { raw: { width: 16, height: 16, channels: 3 } });
    const file = await image.jpeg({ progressive: true }).toBuffer();
    // The last scan refines one coefficient: it can be said again and again.
    const start = file.lastIndexOf(Buffer.from([0xff, 0xda]));
    const last = file.subarray(start, -2);
    const scans = file.toString('latin1').split('\xff\xda').length - 1;
    const withScans = (count: number) =>
      concat(file.subarray(0, start), ...Array.from({ length: count - scans + 1 }, () => last), [0xff, 0xd9]);
    await decode(withScans(100));
    const { decode: decodeFresh, loads } = await freshPixbytes();
    expect(await rejection(decodeFresh(withScans(101)))).toMatchObject({ ...LIMIT, format: 'jpeg' });
    expect(loads).toEqual([]);
  });

  it('1,001 chunks of a PNG besides the pixels', async () => {
    const file = await encode({ data: pixels(4, 4, 4), width: 4, height: 4 }, 'png');
    const chunks = pngChunks(file).map(({ bytes }) => bytes);
    const withChunks = (count: number) => {
      const texts = Array.from({ length: count - 2 }, () => pngChunk('tEXt', latin1('a\0b')));
      return concat(PNG_SIGNATURE, chunks[0]!, ...texts, ...chunks.slice(1));
    };
    expect(await decode(withChunks(1000))).toMatchObject({ width: 4 });
    expect(await rejection(decode(withChunks(1001)))).toMatchObject({ ...LIMIT, format: 'png' });
  });

  it('1,001 segments of a JPEG, 1,001 chunks of a WebP', async () => {
    const image = sharp(pixels(8, 8, 3), { raw: { width: 8, height: 8, channels: 3 } });
    const jpeg = await image.jpeg().toBuffer();
    const comments = (count: number) => Array.from({ length: count }, () => segment(0xfe, [1]));
    const withComments = (count: number) => concat(jpeg.subarray(0, 2), ...comments(count), jpeg.subarray(2));
    expect(await decode(withComments(900))).toMatchObject({ width: 8 });
    const empty = concat(jpeg.subarray(0, 2), many(segment(0xfe, []), 1001), jpeg.subarray(2));
    expect(await rejection(decode(empty))).toMatchObject({ ...LIMIT, format: 'jpeg' });
    expect(await rejection(decode(withComments(1001)))).toMatchObject({ ...LIMIT, format: 'jpeg' });
    const file = (await image.webp({ lossless: true }).toBuffer()).subarray(12);
    const others = (count: number) => Array.from({ length: count }, () => riffChunk('JUNK', [1, 2]));
    expect(await decode(webp(vp8x(0, 8, 8), file, ...others(998)))).toMatchObject({ width: 8 });
    expect(await rejection(decode(webp(vp8x(0, 8, 8), file, ...others(999))))).toMatchObject({
      ...LIMIT,
      format: 'webp',
    });
  });

  it.each([
    ['png', (parts: number) => concat(PNG_SIGNATURE, ihdr(4, 4), many(pngChunk('tEXt'), parts))],
    [
      'jpeg',
      (parts: number) => concat([0xff, 0xd8], many(segment(0xfe, []), parts), jpegOf(0xc0, 8, 8).subarray(2)),
    ],
    ['webp', (parts: number) => webp(vp8x(0, 4, 4), many(riffChunk('JUNK', []), parts))],
  ] as const)('millions of them are refused within a bounded time: %s', async (format, make) => {
    // A JPEG has its size behind them, and is given up before that is known.
    const code = format === 'jpeg' ? 'CORRUPT_INPUT' : 'LIMIT_EXCEEDED';
    const files = [make(500_000), make(4_000_000)];
    const least = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
    for (let round = 0; round < 5; round++) {
      for (const [i, file] of files.entries()) {
        const start = performance.now();
        expect(await rejection(decode(file))).toMatchObject({ name: 'CodecError', code, format });
        least[i] = Math.min(least[i]!, performance.now() - start);
      }
    }
    // As long for eight times as many, each at its best, as others use the machine too.
    expect(least[1]).toBeLessThan(4 * least[0]!);
  });
});

/** The same bytes so often. */
function many(part: Uint8Array, count: number): Uint8Array {
  return Buffer.alloc(part.length * count, part);
}
