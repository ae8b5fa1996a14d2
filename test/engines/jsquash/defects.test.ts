import { decode as decodeFastPng, encode as encodeFastPng } from 'fast-png';
import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { decode, encode, type RawImage } from '../../../src/index.js';
import { WASM_NAMES, type WasmName } from '../../../src/platform/platform.js';
import { concat, ihdr, PNG_SIGNATURE, pngChunk } from '../../container/samples.js';
import { freshPixbytes, rejection } from '../../setup/fresh.js';
import { compileWasm } from '../../setup/wasm.js';

// What jSquash does as published, each with the test that keeps it from our callers. The data leak has a file of its own.

const FORMATS = ['png', 'jpeg', 'webp'] as const;

/** Smooth colours with some noise, opaque. */
function picture(width: number, height: number): RawImage & { data: Uint8Array<ArrayBuffer> } {
  const data = new Uint8Array(width * height * 4);
  for (let y = 0, at = 0, noise = 1; y < height; y++) {
    for (let x = 0; x < width; x++) {
      noise = (Math.imul(noise, 1_103_515_245) + 12_345) >>> 0;
      data[at++] = 110 + 80 * Math.sin(x / 17) + ((noise >>> 16) % 40);
      data[at++] = 110 + 80 * Math.cos(y / 23 + x / 40) + ((noise >>> 16) % 20);
      data[at++] = (x * 3 + y) & 127;
      data[at++] = 255;
    }
  }
  return { data, width, height, pixelFormat: 'rgba8' };
}

/** RGB of the file's pixels, by an independent decoder. */
async function judge(file: Uint8Array): Promise<Buffer> {
  return sharp(file).removeAlpha().toColourspace('srgb').raw().toBuffer();
}

/** Sampling factors of each component of the frame header (T.81, B.2.2), as `[horizontal, vertical]`. */
function sampling(jpeg: Uint8Array): number[][] {
  const at = jpeg.findIndex((byte, i) => byte === 0xff && [0xc0, 0xc1, 0xc2].includes(jpeg[i + 1]!));
  return Array.from({ length: jpeg[at + 9]! }, (_, i) => {
    const factors = jpeg[at + 11 + i * 3]!;
    return [factors >> 4, factors & 15];
  });
}

/** The instances that calls make from here on. */
function watchInstances(): WebAssembly.Instance[] {
  const made: WebAssembly.Instance[] = [];
  const real = WebAssembly.instantiate as (
    module: WebAssembly.Module,
    imports?: WebAssembly.Imports,
  ) => Promise<WebAssembly.Instance>;
  vi.spyOn(WebAssembly, 'instantiate').mockImplementation((async (
    module: WebAssembly.Module,
    imports?: WebAssembly.Imports,
  ) => {
    const instance = await real(module, imports);
    // Not the kernel that converts pixels: its memory has a fixed size.
    if (!('pixels_begin' in instance.exports)) made.push(instance);
    return instance;
  }) as typeof WebAssembly.instantiate);
  return made;
}

function memoryOf({ exports }: WebAssembly.Instance): WebAssembly.Memory {
  const memory = Object.values(exports).find((value) => value instanceof WebAssembly.Memory);
  if (!memory) throw new Error('The instance exports no memory');
  return memory;
}

function memoryBytes(instance: WebAssembly.Instance): number {
  return memoryOf(instance).buffer.byteLength;
}

const OUTPUTS = ['log', 'info', 'warn', 'error', 'debug'] as const;
let printed: unknown[] = [];

beforeEach(() => {
  printed = [];
  for (const name of OUTPUTS) vi.spyOn(console, name).mockImplementation((...line) => printed.push(line));
  for (const stream of [process.stdout, process.stderr]) {
    vi.spyOn(stream, 'write').mockImplementation((line) => printed.push(line) > 0);
  }
});

afterEach(() => {
  vi.restoreAllMocks();
  expect(printed).toEqual([]);
});

