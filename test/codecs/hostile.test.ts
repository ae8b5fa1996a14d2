import { describe, expect, it } from 'vitest';
import { decode } from '../../src/decode.js';
import { encode } from '../../src/encode.js';
import type { RawImage } from '../../src/image.js';
import { noise } from './random-image.js';

const FORMATS = ['png', 'jpeg', 'webp', 'raw'] as const;
const PIXELS = noise(16 * 16 * 4, 3);
const IMAGE = {
  data: PIXELS,
  width: 16,
  height: 16,
  pixelFormat: 'rgba8',
  strideBytes: 64,
  premultiplied: false,
} as const;
const INDEXED = {
  data: noise(256, 5),
  width: 16,
  height: 16,
  pixelFormat: 'indexed8',
  palette: Array.from({ length: 256 }, (_, i) => [i, 255 - i, i]),
} as const;

/** An object whose properties are as given when read first, and `later` from then on; counts the reads. */
function changing(
  fields: object,
  later: (key: string) => unknown,
): { object: object; reads: Map<string, number> } {
  const reads = new Map<string, number>();
  const object = {};
  for (const [key, value] of Object.entries(fields)) {
    const get = () => {
      const count = (reads.get(key) ?? 0) + 1;
      reads.set(key, count);
      return count === 1 ? value : later(key);
    };
    Object.defineProperty(object, key, { enumerable: true, get });
  }
  return { object, reads };
}

/** A list with one value for the first that reads it, and another for the next. */
function changingList(first: readonly unknown[], later: unknown): unknown[] {
  return Object.defineProperty([...first], 0, { get: reader(first[0], later), enumerable: true });
}

function reader(first: unknown, later: unknown): () => unknown {
  let read = 0;
  return () => (read++ === 0 ? first : later);
}

const HUGE: Readonly<Record<string, unknown>> = {
  data: new Uint8Array(1),
  width: 5000,
  height: 5000,
  pixelFormat: 'rgba16',
  strideBytes: 1e9,
  premultiplied: 'no',
  palette: [],
};

