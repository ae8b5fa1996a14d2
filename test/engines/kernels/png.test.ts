import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import '../../setup/wasm.js';
import {
  PNG_CHUNKS_AT,
  PNG_KERNEL_FORMATS,
  type PngKernelSettings,
  pngKernel,
} from '../../../src/engines/kernels/png.js';
import type { PixelSource } from '../../../src/image.js';
import { PIXEL_LAYOUTS, type PixelFormat, rowBytes } from '../../../src/pixel-format.js';
import { freshPixbytes } from '../../setup/fresh.js';
import {
  CALL,
  chunksOf,
  decodeByAnother,
  decodeBySharp,
  filteredRows,
  type ImageRecipe,
  KINDS,
  layoutOf,
  makeImage,
  randomly,
  rgba16Of,
  SETTINGS,
} from './png-images.js';

const encode = (source: PixelSource, settings: Partial<PngKernelSettings> = {}) =>
  pngKernel.encode(source, { ...SETTINGS, ...settings }, CALL);

/** An image of what `sample` says for a column, a row and a byte of a pixel. */
function image(
  pixelFormat: PixelFormat,
  width: number,
  height: number,
  sample: (x: number, y: number, byte: number) => number,
): PixelSource {
  const strideBytes = rowBytes(pixelFormat, width);
  const pixel = Math.max(1, PIXEL_LAYOUTS[pixelFormat].bitsPerPixel >> 3);
  const bytes = Uint8Array.from({ length: strideBytes * height }, (_, i) =>
    sample(Math.floor((i % strideBytes) / pixel), Math.floor(i / strideBytes), (i % strideBytes) % pixel),
  );
  return { bytes, width, height, pixelFormat, strideBytes, premultiplied: false };
}

/** Both decoders give exactly the pixels, and Node's inflate the bytes that there have to be. */
async function expectExact(file: Uint8Array, source: PixelSource, what?: string): Promise<void> {
  const wanted = rgba16Of(source);
  const same = (pixels: Uint16Array) =>
    Buffer.compare(
      Buffer.from(pixels.buffer, pixels.byteOffset, pixels.byteLength),
      Buffer.from(wanted.buffer),
    ) === 0;
  expect(same(await decodeBySharp(file)), `sharp: ${what}`).toBe(true);
  expect(same(await decodeByAnother(file)), `another: ${what}`).toBe(true);
  filteredRows(file);
}

const recipes: fc.Arbitrary<ImageRecipe> = fc.record({
  pixelFormat: fc.constantFrom(...PNG_KERNEL_FORMATS),
  width: fc.oneof(
    { weight: 9, arbitrary: fc.integer({ min: 1, max: 40 }) },
    fc.integer({ min: 1, max: 700 }),
  ),
  height: fc.oneof(
    { weight: 9, arbitrary: fc.integer({ min: 1, max: 40 }) },
    fc.integer({ min: 1, max: 300 }),
  ),
  kind: fc.constantFrom(...KINDS),
  seed: fc.integer({ min: 0, max: 0xffff }),
  padding: fc.constantFrom(0, 0, 1, 7),
  opaque: fc.boolean(),
  doubled: fc.boolean(),
});

const settingsOf = fc.record({
  level: fc.integer({ min: 0, max: 9 }),
  filter: fc.constantFrom('auto', 'auto', 'auto', 'none', 'sub', 'up', 'average', 'paeth'),
  reduce: fc.boolean(),
  interlaced: fc.constantFrom(false, false, true),
} satisfies Record<string, fc.Arbitrary<unknown>>) as fc.Arbitrary<PngKernelSettings>;