describe('byteOffset: @jsquash/png reads the buffer behind a view from its start', () => {
  const { data, width, height } = picture(8, 6);
  const pool = Buffer.from(data);
  const surrounded = new Uint8Array(data.length + 64).fill(0x5a);
  surrounded.set(data, 24);
  const views: [string, ArrayBufferView][] = [
    ['a small Buffer, which lies in a pool', pool],
    ['a subarray', surrounded.subarray(24, 24 + data.length)],
    ['a DataView', new DataView(surrounded.buffer, 24, data.length)],
    ['a Uint32Array', new Uint32Array(surrounded.buffer, 24, width * height)],
  ];

  it('is tested with a buffer from the pool', () => {
    expect(pool.buffer.byteLength).toBeGreaterThan(pool.length);
  });

  it.each(views)('%s', async (_, view) => {
    const image = { data: view, width, height, pixelFormat: 'rgba8' } as const;
    const rgb = Buffer.from(data.filter((_sample, i) => i % 4 !== 3));
    expect(await judge(await encode(image, 'png'))).toEqual(rgb);
    expect(await judge(await encode(image, 'webp', { lossless: true }))).toEqual(rgb);
    expect(await encode(image, 'raw')).toEqual(data);
    // Lossy: the same file as that of the same pixels in memory of their own.
    expect(await encode(image, 'jpeg')).toEqual(await encode(picture(width, height), 'jpeg'));
    const jpeg = await judge(await encode(image, 'jpeg', { quality: 100, chromaSubsampling: '4:4:4' }));
    expect(Math.max(...jpeg.map((sample, i) => Math.abs(sample - rgb[i]!)))).toBeLessThanOrEqual(6);
  });
});

describe('16-bit PNG: @jsquash/png swaps the bytes of the samples', () => {
  const width = 5;
  const height = 3;
  const samples = Uint16Array.from({ length: width * height * 4 }, (_, i) => (i * 40_503 + 0x1234) & 0xffff);
  const image = { data: samples, width, height, pixelFormat: 'rgba16' } as const;

  it('writes them so that fast-png and sharp read the same values', async () => {
    const file = await encode(image, 'png');
    const read = decodeFastPng(file);
    expect([read.depth, read.channels]).toEqual([16, 4]);
    expect(Uint16Array.from(read.data)).toEqual(samples);
    const bytes = await sharp(file).toColourspace('rgb16').raw({ depth: 'ushort' }).toBuffer();
    expect(new Uint16Array(bytes.buffer, bytes.byteOffset, samples.length)).toEqual(samples);
  });

  it('reads what fast-png and sharp write', async () => {
    const rgb = samples.slice(0, width * height * 3);
    const files = [
      [samples, encodeFastPng({ data: samples, width, height, depth: 16, channels: 4 }), 'rgba16'],
      [rgb, encodeFastPng({ data: rgb, width, height, depth: 16, channels: 3 }), 'rgb16'],
      [
        rgb,
        await sharp(rgb, { raw: { width, height, channels: 3 } })
          .toColourspace('rgb16')
          .png()
          .toBuffer(),
        'rgb16',
      ],
    ] as const;
    for (const [expected, file, pixelFormat] of files) {
      expect((await decode(file, { pixelFormat })).data).toEqual(expected);
    }
  });

  it('keeps them from PNG to PNG', async () => {
    expect((await decode(await encode(image, 'png'), { pixelFormat: 'rgba16' })).data).toEqual(samples);
  });
});