describe.each(FORMATS)('encode to %s', (format) => {
  it.each([
    ['rgba8', IMAGE],
    ['indexed8', INDEXED],
  ])('reads each field of an image of %s once', async (_, fields) => {
    const { object, reads } = changing(fields, (key) => HUGE[key]);
    const plain = await encode(fields as RawImage, format);
    expect(await encode(object as RawImage, format)).toEqual(plain);
    for (const key of Object.keys(fields)) expect(reads.get(key), key).toBe(1);
  });

  it('reads each field of an ImageData once', async () => {
    const { data, width, height } = IMAGE;
    const { object } = changing({ data, width, height }, (key) => HUGE[key]);
    Object.defineProperty(object, Symbol.toStringTag, { value: 'ImageData' });
    expect(await encode(object as ImageData, format)).toEqual(await encode(IMAGE, format));
  });

  it('takes a proxy for what it shows first', async () => {
    const seen = new Set<PropertyKey>();
    const proxy = new Proxy(IMAGE as RawImage, {
      get(target, key) {
        if (typeof key === 'string' && seen.has(key)) return HUGE[key];
        seen.add(key);
        return Reflect.get(target, key);
      },
    });
    expect(await encode(proxy, format)).toEqual(await encode(IMAGE, format));
  });

  it('checks the palette that it uses', async () => {
    const { palette } = INDEXED;
    const entries = palette.map((entry) => changingList(entry, 1e9)) as unknown as number[][];
    const plain = await encode(INDEXED, format);
    expect(await encode({ ...INDEXED, palette: entries }, format)).toEqual(plain);
    const list = changingList(palette, 'red') as number[][];
    expect(await encode({ ...INDEXED, palette: list }, format)).toEqual(plain);
    const long = Object.defineProperty([1, 2, 3], 'length', { value: 4, writable: true });
    await expect(encode({ ...INDEXED, palette: [long] }, format)).rejects.toBeInstanceOf(TypeError);
  });

  class Lying extends Uint8Array {
    override get length() {
      return 1e6;
    }
    override get byteLength() {
      return 1e6;
    }
    override subarray(): Uint8Array<ArrayBuffer> {
      return this as unknown as Uint8Array<ArrayBuffer>;
    }
  }

  it.each([
    ['a class with another length', new Lying(64)],
    ['a property length', Object.defineProperty(new Uint8Array(64), 'length', { value: 1e6 })],
    ['a property byteLength', Object.defineProperty(new Uint8Array(64), 'byteLength', { value: 1e6 })],
    ['another buffer', Object.defineProperty(new Uint8Array(64), 'buffer', { value: new ArrayBuffer(63) })],
    ['a number for a buffer', Object.defineProperty(new Uint8Array(64), 'buffer', { value: 63 })],
    ['an own subarray', Object.assign(new Uint8Array(64), { subarray: () => new Uint8Array(1e6) })],
  ])('is not taken in by %s', async (_, data) => {
    for (const pixelFormat of ['rgba8', 'rgb8'] as const) {
      const lie = encode({ data, width: 16, height: 16, pixelFormat }, format);
      await expect(lie).rejects.toBeInstanceOf(RangeError);
    }
    // And is none the worse for it.
    expect(await encode(IMAGE, format)).toEqual(await encode({ ...IMAGE }, format));
  });

  it('reads each option once', async () => {
    const options = {
      png: { effort: 'fast', bitDepth: 16, limits: {} },
      jpeg: { quality: 50, background: [1, 2, 3], chromaSubsampling: '4:4:4', effort: 'fast' },
      webp: { quality: 50, method: 2, sharpYuv: true },
      raw: { pixelFormat: 'rgb8', background: [1, 2, 3] },
    }[format];
    const { object, reads } = changing(options, () => 1e9);
    expect(await encode(IMAGE, format, object)).toEqual(await encode(IMAGE, format, options as object));
    for (const key of Object.keys(options)) expect(reads.get(key), key).toBe(1);
  });

  it('keeps the limits that it checked', async () => {
    const { object } = changing({ maxPixels: 255 }, () => 1e9);
    await expect(encode(IMAGE, format, { limits: object })).rejects.toMatchObject({ code: 'LIMIT_EXCEEDED' });
  });
});

describe('background', () => {
  it.each(['jpeg', 'raw'] as const)('of %s is what was checked', async (format) => {
    const options = (background: unknown) => ({
      background: background as [number, number, number],
      ...(format === 'raw' ? { pixelFormat: 'rgb8' as const } : {}),
    });
    const plain = await encode(IMAGE, format, options([9, 8, 7]));
    expect(await encode(IMAGE, format, options(changingList([9, 8, 7], 1e9)))).toEqual(plain);
    const later = [9, 8, 7];
    const work = encode(IMAGE, format, options(later));
    await Promise.resolve();
    later.fill(1e9);
    // Whether the change was seen depends on when it was made; that the colour in use was checked does not.
    const result = await work.catch((error: unknown) => error);
    if (result instanceof Uint8Array) expect(result).toEqual(plain);
    else expect(result).toBeInstanceOf(RangeError);
  });
});

describe('decode', () => {
  it('is not taken in by bytes that tell another length', async () => {
    const png = await encode(IMAGE, 'png');
    for (const length of [0, 8, 1e6]) {
      const lying = Object.defineProperty(png.slice(), 'length', { value: length });
      expect((await decode(lying)).data).toEqual((await decode(png)).data);
    }
    const long = Object.defineProperty(png.slice(), 'byteLength', { value: 1e6 });
    await expect(decode(long)).rejects.toBeInstanceOf(RangeError);
  });

  it('reads each option once', async () => {
    const png = await encode(IMAGE, 'png');
    const options = { pixelFormat: 'rgb8', background: [1, 2, 3], autoOrient: false } as const;
    const { object } = changing(options, () => 1e9);
    expect((await decode(png, object)).data).toEqual((await decode(png, options)).data);
  });
});
