import fc from 'fast-check';
import { beforeAll, describe, expect, it, test } from 'vitest';
import '../../setup/wasm.js';
import { type ConvertTarget, loadPixels, type PixelsKernel } from '../../../src/engines/kernels/pixels.js';
import { CodecError } from '../../../src/errors.js';
import type { PixelSource } from '../../../src/image.js';
import { PIXEL_FORMATS, type PixelFormat, rowBytes } from '../../../src/pixel-format.js';
import { convertReference, readPixel } from './pixels-reference.js';

let pixels: PixelsKernel;
beforeAll(async () => {
  pixels = await loadPixels();
});

/**
 * Bytes that look random and are the same in each run (xorshift32), with runs of 0 and 255 that alpha and
 * gray need.
 */
function noise(length: number, seed: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let state = (seed + 1) * 0x9e3779b1;
  for (let i = 0; i < length; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    const kind = (state >>> 8) & 15;
    bytes[i] = kind === 0 ? 0 : kind < 4 ? 255 : state >>> 24;
  }
  return bytes;
}

interface Shape {
  pixelFormat: PixelFormat;
  width: number;
  height: number;
  padding?: number;
  offset?: number;
  premultiplied?: boolean;
  seed?: number;
}

/** An image of noise, its last row without padding. */
function image(shape: Shape): PixelSource {
  const { pixelFormat, width, height, padding = 0, offset = 0, premultiplied = false, seed = 1 } = shape;
  const row = rowBytes(pixelFormat, width);
  const strideBytes = row + padding;
  const length = strideBytes * (height - 1) + row;
  const bytes = noise(offset + length, seed).subarray(offset);
  const common = { bytes, width, height, pixelFormat, strideBytes, premultiplied };
  return pixelFormat === 'indexed8' ? { ...common, palette: noise(1024, seed + 7) } : common;
}

function expectReference(source: PixelSource, target: ConvertTarget): void {
  const { pixelFormat, premultiplied, background } = target;
  const expected = convertReference(source, pixelFormat, premultiplied, background);
  const actual = pixels.convert(source, target);
  // A comparison by toEqual takes seconds for a large array.
  if (Buffer.compare(actual, expected) !== 0) {
    const at = expected.findIndex((value, i) => value !== actual[i]);
    const what = `${source.pixelFormat} to ${pixelFormat}, ${source.width}x${source.height}, byte ${at}`;
    expect.fail(
      `${what}: expected ${expected.subarray(at, at + 8)}, received ${actual.subarray(at, at + 8)}`,
    );
  }
}

const targetsOf = (source: PixelFormat) =>
  PIXEL_FORMATS.filter((target) => target !== 'indexed8' || source === 'indexed8');

