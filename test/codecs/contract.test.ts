import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { DecodedImage } from '../../src/codecs/codec.js';
import { decode } from '../../src/decode.js';
import { encode } from '../../src/encode.js';
import type { EncodeFormat } from '../../src/formats.js';
import type { RawImage } from '../../src/image.js';
import { decodeJpeg, encodeJpeg } from '../../src/jpeg.js';
import type { EncodeOptionsByFormat } from '../../src/options.js';
import { decodePng, encodePng } from '../../src/png.js';
import { transcode } from '../../src/transcode.js';
import { decodeWebp, encodeWebp } from '../../src/webp.js';
import { ENCODE_CASES } from './option-tables.js';
import { type ImageShape, makeImage, noise } from './random-image.js';
import { ALL_FORMATS } from './rgba-reference.js';

const FORMATS = ['png', 'jpeg', 'webp', 'raw'] as const satisfies readonly EncodeFormat[];
const SHAPE: ImageShape = {
  pixelFormat: 'rgba8',
  width: 23,
  height: 17,
  padding: 0,
  offset: 3,
  trailing: 2,
  kind: 'Uint8Array',
  premultiplied: false,
  content: 'noise',
  paletteLength: 256,
  paletteAs: 'RGBA',
  inferred: false,
  seed: 21,
};
const image = (shape: Partial<ImageShape> = {}): RawImage => makeImage({ ...SHAPE, ...shape }).source;

const hash = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** That the memory is all of it and of no WebAssembly instance: only such a buffer can be given away. */
function expectOwned(view: ArrayBufferView<ArrayBuffer>): void {
  expect(view.byteOffset).toBe(0);
  expect(view.buffer).toBeInstanceOf(ArrayBuffer);
  expect(view.buffer.byteLength).toBe(view.byteLength);
  expect(structuredClone(view.buffer, { transfer: [view.buffer] }).byteLength).toBeGreaterThan(0);
  expect(view.byteLength).toBe(0);
}

/** An image of every path: the caller's own memory goes to the engine, or is converted first. */
const PATHS: Partial<ImageShape>[] = [
  { offset: 0, trailing: 0 },
  {},
  { padding: 5 },
  { premultiplied: true },
  ...ALL_FORMATS.map((pixelFormat) => ({ pixelFormat })),
];

