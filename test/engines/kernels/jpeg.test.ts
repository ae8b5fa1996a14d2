import decoderGlue from '@jsquash/jpeg/codec/dec/mozjpeg_dec.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import '../../setup/wasm.js';
import { createEmscripten, type GlueFactory } from '../../../src/engines/jsquash/emscripten.js';
import {
  JPEG_KERNEL_FORMATS,
  JPEG_SEGMENTS_AT,
  type JpegKernelSettings,
  jpegKernel,
} from '../../../src/engines/kernels/jpeg.js';
import type { PixelSource } from '../../../src/image.js';
import {
  CALL,
  CODINGS,
  decodeByJpegJs,
  decodeBySharp,
  encodeBySharp,
  image,
  noise,
  photograph,
  picture,
  psnr,
  rgbOf,
  SETTINGS,
  SUBSAMPLINGS,
} from './jpeg-images.js';

const codings = Object.keys(CODINGS) as (keyof typeof CODINGS)[];

const encode = (source: PixelSource, settings: Partial<JpegKernelSettings> = {}) =>
  jpegKernel.encode(source, { ...SETTINGS, ...settings }, CALL);

/** jSquash's decoder with its warnings, which the engine drops. */
const mozjpeg = createEmscripten<(file: Uint8Array, keep: boolean) => { width: number; height: number }>(
  decoderGlue as unknown as GlueFactory,
  'mozjpeg-dec',
  'decode',
);

/** Every decoder takes the file, and they agree on what it holds. */
async function expectDecodable(file: Uint8Array, width: number, height: number, what: string) {
  const bySharp = await decodeBySharp(file);
  expect([bySharp.width, bySharp.height], what).toEqual([width, height]);
  const byJpegJs = decodeByJpegJs(file);
  expect([byJpegJs.width, byJpegJs.height], what).toEqual([width, height]);
  const { call, complaints } = await mozjpeg;
  const byJsquash = call(file, false);
  expect(complaints(), what).toBe('');
  expect([byJsquash.width, byJsquash.height], what).toEqual([width, height]);
  return bySharp.data;
}

/**
 * Holds our encoding of an RGBA image against sharp's own of the same pixels.
 *
 * @param tolerance decibels; a picture of a few pixels has too few coefficients for roundings to even out
 * @returns both files, and the mean squared errors of both
 */
async function expectQuality(
  source: PixelSource,
  settings: Partial<JpegKernelSettings>,
  what: string,
  tolerance = 0.1,
) {
  const all = { ...SETTINGS, ...settings };
  const file = await encode(source, all);
  const decoded = await expectDecodable(file, source.width, source.height, what);
  const pixels = rgbOf(source);
  const theirs = await encodeBySharp(source, all);
  const ours = psnr(decoded, pixels);
  const wanted = psnr((await decodeBySharp(theirs)).data, pixels);
  expect(ours, `${what}: PSNR`).toBeGreaterThan(wanted - tolerance);
  return { file, theirs, errors: [10 ** (-ours / 10), 10 ** (-wanted / 10)] as const };
}

describe('every size', () => {
  it.each(codings)('from 1x1 to 67x67, %s: the size is right and sharp finds no fault', async (coding) => {
    for (let height = 1; height <= 67; height++) {
      for (let width = 1 + (height % 2); width <= 67; width += 2) {
        const settings = { ...CODINGS[coding], restartInterval: (width + height) % 4 === 0 ? 1 : 0 };
        const source = picture(width, height, width * 67 + height);
        const file = await encode(source, settings);
        const decoded = await decodeBySharp(file);
        if (decoded.width !== width || decoded.height !== height) expect.fail(`${width}x${height}`);
        // Chroma at half the resolution on pictures of a pixel or two costs most.
        const quality = psnr(decoded.data, rgbOf(source));
        if (quality < 27) expect.fail(`${width}x${height}: PSNR ${quality}`);
      }
    }
  });

  const widths = [1, 2, 3, 7, 8, 9, 15, 16, 17, 24, 31, 33, 48, 63, 64, 65, 67];
  it.each(SUBSAMPLINGS)('%s, as good as sharp, in every decoder', async (chromaSubsampling) => {
    const sums = [0, 0] as [number, number];
    for (const [i, width] of widths.entries()) {
      for (const [j, height] of widths.entries()) {
        // A third of them, in every coding.
        if ((i + j) % 3 !== 0) continue;
        const coding = codings[(i + 2 * j) % 3]!;
        const restartInterval = i % 3;
        const what = `${width}x${height} ${coding} ${chromaSubsampling}`;
        const quality = 50 + ((i * 17 + j) % 50);
        const settings = { ...CODINGS[coding], chromaSubsampling, restartInterval, quality };
        const { errors } = await expectQuality(picture(width, height, i * 31 + j), settings, what, 1.5);
        sums[0] += errors[0];
        sums[1] += errors[1];
      }
    }
    expect(10 * Math.log10(sums[0] / sums[1])).toBeLessThan(0.05);
  });
});