describe('convert', () => {
  describe.each(PIXEL_FORMATS)('from %s', (from) => {
    test.each(targetsOf(from))('to %s', (to) => {
      for (const premultiplied of [false, true]) {
        for (const targetPremultiplied of [false, true]) {
          const target: ConvertTarget = {
            pixelFormat: to,
            premultiplied: targetPremultiplied,
            background: [10, 128, 251],
          };
          const shapes = [
            { width: 1, height: 1 },
            { width: 37, height: 5 },
            { width: 64, height: 3, padding: 5 },
            { width: 515, height: 2, padding: 1, offset: 3 },
            { width: 3, height: 1200 },
            { width: 5, height: 40, padding: 300 },
          ];
          for (const shape of shapes)
            expectReference(image({ pixelFormat: from, premultiplied, ...shape }), target);
        }
      }
    });
  });

  it('equals the reference for any image', () => {
    const format = fc.constantFrom(...PIXEL_FORMATS);
    const sample = fc.integer({ min: 0, max: 255 });
    fc.assert(
      fc.property(
        fc.record({
          pixelFormat: format,
          width: fc.integer({ min: 1, max: 90 }),
          height: fc.integer({ min: 1, max: 7 }),
          padding: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 200 })),
          offset: fc.integer({ min: 0, max: 17 }),
          premultiplied: fc.boolean(),
          seed: fc.nat(1e6),
        }),
        fc.record({
          pixelFormat: format,
          premultiplied: fc.boolean(),
          background: fc.tuple(sample, sample, sample),
        }),
        (shape, target) => {
          fc.pre(target.pixelFormat !== 'indexed8' || shape.pixelFormat === 'indexed8');
          expectReference(image(shape), target);
        },
      ),
      { numRuns: 1500 },
    );
  });

  it.each([
    ['rgba8', 'rgb8'],
    ['gray1', 'gray1'],
    ['gray1', 'rgba16'],
    ['rgba16', 'gray1'],
    ['indexed8', 'rgba16'],
    ['rgb8', 'rgb16'],
  ] as const)('takes rows that are wider than a strip: %s to %s', (from, to) => {
    const width = from === 'gray1' && to === 'gray1' ? 1_100_003 : 40_003;
    expectReference(image({ pixelFormat: from, width, height: 3, padding: 3 }), { pixelFormat: to });
    expectReference(image({ pixelFormat: from, width, height: 2 }), { pixelFormat: to });
  });

  it('rounds every 16-bit value', () => {
    const samples = Uint16Array.from({ length: 65536 }, (_, i) => i);
    const source = { bytes: new Uint8Array(samples.buffer), width: 256, height: 256, strideBytes: 512 };
    expectReference({ ...source, pixelFormat: 'gray16', premultiplied: false }, { pixelFormat: 'gray8' });
  });

  it.each([
    { premultiplied: false, target: { pixelFormat: 'rgba8', premultiplied: true } },
    { premultiplied: true, target: { pixelFormat: 'rgba8', premultiplied: false } },
    { premultiplied: false, target: { pixelFormat: 'rgb8', background: [255, 0, 77] } },
    { premultiplied: true, target: { pixelFormat: 'rgb8', background: [255, 0, 77] } },
  ] as const)('is exact for every colour under every alpha: %j', ({ premultiplied, target }) => {
    const bytes = new Uint8Array(65536 * 4);
    for (let i = 0; i < 65536; i++) bytes.set([i & 255, 255 - (i & 255), (i * 7) & 255, i >> 8], i * 4);
    const source = { bytes, width: 256, height: 256, strideBytes: 1024, pixelFormat: 'rgba8' } as const;
    expectReference({ ...source, premultiplied }, target);
  });

  it('keeps colour under zero alpha', () => {
    const bytes = Uint8Array.of(9, 8, 7, 0, 6, 5, 4, 0);
    const source: PixelSource = {
      bytes,
      width: 2,
      height: 1,
      pixelFormat: 'bgra8',
      strideBytes: 8,
      premultiplied: false,
    };
    expect([...pixels.convert(source, { pixelFormat: 'rgba8' })]).toEqual([7, 8, 9, 0, 4, 5, 6, 0]);
  });

  it('flattens on white where no background is given', () => {
    const source = image({ pixelFormat: 'rgba8', width: 20, height: 4 });
    expect(pixels.convert(source, { pixelFormat: 'rgb8' })).toEqual(
      pixels.convert(source, { pixelFormat: 'rgb8', background: [255, 255, 255] }),
    );
  });

  it.each(PIXEL_FORMATS.filter((name) => name !== 'indexed8'))('refuses a palette image from %s', (from) => {
    const source = image({ pixelFormat: from, width: 4, height: 4 });
    const convert = () => pixels.convert(source, { pixelFormat: 'indexed8' });
    expect(convert).toThrow(CodecError);
    expect(convert).toThrow(expect.objectContaining({ code: 'UNSUPPORTED_FEATURE' }));
  });

  it('leaves the source as it was', () => {
    const source = image({ pixelFormat: 'bgra8', width: 50, height: 50, padding: 3 });
    const before = source.bytes.slice();
    pixels.convert(source, { pixelFormat: 'rgba8', premultiplied: true });
    expect(Buffer.compare(source.bytes, before)).toBe(0);
  });
});