describe.each(FORMATS)('encode to %s', (format) => {
  it('gives memory of its own', async () => {
    for (const shape of PATHS) {
      const bytes = await encode(image(shape), format);
      expect(Object.getPrototypeOf(bytes)).toBe(Uint8Array.prototype);
      expectOwned(bytes);
    }
  });

  it('gives memory that no later call writes to', async () => {
    const first = await encode(image(), format);
    const before = hash(first);
    await Promise.all(PATHS.map((shape) => encode(image({ ...shape, seed: 5 }), format)));
    expect(hash(first)).toBe(before);
  });

  it('neither changes nor detaches what it is given', async () => {
    for (const shape of PATHS) {
      const source = image(shape);
      const fields = { ...source };
      const { buffer, byteOffset, byteLength } = source.data as Uint8Array;
      const before = Buffer.from(Buffer.from(buffer));
      const palette = structuredClone(source.palette);
      await encode(Object.freeze(source), format);
      expect({ ...source }).toEqual(fields);
      expect([(source.data as Uint8Array).byteOffset, source.data.byteLength]).toEqual([
        byteOffset,
        byteLength,
      ]);
      expect(Buffer.compare(Buffer.from(buffer), before)).toBe(0);
      expect(source.palette).toEqual(palette);
    }
  });

  it('gives the same bytes each time', async () => {
    for (const shape of PATHS) {
      const hashes = new Set<string>();
      for (let i = 0; i < 3; i++) {
        hashes.add(hash(await encode(image(shape), format)));
        // Other work in between leaves no traces.
        await encode(image({ pixelFormat: 'rgb16', width: 100, height: 3, seed: i }), format);
      }
      expect(hashes.size).toBe(1);
    }
  });

  it('takes what is undefined, and the defaults spelled out, for the same as nothing', async () => {
    const options = Object.keys(ENCODE_CASES[format]).map((key) => [key, undefined]);
    const plain = hash(await encode(image(), format));
    expect(hash(await encode(image(), format, Object.fromEntries(options)))).toBe(plain);
    expect(hash(await encode(image(), format, Object.freeze({})))).toBe(plain);
    const fields = { strideBytes: 23 * 4, premultiplied: false, palette: undefined, metadata: undefined };
    expect(hash(await encode({ ...image(), ...fields }, format))).toBe(plain);
    const defaults: EncodeOptionsByFormat = {
      png: {
        effort: 'balanced',
        filter: 'auto',
        reduce: true,
        interlaced: false,
        metadata: {},
      },
      jpeg: {
        effort: 'balanced',
        quality: 80,
        chromaSubsampling: '4:2:0',
        progressive: false,
        optimizeCoding: true,
        restartInterval: 0,
        background: [255, 255, 255],
      },
      webp: {
        effort: 'balanced',
        quality: 80,
        lossless: false,
        alphaQuality: 100,
        method: 4,
        exact: false,
        sharpYuv: false,
      },
      raw: { pixelFormat: 'rgba8', background: [255, 255, 255] },
    };
    const frozen = Object.freeze({ ...defaults[format], limits: Object.freeze({}) });
    expect(hash(await encode(image(), format, frozen))).toBe(plain);
  });

  it('reads the same pixels out of any kind of memory', async () => {
    const hashes = new Set<string>();
    const pixels = noise(8 * 8 * 4, 4);
    const shared = new Uint8Array(new SharedArrayBuffer(256));
    shared.set(pixels);
    const offset = new Uint8Array(300);
    offset.set(pixels, 7);
    const kinds = [
      pixels,
      Buffer.from(pixels),
      new Uint8ClampedArray(pixels),
      pixels.buffer,
      shared,
      shared.buffer,
      offset.subarray(7, 263),
      new DataView(offset.buffer, 7, 256),
      new Float32Array(pixels.buffer),
      new BigInt64Array(pixels.buffer),
    ];
    for (const data of kinds) {
      hashes.add(hash(await encode({ data, width: 8, height: 8, pixelFormat: 'rgba8' }, format)));
    }
    const imageData = {
      [Symbol.toStringTag]: 'ImageData',
      data: new Uint8ClampedArray(pixels),
      width: 8,
      height: 8,
    };
    hashes.add(hash(await encode(imageData as unknown as ImageData, format)));
    // As the browser's class has it: accessors of a prototype.
    class ImageDataLike {
      readonly #pixels = new Uint8ClampedArray(pixels);
      get data() {
        return this.#pixels;
      }
      get width() {
        return 8;
      }
      get height() {
        return 8;
      }
      get colorSpace() {
        return 'srgb';
      }
      get pixelFormat() {
        return 'rgba-unorm8';
      }
      get [Symbol.toStringTag]() {
        return 'ImageData';
      }
    }
    hashes.add(hash(await encode(new ImageDataLike() as unknown as ImageData, format)));
    expect(hashes.size).toBe(1);
    const float = { ...imageData, pixelFormat: 'rgba-float16' } as unknown as ImageData;
    await expect(encode(float, format)).rejects.toMatchObject({ code: 'UNSUPPORTED_FEATURE' });
  });

  it('is done with the pixels when it settles', async () => {
    const source = image();
    const bytes = await encode(source, format);
    const before = hash(bytes);
    (source.data as Uint8Array).fill(0);
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(hash(bytes)).toBe(before);
  });

  it('fails cleanly where pixels are detached meanwhile, and the next call is well', async () => {
    const source = image({ offset: 0, trailing: 0 });
    const good = hash(await encode(source, format));
    const data = source.data as Uint8Array<ArrayBuffer>;
    const kept = data.slice();
    const work = encode(source, format);
    structuredClone(data.buffer, { transfer: [data.buffer] });
    const error = await work.catch((reason: unknown) => reason);
    expect(['RangeError', 'CodecError']).toContain((error as Error).name);
    await expect(encode(source, format)).rejects.toBeInstanceOf(RangeError);
    expect(hash(await encode({ ...source, data: kept }, format))).toBe(good);
  });
});