describe.each(codings)('%s', (coding) => {
  it.each([
    ['rocket.jpg', undefined],
    ['astronaut.png', undefined],
    ['coffee.png', undefined],
    ['seeding-16mp.jpg', 1400],
  ] as const)('compares with sharp on %s', async (name, width) => {
    const source = await photograph(name, width);
    for (const quality of [25, 50, 75, 80, 92]) {
      for (const chromaSubsampling of ['4:2:0', '4:4:4'] as const) {
        const settings = { ...CODINGS[coding], quality, chromaSubsampling };
        const what = `${name} q${quality} ${chromaSubsampling}`;
        const { file, theirs } = await expectQuality(source, settings, what);
        // Smaller is better; the lower bound tells that the same is measured.
        expect(file.length / theirs.length, what).toBeLessThan(1.01);
        expect(file.length / theirs.length, what).toBeGreaterThan(0.98);
      }
    }
  });

  it('takes every quality from 1 to 100', async () => {
    const source = picture(61, 45);
    let before = 0;
    for (let quality = 1; quality <= 100; quality++) {
      const { file } = await expectQuality(source, { ...CODINGS[coding], quality }, `q${quality}`, 0.3);
      expect(file.length).toBeGreaterThan(before * 0.97);
      before = file.length;
    }
  });

  it('keeps noise at quality 100 within its buffers', async () => {
    for (const chromaSubsampling of SUBSAMPLINGS) {
      const source = image('rgba8', 517, 331, () => 0);
      noise(source.bytes.length, 5).forEach((value, i) => {
        source.bytes[i] = value < 128 ? 0 : 255;
      });
      const settings = { ...CODINGS[coding], quality: 100, chromaSubsampling, restartInterval: 3 };
      await expectDecodable(await encode(source, settings), 517, 331, chromaSubsampling);
    }
  });

  it.each([
    [65_500, 1],
    [1, 65_500],
    [65_500, 17],
  ])('takes %dx%d', async (width, height) => {
    const source = picture(width, height);
    for (const chromaSubsampling of SUBSAMPLINGS) {
      const settings = { ...CODINGS[coding], chromaSubsampling, restartInterval: 1 };
      const decoded = await decodeBySharp(await encode(source, settings));
      expect([decoded.width, decoded.height]).toEqual([width, height]);
      expect(psnr(decoded.data, rgbOf(source))).toBeGreaterThan(27);
    }
  });

  it('keeps single colours within 1 at quality 100, 4:4:4', async () => {
    for (let i = 0; i < 125; i++) {
      const colour = [i % 5, Math.floor(i / 5) % 5, Math.floor(i / 25)].map((step) =>
        Math.round(step * 63.75),
      );
      const source = image('rgba8', 19, 11, (_x, _y, channel) => colour[channel] ?? 255);
      const file = await encode(source, { ...CODINGS[coding], quality: 100, chromaSubsampling: '4:4:4' });
      const { data } = await decodeBySharp(file);
      if (data.some((value, at) => Math.abs(value - colour[at % 3]!) > 1)) {
        expect.fail(`${colour} became ${data.subarray(0, 3)}`);
      }
    }
  });

  it('shows nothing of an earlier image', async () => {
    const marker = image('rgba8', 200, 120, (x, y) => ((x ^ y) & 1 ? 255 : 0));
    for (let size = 1; size <= 67; size += 3) {
      const source = picture(size, 68 - size, size);
      const settings = {
        ...CODINGS[coding],
        chromaSubsampling: SUBSAMPLINGS[size % 3]!,
        restartInterval: size % 2,
      };
      // An instance that has seen nothing.
      const fresh = await jpegKernel.open(source, { ...SETTINGS, ...settings }, CALL);
      const expected = Buffer.concat(fresh.write(source.bytes, source.strideBytes, source.height));
      await encode(marker, { ...CODINGS[coding], quality: 100, chromaSubsampling: '4:4:4' });
      expect(Buffer.compare(await encode(source, settings), expected), `${size}`).toBe(0);
    }
  });
});