describe('pixels', () => {
  it('come back exactly, whatever they are and however they are written', async () => {
    await fc.assert(
      fc.asyncProperty(recipes, settingsOf, async (recipe, settings) => {
        const source = makeImage(recipe);
        await expectExact(await encode(source, settings), source, JSON.stringify({ recipe, settings }));
      }),
      { numRuns: 5000 },
    );
  }, 240_000);

  // fflate's inflater for streams, and so fast-png, lost what came behind 128 kB of literals in one block.
  it.each([1, 2, 5, 6, 7, 8, 9])(
    'of many literals in a row come back by every inflater: level %i',
    async (level) => {
      const recipe = { pixelFormat: 'argb8', width: 255, kind: 'few colours', seed: 0 } as const;
      for (const height of [155, 156, 200, 455]) {
        const source = makeImage({ ...recipe, height, padding: 7, opaque: false });
        const settings = { level, filter: 'average', reduce: false } as const;
        await expectExact(await encode(source, settings), source, `${height}`);
      }
    },
  );

  it.each(PNG_KERNEL_FORMATS)('of %s come back at every width and height up to 17', async (pixelFormat) => {
    for (let size = 0; size < 17 * 17; size++) {
      const recipe = {
        pixelFormat,
        width: 1 + (size % 17),
        height: 1 + Math.floor(size / 17),
        kind: KINDS[size % 6]!,
      };
      const source = makeImage({ ...recipe, seed: size, opaque: size % 2 === 0 });
      const settings = { interlaced: size % 3 === 0, reduce: size % 5 !== 0, level: size % 10 };
      await expectExact(await encode(source, settings), source, JSON.stringify({ recipe, settings }));
    }
  });

  it.each([
    [1, 70_000],
    [70_000, 1],
    [300_000, 3],
  ])('of %dx%d come back', async (width, height) => {
    for (const pixelFormat of ['rgba8', 'gray1', 'rgb16'] as const) {
      for (const level of [1, 4]) {
        const source = makeImage({ pixelFormat, width, height, kind: 'slope', seed: 1 });
        const file = await encode(source, { level, reduce: false });
        const pixels = await decodeBySharp(file);
        expect(
          Buffer.compare(
            Buffer.from(pixels.buffer, pixels.byteOffset, pixels.byteLength),
            Buffer.from(rgba16Of(source).buffer),
          ),
        ).toBe(0);
      }
    }
  });
});