describe('calls at the same time', () => {
  it('give the same bytes as one after the other', async () => {
    const jobs = Array.from({ length: 50 }, (_, i) => {
      const shape = {
        pixelFormat: ALL_FORMATS[i % ALL_FORMATS.length]!,
        width: 1 + ((i * 7) % 61),
        height: 1 + ((i * 11) % 43),
        seed: i,
        premultiplied: i % 2 === 0,
      };
      const options: EncodeOptionsByFormat = {
        png: i % 3 ? {} : { bitDepth: 16 },
        jpeg: { quality: 1 + ((i * 13) % 100), effort: i % 2 ? 'smallest' : 'fast' },
        webp: i % 3 ? { lossless: true } : { quality: i },
        raw: { pixelFormat: 'rgba8' },
      };
      const format = FORMATS[i % 4]!;
      return async () => {
        const bytes = await encode(image(shape), format, options[format]);
        if (format === 'raw' || i % 8 > 4) return hash(bytes);
        const { data } = await decode(bytes, { pixelFormat: i % 3 ? 'rgba8' : 'rgba16' });
        return hash(bytes) + hash(new Uint8Array(data.buffer));
      };
    });
    const sequential: string[] = [];
    for (const job of jobs) sequential.push(await job());
    expect(await Promise.all(jobs.map((job) => job()))).toEqual(sequential);
    expect(new Set(sequential).size).toBe(jobs.length);
  });

  it('do not fail with one that fails', async () => {
    const good = hash(await encode(image(), 'png'));
    const png = await encode(image(), 'png');
    const broken = png.slice();
    broken.fill(0x55, 60, 90);
    const results = await Promise.allSettled([
      encode(image(), 'png'),
      decode(broken),
      encode(image(), 'png'),
      decode(broken.subarray(0, 70)),
      encode(image(), 'png'),
    ]);
    expect(results.map(({ status }) => status)).toEqual([
      'fulfilled',
      'rejected',
      'fulfilled',
      'rejected',
      'fulfilled',
    ]);
    for (const result of results)
      if (result.status === 'fulfilled') expect(hash(result.value as Uint8Array)).toBe(good);
  });
});

describe('entry points of one codec', () => {
  const entries = [
    ['png', encodePng, decodePng],
    ['jpeg', encodeJpeg, decodeJpeg],
    ['webp', encodeWebp, decodeWebp],
  ] as const;

  it.each(entries)('of %s do the same as the general ones', async (format, encodeOne, decodeOne) => {
    const bytes = await encodeOne(image());
    expect(hash(bytes)).toBe(hash(await encode(image(), format)));
    const pick = ({ data, ...rest }: DecodedImage) => ({ ...rest, hash: hash(new Uint8Array(data.buffer)) });
    expect(pick(await decodeOne(bytes))).toEqual(pick(await decode(bytes)));
  });

  it.each(entries)('of %s know no file of another', async (format, _, decodeOne) => {
    for (const [other] of entries) {
      if (other === format) continue;
      const bytes = await encode(image(), other);
      await expect(decodeOne(bytes)).rejects.toMatchObject({
        name: 'CodecError',
        code: 'UNKNOWN_FORMAT',
        format,
      });
    }
    await expect(decodeOne(new Uint8Array(0))).rejects.toMatchObject({ code: 'UNKNOWN_FORMAT' });
  });
});

describe('results of decode and transcode', () => {
  it.each(['png', 'jpeg', 'webp'] as const)('of %s are memory of their own', async (format) => {
    const bytes = await encode(image(), format);
    for (const pixelFormat of ['rgba8', 'rgb8', 'gray1', 'rgba16'] as const) {
      const { data } = await decode(bytes, { pixelFormat });
      expect(data).toBeInstanceOf(pixelFormat === 'rgba16' ? Uint16Array : Uint8Array);
      expectOwned(data);
    }
    for (const to of FORMATS) expectOwned(await transcode(bytes, to));
  });
});