describe('pixel formats', () => {
  const order: Record<string, number[]> = {
    rgb8: [0, 1, 2],
    rgba8: [0, 1, 2, 3],
    bgr8: [2, 1, 0],
    bgra8: [2, 1, 0, 3],
    argb8: [3, 0, 1, 2],
    rgbx8: [0, 1, 2, 3],
    bgrx8: [2, 1, 0, 3],
  };

  it.each(JPEG_KERNEL_FORMATS.filter((format) => format !== 'gray8'))('%s', async (pixelFormat) => {
    for (const chromaSubsampling of SUBSAMPLINGS) {
      for (const gray of [false, true]) {
        for (const width of [1, 16, 53]) {
          const base = picture(width, 37);
          const channel = (x: number, y: number, c: number) =>
            base.bytes[y * base.strideBytes + x * 4 + order[pixelFormat]![c]!]!;
          const source = image(pixelFormat, width, 37, channel, 5);
          const expected = await encode(base, { chromaSubsampling, gray });
          expect(Buffer.compare(await encode(source, { chromaSubsampling, gray }), expected)).toBe(0);
        }
      }
    }
  });

  it('writes gray8 as one component, exactly as the luma of gray RGB', async () => {
    for (const coding of codings) {
      for (let size = 1; size <= 40; size += 3) {
        const gray = image('gray8', size, 41 - size, (x, y) => (x * 9 + y * 5) & 255, 3);
        const colour = image('rgba8', size, 41 - size, (x, y, c) => (c === 3 ? 255 : (x * 9 + y * 5) & 255));
        const file = await encode(gray, { ...CODINGS[coding], restartInterval: size % 3 });
        const decoded = await expectDecodable(file, size, 41 - size, `${size}`);
        expect(psnr(decoded, rgbOf(colour))).toBeGreaterThan(30);
        const luma = await encode(colour, { ...CODINGS[coding], gray: true, restartInterval: size % 3 });
        expect(Buffer.compare(luma, file)).toBe(0);
      }
    }
  });

  it('refuses those that it does not read', async () => {
    const source = image('graya8', 4, 4, () => 0);
    await expect(encode(source)).rejects.toThrow(RangeError);
  });
});

describe('the file', () => {
  it('has the typical Huffman tables and quantisation of libjpeg', async () => {
    const source = picture(64, 64);
    for (const quality of [1, 49, 50, 75, 100]) {
      const settings = { ...SETTINGS, quality, ...CODINGS.fast };
      const ours = segments(await encode(source, settings));
      const theirs = segments(await encodeBySharp(source, settings));
      for (const marker of [0xdb, 0xc4]) {
        // Each table by itself, wherever they were put together.
        expect(tables(ours, marker)).toEqual(tables(theirs, marker));
      }
    }
  });

  it('has JFIF first, and then a place for other segments', async () => {
    const file = await encode(picture(20, 20));
    expect([...file.subarray(0, 4)]).toEqual([0xff, 0xd8, 0xff, 0xe0]);
    const comment = Uint8Array.of(0xff, 0xfe, 0, 4, 0x68, 0x69);
    const spliced = Buffer.concat([
      file.subarray(0, JPEG_SEGMENTS_AT),
      comment,
      file.subarray(JPEG_SEGMENTS_AT),
    ]);
    const decoded = await decodeBySharp(spliced);
    expect(Buffer.compare(decoded.data, (await decodeBySharp(file)).data)).toBe(0);
  });

  it('takes quantisation tables of the caller', async () => {
    const quantTables = [
      Uint8Array.from({ length: 64 }, (_, i) => i + 1),
      Uint8Array.from({ length: 64 }, (_, i) => 255 - i),
    ] as const;
    const file = await encode(picture(40, 40), { quantTables });
    const [luma, chroma] = tables(segments(file), 0xdb);
    // The first of a zigzag: 0, 1, 8, 16, 9, 2.
    expect(luma!.slice(1, 7)).toEqual([1, 2, 9, 17, 10, 3]);
    expect(chroma!.slice(1, 7)).toEqual([255, 254, 247, 239, 246, 253]);
    await expectDecodable(file, 40, 40, 'own tables');
  });

  it('has restart markers in order', async () => {
    for (const coding of codings) {
      const file = await encode(picture(100, 300), { ...CODINGS[coding], restartInterval: 1 });
      const markers = [...file.keys()].filter((i) => file[i] === 0xff && (file[i + 1]! & 0xf8) === 0xd0);
      expect(markers.length).toBeGreaterThanOrEqual(18);
      expect(markers.slice(0, 18).map((at) => file[at + 1]! & 7)).toEqual(
        Array.from({ length: 18 }, (_, i) => i % 8),
      );
    }
  });
});