describe('the layout', () => {
  const natural: Record<PixelFormat, string> = {
    gray8: '0/8',
    graya8: '4/8',
    rgb8: '2/8',
    rgba8: '6/8',
    bgr8: '2/8',
    bgra8: '6/8',
    argb8: '6/8',
    rgbx8: '2/8',
    bgrx8: '2/8',
    gray16: '0/16',
    graya16: '4/16',
    rgb16: '2/16',
    rgba16: '6/16',
    gray1: '0/1',
    indexed8: '3/8',
  };

  it.each(PNG_KERNEL_FORMATS)('of %s is kept without reduction', async (pixelFormat) => {
    for (const kind of KINDS) {
      const source = makeImage({
        pixelFormat,
        width: 37,
        height: 20,
        kind,
        seed: 3,
        opaque: true,
        doubled: true,
      });
      expect(layoutOf(await encode(source, { reduce: false, level: 9 }))).toBe(natural[pixelFormat]);
    }
  });

  const noise = (seed: number) => {
    const random = randomly(seed);
    return () => random() >>> 24;
  };
  const any = noise(1);
  const opaque =
    (sample: (x: number, y: number, byte: number) => number) => (x: number, y: number, byte: number) =>
      byte === 3 ? 255 : sample(x, y, byte);

  it.each([
    ['alpha that is opaque', 'rgba8', opaque(any), '2/8'],
    ['colour that is gray', 'rgb8', (x, y) => (x * 31 + y * 57) & 255, '0/8'],
    ['both', 'rgba8', opaque((x, y) => (x * 31 + y * 57) & 255), '0/8'],
    [
      'gray with alpha',
      'rgba8',
      (x, y, byte) => (byte === 3 ? (x * 7 + y) & 255 : (x * 31 + y * 57) & 255),
      '4/8',
    ],
    ['gray in 16 levels', 'gray8', (x, y) => 17 * ((x * y) & 15), '0/4'],
    ['gray in 4 levels', 'rgba8', opaque((x, y) => 85 * ((x * y) & 3)), '0/2'],
    ['black and white', 'rgb8', (x, y) => 255 * ((x ^ y) & 1), '0/1'],
    ['gray in other levels', 'gray8', () => [3, 50, 77][any() % 3]!, '3/2'],
    [
      'two colours',
      'rgba8',
      (x, y, byte) =>
        [
          [1, 2, 3, 4],
          [5, 6, 7, 8],
        ][(x * y) & 1]![byte]!,
      '3/1',
    ],
    ['colour under no alpha', 'rgba8', (x, y, byte) => (byte === 3 ? 0 : any() + x + y), '6/8'],
    ['16 bits', 'rgba16', any, '6/16'],
  ] as [string, PixelFormat, (x: number, y: number, byte: number) => number, string][])(
    'leaves out what is not needed: %s',
    async (_what, pixelFormat, sample, layout) => {
      for (const [width, height] of [
        [80, 60],
        [400, 300],
      ] as const) {
        const source = image(pixelFormat, width, height, sample);
        const file = await encode(source);
        expect(layoutOf(file)).toBe(layout);
        await expectExact(file, source);
      }
    },
  );

  it('is looked for to the last pixel', async () => {
    for (const [byte, value, layout] of [
      [3, 254, '6/8'],
      [0, 77, '2/8'],
    ] as const) {
      const source = image(
        'rgba8',
        300,
        400,
        opaque((x, y) => (x * 31 + y * 57) & 255),
      );
      expect(layoutOf(await encode(source))).toBe('0/8');
      source.bytes[source.bytes.length - 4 + byte] = value;
      const file = await encode(source);
      expect(layoutOf(file)).toBe(byte === 3 ? '4/8' : layout);
      await expectExact(file, source);
    }
  });

  it('has a palette of the colours in use, transparent ones first', async () => {
    const source = image('rgba8', 64, 64, (x, y, byte) =>
      byte === 3 ? [255, 9, 255][(x + y) % 3]! : [10, 20, 30][(x + y) % 3]!,
    );
    const chunks = chunksOf(await encode(source));
    expect(chunks.map(({ type }) => type)).toEqual(['IHDR', 'PLTE', 'tRNS', 'IDAT', 'IEND']);
    expect([...chunks[1]!.data]).toEqual([20, 20, 20, 10, 10, 10, 30, 30, 30]);
    expect([...chunks[2]!.data]).toEqual([9]);
  });

  it('has no palette that is larger than what it saves', async () => {
    const source = image('rgb8', 16, 16, any);
    expect(layoutOf(await encode(source))).toBe('2/8');
  });

  it('of 16 bits that are bytes twice has 8 where bytes matter most, gray and palette as well', async () => {
    const twice = (pixelFormat: PixelFormat, kind: (typeof KINDS)[number]) =>
      makeImage({ pixelFormat, width: 50, height: 40, kind, seed: 9, doubled: true, opaque: true });
    for (const [source, layout] of [
      [twice('rgba16', 'noise'), '2/8'],
      [twice('rgba16', 'one colour'), '3/1'],
      [twice('gray16', 'levels'), '0/4'],
    ] as const) {
      const file = await encode(source, { level: 9 });
      expect(layoutOf(file)).toBe(layout);
      await expectExact(file, source);
      expect(layoutOf(await encode(source, { level: 6 }))).toMatch(/\/16$/);
    }
  });

  it('leaves out of a stream what its format tells alone', async () => {
    const source = makeImage({ pixelFormat: 'rgba8', width: 30, height: 30, kind: 'one colour', seed: 4 });
    const encoder = await pngKernel.open(source, SETTINGS, CALL);
    const file = Buffer.concat(encoder.write(source.bytes, source.strideBytes, 30));
    expect(layoutOf(file)).toBe('6/8');
    await expectExact(file, source);
  });
});