describe('out', () => {
  it('receives the pixels and nothing more', () => {
    const source = image({ pixelFormat: 'rgba8', width: 300, height: 300 });
    const memory = new Uint8Array(300 * 300 * 3 + 20).fill(0xa5);
    const written = pixels.convert(source, { pixelFormat: 'rgb8' }, memory.subarray(10, -5));
    expect(written.byteOffset).toBe(10);
    expect(Buffer.compare(written, convertReference(source, 'rgb8'))).toBe(0);
    expect([...memory.subarray(0, 10), ...memory.subarray(-10)]).toEqual(Array(20).fill(0xa5));
  });

  it('may be a view of another memory of WASM', () => {
    const source = image({ pixelFormat: 'bgr8', width: 30, height: 30 });
    const memory = new WebAssembly.Memory({ initial: 1, maximum: 1 });
    const written = pixels.convert(source, { pixelFormat: 'rgba8' }, new Uint8Array(memory.buffer, 64));
    expect(Buffer.compare(written, convertReference(source, 'rgba8'))).toBe(0);
  });

  it('may not be too short', () => {
    const source = image({ pixelFormat: 'rgba8', width: 4, height: 4 });
    const out = new Uint8Array(47);
    expect(() => pixels.convert(source, { pixelFormat: 'rgb8' }, out)).toThrow(RangeError);
    expect(() => pixels.convert(source, { pixelFormat: 'rgba8' }, out)).toThrow(RangeError);
  });
});

describe('memory of the source', () => {
  const calls: [string, (source: PixelSource) => unknown][] = [
    ['convert', (source) => pixels.convert(source, { pixelFormat: 'rgb8' })],
    ['convert without steps', (source) => pixels.convert(source, { pixelFormat: 'rgba8' })],
    ['isOpaque', (source) => pixels.isOpaque(source)],
    ['isGray', (source) => pixels.isGray(source)],
  ];

  it.each(calls)('may not have been detached: %s', (_, call) => {
    const source = image({ pixelFormat: 'rgba8', width: 40, height: 40 });
    structuredClone(source.bytes.buffer, { transfer: [source.bytes.buffer as ArrayBuffer] });
    expect(() => call(source)).toThrow(RangeError);
  });

  it.each(calls)('may not have shrunk: %s', (_, call) => {
    const buffer = new (ArrayBuffer as new (length: number, options: object) => ArrayBuffer)(6400, {
      maxByteLength: 6400,
    });
    const source = {
      ...image({ pixelFormat: 'rgba8', width: 40, height: 40 }),
      bytes: new Uint8Array(buffer),
    };
    (buffer as ArrayBuffer & { resize(length: number): void }).resize(6399);
    expect(() => call(source)).toThrow(RangeError);
  });

  it('may be shared', () => {
    const source = image({ pixelFormat: 'rgba8', width: 33, height: 9, padding: 2 });
    const shared = new Uint8Array(new SharedArrayBuffer(source.bytes.length));
    shared.set(source.bytes);
    expectReference({ ...source, bytes: shared }, { pixelFormat: 'gray8' });
  });
});

describe.each([
  { name: 'isOpaque', holds: (pixel: number[], max: number) => pixel[3] === max },
  { name: 'isGray', holds: ([r, g, b]: number[]) => r === g && g === b },
] as const)('$name', ({ name, holds }) => {
  function expected(source: PixelSource): boolean {
    const max = source.pixelFormat.endsWith('16') ? 65535 : 255;
    for (let y = 0; y < source.height; y++)
      for (let x = 0; x < source.width; x++) if (!holds(readPixel(source, x, y), max)) return false;
    return true;
  }

  it.each(PIXEL_FORMATS)('finds the one pixel that differs, wherever it is: %s', (pixelFormat) => {
    for (const width of [1, 2, 3, 5, 16, 19, 40, 515]) {
      const source = image({ pixelFormat, width, height: 2, padding: 3 });
      source.bytes.fill(255);
      source.palette?.fill(255);
      expect(pixels[name](source)).toBe(true);
      for (let i = 0; i < Math.min(source.bytes.length, 300); i++) {
        for (const at of new Set([i, source.bytes.length - 1 - i])) {
          source.bytes[at] = 254;
          // Entry 254 of a palette differs in each sample in turn.
          source.palette?.fill(255);
          if (source.palette) source.palette[254 * 4 + (i % 4)] = 1;
          if (pixels[name](source) !== expected(source))
            expect.fail(`${pixelFormat}, width ${width}, byte ${at}`);
          source.bytes[at] = 255;
        }
      }
    }
  });

  it('reads all strips', () => {
    const source = image({ pixelFormat: 'rgba8', width: 500, height: 500 });
    source.bytes.fill(255);
    expect(pixels[name](source)).toBe(true);
    source.bytes.fill(254, -2);
    expect(pixels[name](source)).toBe(false);
  });
});