describe('errors: traps, ExitStatus, numbers and strings; lines on stderr', () => {
  /** Copies of a file with bytes overwritten, or cut off. */
  function* damaged(file: Uint8Array): Generator<Uint8Array> {
    for (let i = 0; i < 150; i++) {
      const copy = file.slice();
      for (let n = 0; n <= i % 4; n++)
        copy[12 + ((i * 7919 + n * 104_729) % (file.length - 12))]! ^= 1 << (i % 8);
      yield copy;
    }
    for (let end = 4; end < file.length; end += Math.ceil(file.length / 60)) yield file.slice(0, end);
  }

  it.each(FORMATS)('become a CodecError, leave no trace, and poison no later call: %s', async (format) => {
    const good = await encode(picture(40, 30), format);
    const { data: expected } = await decode(good);
    let failures = 0;
    for (const file of damaged(good)) {
      try {
        await decode(file);
      } catch (error) {
        expect(error).toMatchObject({ name: 'CodecError', code: expect.stringMatching(/^[A-Z_]+$/) });
        expect(error).toBeInstanceOf(Error);
        failures++;
        expect((await decode(good)).data).toEqual(expected);
      }
    }
    expect(failures).toBeGreaterThan(30);
  });

  /** A file whose structure is right, and which only the engine can refuse. */
  function misleading(format: 'png' | 'jpeg', good: Uint8Array): Uint8Array {
    if (format === 'png') {
      const zeros = new Uint8Array(1000);
      return concat(PNG_SIGNATURE, ihdr(40, 30), pngChunk('IDAT', zeros), pngChunk('IEND'));
    }
    // A Huffman table with more codes of one bit than there are.
    const bad = good.slice();
    const dht = bad.findIndex((byte, i) => byte === 0xff && bad[i + 1] === 0xc4);
    bad[dht + 5] = 200;
    return bad;
  }

  it.each(['png', 'jpeg'] as const)('an instance that failed serves no further call: %s', async (format) => {
    const good = await encode(picture(40, 30), format);
    const { decode } = await freshPixbytes();
    const bad = misleading(format, good);
    const instances = watchInstances();
    for (const made of [1, 2, 3]) {
      await decode(good);
      await decode(good);
      expect(instances.length).toBe(made);
      expect(await rejection(decode(bad))).toMatchObject({ code: 'CORRUPT_INPUT', format });
    }
  });

  it('says what libjpeg printed in the message instead', async () => {
    const error = await rejection(decode(misleading('jpeg', await encode(picture(40, 30), 'jpeg'))));
    expect(error).toMatchObject({
      name: 'CodecError',
      code: 'CORRUPT_INPUT',
      format: 'jpeg',
      message: expect.stringMatching(/Huffman/),
      cause: expect.any(Error),
    });
  });

  it('where an instance could not be made', async () => {
    const real = WebAssembly.instantiate;
    for (const [thrown, code] of [
      [
        new RangeError('WebAssembly.instantiate(): Out of memory: Cannot allocate Wasm memory'),
        'OUT_OF_MEMORY',
      ],
      [new WebAssembly.LinkError('import object field is not a Function'), 'WASM_LOAD_FAILED'],
    ] as const) {
      for (const format of FORMATS) {
        const fresh = await freshPixbytes();
        // The kernel that converts pixels is there already.
        await fresh.encode(picture(4, 4), 'raw', { pixelFormat: 'bgr8' });
        const spy = vi.spyOn(WebAssembly, 'instantiate').mockRejectedValue(thrown);
        const call = () => fresh.encode(picture(4, 4), format, { effort: 'smallest' });
        expect(await rejection(call())).toMatchObject({ name: 'CodecError', code });
        spy.mockImplementation(real);
        expect((await call()).length).toBeGreaterThan(0);
      }
    }
  });

  it('where the module is another one', async () => {
    const empty = new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);
    for (const [name, format] of [
      ['png', 'png'],
      ['mozjpeg-enc', 'jpeg'],
      ['vp8', 'webp'],
    ] as const) {
      const fresh = await freshPixbytes({ [name]: () => WebAssembly.compile(empty) });
      const failed = fresh.encode(picture(4, 4), format, { effort: 'smallest' });
      expect(await rejection(failed)).toMatchObject({ name: 'CodecError' });
    }
  });
});

describe('nonsense that jSquash accepts is refused, before any WebAssembly is loaded', () => {
  const sizes = [7.5, 0, -1, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53].flatMap((size) => [
    { width: size },
    { height: size },
  ]);
  const kinds = ['8', null, undefined, true, 8n, {}].map((width) => ({ width }));

  it.each([...FORMATS, 'raw'] as const)('sizes: %s', async (format) => {
    const { encode, loads } = await freshPixbytes();
    for (const fields of sizes) {
      expect(await rejection(encode({ ...picture(8, 8), ...fields }, format))).toBeInstanceOf(RangeError);
    }
    for (const fields of kinds) {
      const error = await rejection(encode({ ...picture(8, 8), ...fields } as unknown as RawImage, format));
      expect(error).toBeInstanceOf(TypeError);
    }
    expect(loads).toEqual([]);
  });

  it.each(['jpeg', 'webp'] as const)('quality: %s', async (format) => {
    const { encode, loads } = await freshPixbytes();
    for (const quality of [Number.NaN, 500, -1, 101, Number.POSITIVE_INFINITY]) {
      expect(await rejection(encode(picture(8, 8), format, { quality }))).toBeInstanceOf(RangeError);
    }
    for (const quality of ['80', null, {}, true]) {
      const options = { quality } as unknown as { quality: number };
      expect(await rejection(encode(picture(8, 8), format, options))).toBeInstanceOf(TypeError);
    }
    expect(loads).toEqual([]);
  });

  it('other settings', async () => {
    const { encode, loads } = await freshPixbytes();
    const image = picture(8, 8);
    const refused = [
      encode(image, 'jpeg', { quality: 7.5 }),
      encode(image, 'webp', { method: 7 }),
      encode(image, 'webp', { alphaQuality: Number.NaN }),
      encode(image, 'webp', { targetSize: 0 }),
      encode(image, 'png', { level: 10 }),
    ];
    for (const call of refused) expect(await rejection(call)).toBeInstanceOf(RangeError);
    const unknown = { arithmetic: true } as object;
    expect(await rejection(encode(image, 'jpeg', unknown))).toBeInstanceOf(TypeError);
    expect(loads).toEqual([]);
  });
});