describe('the bit depth', () => {
  const round = (value: number, max: number) => Math.floor((value * max + 127) / 255);

  it.each([1, 2, 4] as const)('%d rounds gray', async (bitDepth) => {
    const source = image('gray8', 256, 3, (x) => x);
    const max = 2 ** bitDepth - 1;
    const rounded = image('gray8', 256, 3, (x) => (round(x, max) * 255) / max);
    for (const reduce of [false, true]) {
      const file = await encode(source, { bitDepth, reduce });
      expect(layoutOf(file)).toBe(`0/${bitDepth}`);
      await expectExact(file, rounded);
    }
  });

  it.each(['gray8', 'graya8', 'rgb8', 'bgra8', 'gray1'] as const)('16 widens %s', async (pixelFormat) => {
    const source = makeImage({ pixelFormat, width: 33, height: 9, kind: 'noise', seed: 5 });
    const file = await encode(source, { bitDepth: 16 });
    expect(file[24]).toBe(16);
    await expectExact(file, source);
  });

  it('of a palette holds as many colours, and no more', async () => {
    const source = makeImage({ pixelFormat: 'indexed8', width: 30, height: 30, kind: 'noise', seed: 6 });
    const few = { ...source, bytes: source.bytes.map((index) => index & 15) };
    for (const reduce of [false, true]) {
      const file = await encode(few, { bitDepth: 4, reduce });
      expect(layoutOf(file)).toBe('3/4');
      await expectExact(file, few);
      await expect(encode(few, { bitDepth: 2, reduce })).rejects.toMatchObject({
        code: 'UNSUPPORTED_FEATURE',
      });
    }
    const encoder = await pngKernel.open(few, { ...SETTINGS, bitDepth: 1 }, CALL);
    expect(() => encoder.write(few.bytes, few.strideBytes, 30)).toThrow(
      expect.objectContaining({ code: 'UNSUPPORTED_FEATURE' }),
    );
  });

  it('below 8 takes colours that fit a palette', async () => {
    const source = image('rgba8', 40, 40, (x, y, byte) => ((x * y) % 3) * 40 + byte);
    const file = await encode(source, { bitDepth: 4 });
    expect(layoutOf(file)).toBe('3/4');
    await expectExact(file, source);
    await expect(encode(source, { bitDepth: 1 })).rejects.toMatchObject({ code: 'UNSUPPORTED_FEATURE' });
  });

  it('is refused where the format does not have it', async () => {
    const wrong: [PixelFormat, 1 | 8 | 16, boolean][] = [
      ['rgb16', 8, true],
      ['indexed8', 16, true],
      ['rgba8', 1, false],
    ];
    for (const [pixelFormat, bitDepth, reduce] of wrong) {
      const source = makeImage({ pixelFormat, width: 3, height: 3, kind: 'noise', seed: 1 });
      await expect(encode(source, { bitDepth, reduce })).rejects.toThrow(RangeError);
    }
    const stream = pngKernel.open(
      { width: 3, height: 3, pixelFormat: 'rgba8' },
      { ...SETTINGS, bitDepth: 1 },
      CALL,
    );
    await expect(stream).rejects.toThrow(RangeError);
  });
});