describe('rows that come one by one', () => {
  it('give the same bytes for any chunking', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          width: fc.integer({ min: 1, max: 90 }),
          height: fc.integer({ min: 1, max: 90 }),
          coding: fc.constantFrom(...codings),
          chromaSubsampling: fc.constantFrom(...SUBSAMPLINGS),
          restartInterval: fc.integer({ min: 0, max: 2 }),
          padding: fc.integer({ min: 0, max: 40 }),
        }),
        fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 20 }),
        async ({ width, height, coding, chromaSubsampling, restartInterval, padding }, chunks) => {
          const settings = { ...SETTINGS, ...CODINGS[coding], chromaSubsampling, restartInterval };
          const base = picture(width, height, padding);
          const { bytes, strideBytes } = image(
            'rgba8',
            width,
            height,
            (x, y, c) => base.bytes[(y * width + x) * 4 + c]!,
            padding,
          );
          const encoder = await jpegKernel.open(base, settings, CALL);
          const parts: Uint8Array[] = [];
          for (let y = 0, i = 0; y < height; i++) {
            const rows = Math.min(chunks[i % chunks.length]!, height - y);
            parts.push(...encoder.write(bytes.subarray(y * strideBytes), strideBytes, rows));
            y += rows;
          }
          parts.push(...(await encoder.finish()));
          expect(Buffer.compare(Buffer.concat(parts), await encode(base, settings))).toBe(0);
        },
      ),
      { numRuns: 150 },
    );
  });

  it('are refused where they are too many or too short', async () => {
    const encoder = await jpegKernel.open({ width: 8, height: 10, pixelFormat: 'rgb8' }, SETTINGS, CALL);
    expect(() => encoder.write(new Uint8Array(24 * 11), 24, 11)).toThrow(RangeError);
    expect(() => encoder.write(new Uint8Array(24 * 2 - 1), 24, 2)).toThrow(RangeError);
    encoder.write(new Uint8Array(240), 24, 10);
    expect(() => encoder.write(new Uint8Array(24), 24, 1)).toThrow(RangeError);
  });

  it('take little memory with the typical tables: 16 megapixels', async () => {
    const settings = { ...SETTINGS, ...CODINGS.fast };
    const encoder = await jpegKernel.open(
      { width: 5000, height: 3200, pixelFormat: 'rgba8' },
      settings,
      CALL,
    );
    const rows = noise(5000 * 4 * 16);
    for (let y = 0; y < 3200; y += 16) encoder.write(rows, 20_000, 16);
    await encoder.finish();
    expect(encoder.memoryBytes).toBeLessThanOrEqual(2 * 1024 * 1024);
  });
});

describe('failure', () => {
  it('is one where the memory of the source was detached', async () => {
    const source = picture(64, 64);
    structuredClone(source.bytes.buffer, { transfer: [source.bytes.buffer as ArrayBuffer] });
    await expect(encode(source)).rejects.toMatchObject({ code: 'CODEC_FAILED' });
  });

  it('is LIMIT_EXCEEDED where the kernel would need more memory than allowed', async () => {
    const source = image('rgba8', 700, 700, (x, y, c) => (x * y * (c + 3)) & 255);
    const limits = { ...CALL.limits, maxMemoryBytes: 1_000_000 };
    for (const coding of ['balanced', 'progressive'] as const) {
      const settings = { ...SETTINGS, ...CODINGS[coding], quality: 100 };
      await expect(jpegKernel.encode(source, settings, { limits })).rejects.toMatchObject({
        code: 'LIMIT_EXCEEDED',
      });
    }
    await jpegKernel.encode(source, { ...SETTINGS, ...CODINGS.fast, quality: 100 }, { limits });
  });

  it('comes before anything is encoded where the call was aborted', async () => {
    const signal = AbortSignal.abort();
    await expect(jpegKernel.encode(picture(8, 8), SETTINGS, { ...CALL, signal })).rejects.toThrow();
  });
});

/** The segments of a file up to its first scan: marker and payload. */
function segments(file: Uint8Array): { marker: number; payload: number[] }[] {
  const found = [];
  for (let at = 2; file[at + 1] !== 0xda; ) {
    const length = (file[at + 2]! << 8) | file[at + 3]!;
    found.push({ marker: file[at + 1]!, payload: [...file.subarray(at + 4, at + 2 + length)] });
    at += 2 + length;
  }
  return found;
}

/** The tables of all DQT (0xdb) or DHT (0xc4) segments, each with the byte that names it, in the order of these. */
function tables(all: ReturnType<typeof segments>, marker: number): number[][] {
  const found: number[][] = [];
  for (const { payload } of all.filter((segment) => segment.marker === marker)) {
    for (let at = 0; at < payload.length; ) {
      const count = payload.slice(at + 1, at + 17).reduce((sum, n) => sum + n, 0);
      const length = marker === 0xdb ? 65 : 17 + count;
      found.push(payload.slice(at, at + length));
      at += length;
    }
  }
  return found.sort((a, b) => a[0]! - b[0]!);
}