describe('memory: never given back', () => {
  it.each([
    ['png', { interlaced: true, reduce: false }],
    ['jpeg', { effort: 'smallest', progressive: false }],
    ['webp', { lossless: true, method: 0 }],
  ] as const)(
    'an instance that encoded 17 megapixels serves no further call: %s',
    async (format, options) => {
      const { encode } = await freshPixbytes();
      const instances = watchInstances();
      const small = picture(16, 16);
      const expected = await encode(small, format, options);
      await encode(small, format, options);
      // A small image alone leaves the instance in use.
      expect(instances.length).toBe(1);
      const side = 4128;
      await encode({ data: new Uint8Array(side * side * 4), width: side, height: side }, format, options);
      expect(instances.length).toBe(1);
      expect(memoryBytes(instances[0]!)).toBeGreaterThan(64 * 2 ** 20);
      expect(await encode(small, format, options)).toEqual(expected);
      expect(instances.length).toBe(2);
      expect(memoryBytes(instances[1]!)).toBeLessThan(64 * 2 ** 20);
    },
  );

  it.each(['png', 'jpeg'] as const)('nor one that decoded 17 megapixels: %s', async (format) => {
    const { decode } = await freshPixbytes();
    const files = [16, 4128].map((side) =>
      sharp({ create: { width: side, height: side, channels: 3, background: '#4080c0' } })
        .toFormat(format)
        .toBuffer(),
    );
    const [small, large] = await Promise.all(files);
    const instances = watchInstances();
    await decode(small!);
    await decode(small!);
    expect(instances.length).toBe(1);
    await decode(large!);
    await decode(small!);
    expect(instances.map((instance) => memoryBytes(instance) > 64 * 2 ** 20)).toEqual([true, false]);
  });

  it('no WebP is decoded with memory that another left behind, as libwebp 1.1.0 has CVE-2023-4863', async () => {
    const pixels = picture(256, 128);
    const file = await encode(pixels, 'webp', { lossless: true, exact: true });
    const other = await encode({ ...pixels, data: pixels.data.map((sample) => sample >> 1) }, 'webp');
    const { decode } = await freshPixbytes();
    const instances = watchInstances();
    const remains = () => {
      const bytes = Buffer.from(memoryOf(instances[0]!).buffer);
      const seen = [Buffer.from(pixels.data.subarray(4096, 4160)), Buffer.from(file.subarray(200, 216))];
      return seen.map((part) => bytes.includes(part));
    };
    await decode(file);
    expect(remains()).toEqual([true, true]);
    new Uint8Array(memoryOf(instances[0]!).buffer).fill(0xa5);
    const expected = await sharp(other).ensureAlpha().raw().toBuffer();
    expect(Buffer.compare((await decode(other)).data as Uint8Array, expected)).toBe(0);
    expect(remains()).toEqual([false, false]);
    await Promise.all(Array.from({ length: 3 }, () => decode(file)));
    expect(instances.length).toBe(1);
  });
});