describe('the file', () => {
  it('has a place for other chunks behind IHDR', async () => {
    const source = makeImage({ pixelFormat: 'indexed8', width: 20, height: 20, kind: 'noise', seed: 2 });
    const file = await encode(source);
    expect(Buffer.from(file.subarray(PNG_CHUNKS_AT + 4, PNG_CHUNKS_AT + 8)).toString()).toBe('PLTE');
    expect(chunksOf(file)[0]!.data.length).toBe(PNG_CHUNKS_AT - 20);
  });

  it.each([
    ['none', 0],
    ['sub', 1],
    ['up', 2],
    ['average', 3],
    ['paeth', 4],
  ] as const)('has the filter that is asked for: %s', async (filter, type) => {
    for (const pixelFormat of ['rgba8', 'indexed8', 'gray1'] as const) {
      const source = makeImage({ pixelFormat, width: 25, height: 19, kind: 'noise', seed: 8 });
      const rows = filteredRows(await encode(source, { filter, reduce: false }));
      for (let at = 0; at < rows.length; at += rows.length / 19) expect(rows[at]).toBe(type);
    }
  });

  it('shows nothing of an earlier image', async () => {
    const marker = makeImage({ pixelFormat: 'rgba16', width: 300, height: 200, kind: 'noise', seed: 1 });
    for (let size = 1; size <= 40; size += 3) {
      const pixelFormat = PNG_KERNEL_FORMATS[size % PNG_KERNEL_FORMATS.length]!;
      const source = makeImage({ pixelFormat, width: size, height: 41 - size, kind: 'slope', seed: size });
      const settings = { ...SETTINGS, reduce: false, interlaced: size % 2 === 0, level: size % 10 };
      // An instance that has seen nothing. Of a palette in a stream all entries are written.
      if (pixelFormat === 'indexed8') continue;
      const fresh = await pngKernel.open(source, settings, CALL);
      const expected = Buffer.concat(fresh.write(source.bytes, source.strideBytes, source.height));
      await encode(marker);
      expect(Buffer.compare(await encode(source, settings), expected), `${size}`).toBe(0);
    }
  });
});

describe('rows that come one by one', () => {
  it('give the same bytes for any chunking', async () => {
    await fc.assert(
      fc.asyncProperty(
        recipes,
        settingsOf,
        fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 20 }),
        async (recipe, settings, chunks) => {
          const source = makeImage(recipe);
          const { bytes, strideBytes, height } = source;
          const inOne = await pngKernel.open(source, settings, CALL);
          const expected = Buffer.concat(inOne.write(bytes, strideBytes, height));
          const encoder = await pngKernel.open(source, settings, CALL);
          const parts: Uint8Array[] = [];
          for (let y = 0, i = 0; y < height; i++) {
            const rows = Math.min(chunks[i % chunks.length]!, height - y);
            parts.push(...encoder.write(bytes.subarray(y * strideBytes), strideBytes, rows));
            y += rows;
          }
          expect(await encoder.finish()).toEqual([]);
          expect(Buffer.compare(Buffer.concat(parts), expected)).toBe(0);
          if (!settings.reduce) await expectExact(expected, source, JSON.stringify({ recipe, settings }));
        },
      ),
      { numRuns: 150 },
    );
  }, 60_000);

  it('take little memory: 100 megapixels of gray', async () => {
    const layout = { width: 10_000, height: 10_000, pixelFormat: 'gray8' } as const;
    const strip = makeImage({ ...layout, height: 200, kind: 'noise', seed: 1 });
    // Those that served before may have grown for stronger levels.
    await freshPixbytes();
    const { pngKernel: fresh } = await import('../../../src/engines/kernels/png.js');
    for (const level of [1, 4]) {
      const encoder = await fresh.open(layout, { ...SETTINGS, level }, CALL);
      let bytes = 0;
      for (let y = 0; y < 10_000; y += 200) {
        for (const part of encoder.write(strip.bytes, strip.strideBytes, 200)) bytes += part.length;
      }
      await encoder.finish();
      expect(bytes).toBeGreaterThan(90e6);
      expect(encoder.memoryBytes).toBeLessThanOrEqual(4 * 1024 * 1024);
    }
  }, 60_000);
});

describe('memory', () => {
  it('of an interlaced image is bound by the limit, and the next call is served', async () => {
    const source = makeImage({ pixelFormat: 'rgba8', width: 1200, height: 1000, kind: 'noise', seed: 1 });
    const limits = { ...CALL.limits, maxMemoryBytes: 4_000_000 };
    const interlaced = pngKernel.encode(source, { ...SETTINGS, interlaced: true }, { limits });
    await expect(interlaced).rejects.toMatchObject({ code: 'LIMIT_EXCEEDED' });
    const file = await pngKernel.encode(source, SETTINGS, { limits });
    await expectExact(file, source);
  });
});