describe('settings without effect', () => {
  it.each([
    ['white by default', undefined, [255, 255, 255]],
    ['the given colour', [10, 200, 90], [10, 200, 90]],
  ] as const)('alpha of JPEG: dropped, not flattened; here on %s', async (_, background, [r, g, b]) => {
    const data = new Uint8Array(16 * 16 * 4);
    for (let i = 0; i < data.length; i += 4) data.set([0, 0, 0, i < data.length / 2 ? 0 : 128], i);
    const file = await encode({ data, width: 16, height: 16 }, 'jpeg', { background, quality: 100 });
    const pixels = await judge(file);
    const near = (at: number, share: number) =>
      [r, g, b].forEach((sample, i) => {
        expect(Math.abs(pixels[at + i]! - sample * share)).toBeLessThanOrEqual(4);
      });
    near(0, 1);
    near(pixels.length - 3, 127 / 255);
  });

  it.each(['balanced', 'smallest'] as const)('chroma subsampling of JPEG: as asked, %s', async (effort) => {
    const image = picture(32, 32);
    const luma = (h: number, v: number) => [
      [h, v],
      [1, 1],
      [1, 1],
    ];
    expect(sampling(await encode(image, 'jpeg', { effort }))).toEqual(luma(2, 2));
    const written = async (chromaSubsampling: '4:4:4' | '4:2:2' | '4:2:0') =>
      sampling(await encode(image, 'jpeg', { effort, chromaSubsampling }));
    expect(await written('4:2:0')).toEqual(luma(2, 2));
    expect(await written('4:2:2')).toEqual(luma(2, 1));
    expect(await written('4:4:4')).toEqual(luma(1, 1));
  });

  it('gray pixels make a JPEG of one component', async () => {
    const gray = { data: new Uint8Array(64).map((_, i) => i * 4), width: 8, height: 8 };
    const file = await encode(gray, 'jpeg', { quality: 100 });
    expect(sampling(file).length).toBe(1);
    const data = await sharp(file).toColourspace('b-w').raw().toBuffer();
    expect(data.length).toBe(64);
    expect(Math.max(...data.map((v, i) => Math.abs(v - gray.data[i]!)))).toBeLessThanOrEqual(3);
  });
});

describe('loading', () => {
  const use: Record<WasmName, (verbs: Awaited<ReturnType<typeof freshPixbytes>>) => Promise<unknown>> = {
    pixels: ({ encode }) => encode(picture(4, 4), 'raw', { pixelFormat: 'bgr8' }),
    png: ({ encode }) => encode(picture(4, 4), 'png'),
    'jsquash-png': async ({ decode }) => decode(await encode(picture(4, 4), 'png')),
    jpeg: ({ encode }) => encode({ ...picture(4, 4), pixelFormat: 'rgbx8' }, 'jpeg'),
    'mozjpeg-enc': ({ encode }) =>
      encode({ ...picture(4, 4), pixelFormat: 'rgbx8' }, 'jpeg', { effort: 'smallest' }),
    vp8: ({ encode }) => encode({ ...picture(4, 4), pixelFormat: 'rgbx8' }, 'webp'),
    vp8l: ({ encode }) => encode(picture(4, 4), 'webp', { lossless: true }),
    'mozjpeg-dec': async ({ decode }) => decode(await encode(picture(4, 4), 'jpeg')),
    'libwebp-dec': async ({ decode }) => decode(await encode(picture(4, 4), 'webp')),
  };

  it.each(WASM_NAMES)('a load that failed is tried again: %s', async (name) => {
    const load = vi.fn(() => compileWasm(name)).mockRejectedValueOnce(new TypeError('fetch failed'));
    const verbs = await freshPixbytes({ [name]: load });
    expect(await rejection(use[name](verbs))).toMatchObject({
      name: 'CodecError',
      code: 'WASM_LOAD_FAILED',
    });
    await use[name](verbs);
    await use[name](verbs);
    expect(load).toHaveBeenCalledTimes(2);
  });

  it('the glue has no guard against many instances: calls at once share one', async () => {
    const { encode, loads } = await freshPixbytes();
    const instantiate = vi.spyOn(WebAssembly, 'instantiate');
    const image = { ...picture(4, 4), pixelFormat: 'rgbx8' } as const;
    await Promise.all(Array.from({ length: 8 }, () => encode(image, 'jpeg', { effort: 'smallest' })));
    expect(loads.toSorted()).toEqual(['mozjpeg-enc', 'pixels']);
    expect(instantiate).toHaveBeenCalledTimes(2);
  });

  it('sets no globals: the glue has an ImageData of its own', async () => {
    const before = Object.getOwnPropertyNames(globalThis);
    const verbs = await freshPixbytes();
    for (const format of FORMATS) {
      await verbs.decode(await verbs.encode(picture(4, 4), format));
      await verbs.encode(picture(4, 4), format, { effort: 'smallest' });
      await rejection(verbs.decode((await verbs.encode(picture(4, 4), format)).slice(0, 30)));
    }
    await verbs.encode(picture(4, 4), 'webp', { lossless: true });
    expect(verbs.loads.toSorted()).toEqual(WASM_NAMES.toSorted());
    expect(Object.getOwnPropertyNames(globalThis)).toEqual(before);
  });
});
