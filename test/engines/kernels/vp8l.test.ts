import fc from 'fast-check';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { writeExtendedWebp, writeWebp } from '../../../src/container/webp-write.js';
import { decodeWebpPixels } from '../../../src/engines/jsquash/libwebp.js';
import { vp8Kernel } from '../../../src/engines/kernels/vp8.js';
import { type Vp8lKernelSettings, vp8lKernel } from '../../../src/engines/kernels/vp8l.js';
import { WEBP_KERNEL_FORMATS } from '../../../src/engines/kernels/webp-kernels.js';
import type { PixelSource } from '../../../src/image.js';
import { PIXEL_LAYOUTS, rowBytes } from '../../../src/pixel-format.js';
import { compileWasm } from '../../setup/wasm.js';
import { CALL, image, noise, photograph, picture } from './jpeg-images.js';

type Format = (typeof WEBP_KERNEL_FORMATS)[number];

const EFFORTS = ['fast', 'balanced', 'smallest'] as const;
const SETTINGS: Vp8lKernelSettings = { effort: 'balanced', exact: true };

/** Where red, green, blue and alpha of a pixel are, in bytes; alpha that there is none of is -1. */
const CHANNELS: Record<Format, readonly [number, number, number, number]> = {
  gray8: [0, 0, 0, -1],
  graya8: [0, 0, 0, 1],
  rgb8: [0, 1, 2, -1],
  rgba8: [0, 1, 2, 3],
  bgr8: [2, 1, 0, -1],
  bgra8: [2, 1, 0, 3],
  argb8: [1, 2, 3, 0],
  rgbx8: [0, 1, 2, -1],
  bgrx8: [2, 1, 0, -1],
};

const encode = (source: PixelSource, settings: Partial<Vp8lKernelSettings> = {}) =>
  vp8lKernel.encode(source, { ...SETTINGS, ...settings }, CALL);

const wrap = (payload: Uint8Array) => writeWebp([['VP8L', payload]]);

/** What the pixels are in RGBA; colours under alpha 0 are black where the settings are not `exact`. */
function rgbaOf(source: PixelSource, exact = true): Uint8Array {
  const { bytes, width, height, pixelFormat, strideBytes } = source;
  const order = CHANNELS[pixelFormat as Format];
  const step = rowBytes(pixelFormat, 1);
  const rgba = new Uint8Array(width * height * 4);
  for (let i = 0; i < width * height; i++) {
    const at = Math.floor(i / width) * strideBytes + (i % width) * step;
    const alpha = order[3] < 0 ? 255 : bytes[at + order[3]]!;
    if (alpha === 0 && !exact) continue;
    for (let c = 0; c < 3; c++) rgba[i * 4 + c] = bytes[at + order[c]!]!;
    rgba[i * 4 + 3] = alpha;
  }
  return rgba;
}

const bySharp = async (file: Uint8Array) =>
  sharp(file, { failOn: 'warning' }).toColourspace('srgb').ensureAlpha().raw().toBuffer();

async function expectPixels(file: Uint8Array, expected: Uint8Array, what: string): Promise<void> {
  if (Buffer.compare(await bySharp(file), expected) !== 0) expect.fail(`sharp: ${what}`);
  const { data } = await decodeWebpPixels(file, CALL);
  if (Buffer.compare(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), expected) !== 0)
    expect.fail(`jSquash: ${what}`);
}

/** What a channel shows at a column and a row, and as the sample so many. */
const SAMPLES = {
  noise: (_x: number, _y: number, _c: number, at: number) => Math.imul(at + 1, 0x9e3779b1) >>> 24,
  'few levels': (_x: number, _y: number, _c: number, at: number) =>
    ((Math.imul(at + 1, 0x85ebca77) >>> 29) & 3) * 85,
  slopes: (x: number, y: number, c: number) => (x * (c + 1) + y * (3 - c)) & 255,
  runs: (x: number, y: number, c: number) => (((x >> 3) * 7 + (y >> 2) * 13 + c) % 5) * 63,
  'half transparent': (x: number, y: number, c: number, at: number) =>
    ((x >> 3) + (y >> 3)) & 1 ? 0 : (x + y + c + (at & 3)) & 255,
} as const;

const kinds = Object.keys(SAMPLES) as (keyof typeof SAMPLES)[];

const shape = fc.record({
  pixelFormat: fc.constantFrom(...WEBP_KERNEL_FORMATS),
  width: fc.oneof(
    { weight: 8, arbitrary: fc.integer({ min: 1, max: 48 }) },
    fc.integer({ min: 1, max: 300 }),
  ),
  height: fc.oneof(
    { weight: 8, arbitrary: fc.integer({ min: 1, max: 48 }) },
    fc.integer({ min: 1, max: 300 }),
  ),
  padding: fc.integer({ min: 0, max: 9 }),
  offset: fc.integer({ min: 0, max: 17 }),
  kind: fc.constantFrom(...kinds),
});

/** An image that begins anywhere in its memory. */
function draw({ pixelFormat, width, height, padding, offset, kind }: Shape): PixelSource {
  const sample = SAMPLES[kind];
  const source = image(
    pixelFormat,
    width,
    height,
    (x, y, c) => sample(x, y, c, (y * width + x) * 4 + c),
    padding,
  );
  const moved = noise(offset + source.bytes.length, 3);
  moved.set(source.bytes, offset);
  return { ...source, bytes: moved.subarray(offset) };
}
type Shape = typeof shape extends fc.Arbitrary<infer T> ? T : never;

describe('pixel formats', () => {
  it('are all read as they are, in rows of any distance from any place on', async () => {
    const seen = new Set<string>();
    await fc.assert(
      fc.asyncProperty(shape, fc.constantFrom(...EFFORTS), fc.boolean(), async (of, effort, exact) => {
        const source = draw(of);
        const file = wrap(await encode(source, { effort, exact }));
        await expectPixels(file, rgbaOf(source, exact), `${effort}, exact ${exact}`);
        seen.add(`${of.pixelFormat} ${of.kind} ${effort}`);
      }),
      { numRuns: 1500 },
    );
    expect(seen.size).toBe(WEBP_KERNEL_FORMATS.length * kinds.length * EFFORTS.length);
  });

  it('make no difference to the bytes', async () => {
    for (const effort of EFFORTS) {
      const base = image('rgba8', 83, 61, (x, y, c) => (c === 3 ? 255 - (x & 7) * 3 : x * (c + 2) + y));
      const opaque = image('rgba8', 83, 61, (x, y, c) => (c === 3 ? 255 : x * (c + 2) + y));
      for (const pixelFormat of WEBP_KERNEL_FORMATS.filter((f) => !PIXEL_LAYOUTS[f].gray)) {
        const { alpha } = PIXEL_LAYOUTS[pixelFormat];
        const order = CHANNELS[pixelFormat];
        const like = alpha ? base : opaque;
        const sample = (x: number, y: number, c: number) => {
          const from = order.indexOf(c);
          return from < 0 ? x ^ y : like.bytes[(y * 83 + x) * 4 + from]!;
        };
        const source = image(pixelFormat, 83, 61, sample, 7);
        const same = Buffer.compare(await encode(source, { effort }), await encode(like, { effort }));
        expect(same, `${pixelFormat}, ${effort}`).toBe(0);
      }
    }
  });

  it('that are not read are refused', async () => {
    await expect(encode(image('rgb16', 4, 4, () => 0))).rejects.toThrow(RangeError);
  });
});

// The module itself, past its host: `SCALAR` is a flag for tests alone. The C tests compare the routines natively, where vector
// operations are plain C; here are the instructions.
describe('SIMD is what the scalar routines say', () => {
  const EXACT = 1;
  const ALPHA = 2;
  const SCALAR = 4;
  const WANT_DRAIN = 1;
  const DONE = 2;
  type Calls = Record<string, (...numbers: number[]) => number>;

  let vp8l: Calls & { memory: WebAssembly.Memory };
  beforeAll(async () => {
    vp8l = (await WebAssembly.instantiate(await compileWasm('vp8l'))).exports as unknown as typeof vp8l;
  });

  function encodeIn(
    { bytes, width, height, pixelFormat, strideBytes }: PixelSource,
    effort: number,
    flags: number,
    lostBits: number,
  ) {
    const { id } = PIXEL_LAYOUTS[pixelFormat];
    vp8l.vp8l_begin!(width, height, id, effort, flags, lostBits, strideBytes, 0xffffffff);
    const strip = vp8l.vp8l_strip_rows!();
    const parts: Uint8Array[] = [];
    const drain = () => {
      const at = vp8l.vp8l_output!();
      parts.push(new Uint8Array(vp8l.memory.buffer).slice(at, at + vp8l.vp8l_output_bytes!()));
    };
    let wish = 0;
    for (let y = 0; y < height; y += strip) {
      const rows = bytes.subarray(y * strideBytes, (y + Math.min(strip, height - y)) * strideBytes);
      new Uint8Array(vp8l.memory.buffer).set(rows, vp8l.vp8l_input!());
      wish = vp8l.vp8l_rows!(Math.min(strip, height - y));
      for (; wish === WANT_DRAIN; wish = vp8l.vp8l_resume!()) drain();
    }
    expect(wish).toBe(DONE);
    drain();
    return Buffer.concat(parts);
  }

  const compare = (source: PixelSource, effort: number, flags: number, lostBits: number, what: string) => {
    const scalar = encodeIn(source, effort, flags | SCALAR, lostBits);
    if (encodeIn(source, effort, flags, lostBits).compare(scalar) !== 0) expect.fail(what);
  };

  it.each(WEBP_KERNEL_FORMATS)('%s', (pixelFormat) => {
    for (let i = 0; i < 120; i++) {
      const [width, height] = [1 + ((i * 37) % 150), 1 + ((i * 53) % 90)];
      const kind = kinds[i % kinds.length]!;
      const of = { pixelFormat, width, height, padding: 0, offset: 0, kind };
      const flags = [0, EXACT, PIXEL_LAYOUTS[pixelFormat].alpha ? ALPHA : 0, EXACT][i & 3]!;
      compare(draw(of), i % 3, flags, flags & ALPHA ? 0 : i % 6, `${kind} ${width}x${height}`);
    }
  });

  it.each(['coffee.png', 'rocket.jpg'])('%s', async (name) => {
    for (const effort of [0, 1, 2])
      for (const lostBits of [0, 1, 4])
        compare(await photograph(name, 301), effort, 0, lostBits, `${effort}`);
  });
});

describe('alpha alone', () => {
  /** A chunk `VP8L` whose green is the alpha that a chunk `ALPH` has: what differs is the header. */
  function asImage(alpha: Uint8Array, width: number, height: number): Uint8Array {
    const header = new DataView(new ArrayBuffer(5));
    header.setUint8(0, 0x2f);
    header.setUint32(1, (width - 1) | ((height - 1) << 14), true);
    return wrap(Buffer.concat([new Uint8Array(header.buffer), alpha]));
  }

  it('is what green shows, whatever the colours', async () => {
    await fc.assert(
      fc.asyncProperty(shape, fc.constantFrom(...EFFORTS), async (of, effort) => {
        fc.pre(PIXEL_LAYOUTS[of.pixelFormat].alpha);
        const source = draw(of);
        const { width, height } = of;
        const alpha = rgbaOf(source).filter((_, i) => i % 4 === 3);
        const decoded = await bySharp(asImage(await encode(source, { effort, alpha: true }), width, height));
        if (
          Buffer.compare(
            decoded.filter((_, i) => i % 4 === 1),
            alpha,
          ) !== 0
        )
          expect.fail(effort);
      }),
      { numRuns: 500 },
    );
  });

  it.each(EFFORTS)('is read by decoders out of a file: %s', async (effort) => {
    for (const [i, kind] of kinds.entries()) {
      const source = draw({ pixelFormat: 'rgba8', width: 40 + i, height: 33, padding: 0, offset: 0, kind });
      const { width, height } = source;
      const alpha = Buffer.concat([Uint8Array.of(1), await encode(source, { effort, alpha: true })]);
      const colour = await vp8Kernel.encode(source, { quality: 50, effort: 'fast', exact: true }, CALL);
      const file = writeExtendedWebp({ width, height, hasAlpha: true }, [
        ['ALPH', alpha],
        ['VP8 ', colour],
      ]);
      const expected = source.bytes.filter((_, at) => at % 4 === 3);
      const { data } = await decodeWebpPixels(file, CALL);
      for (const decoded of [
        await bySharp(file),
        new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
      ])
        expect(
          Buffer.compare(
            decoded.filter((_, at) => at % 4 === 3),
            expected,
          ),
          kind,
        ).toBe(0);
    }
  });
});

describe('what comes again', () => {
  /** Alpha that depends on the place; the colours are black. */
  const veil = (width: number, height: number, alphaAt: (x: number, y: number) => number) =>
    image('rgba8', width, height, (x, y, c) => (c === 3 ? Math.round(alphaAt(x, y)) : 0));

  /** A window with round corners that throws a soft shadow. */
  function shadowed(width: number, height: number): PixelSource {
    const outside = (x: number, y: number, radius: number) => {
      const across = Math.abs(x - width / 2) - (width / 2 - 60 - radius);
      const down = Math.abs(y - height / 2) - (height / 2 - 60 - radius);
      return (
        Math.hypot(Math.max(across, 0), Math.max(down, 0)) + Math.min(Math.max(across, down), 0) - radius
      );
    };
    return veil(width, height, (x, y) => {
      const window = Math.max(0, Math.min(1, 0.5 - outside(x, y, 10)));
      const shadow = 0.6 / (1 + Math.exp(outside(x, y - 8, 40) / 10));
      return 255 * (window + (1 - window) * shadow);
    });
  }

  const alphaBytes = async (source: PixelSource) => (await encode(source, { alpha: true })).length + 1;

  /** What libwebp makes of it: the chunk `ALPH` of a lossy file. */
  async function alphaBytesOfSharp({ bytes, width, height }: PixelSource): Promise<number> {
    const file = await sharp(bytes, { raw: { width, height, channels: 4 } })
      .webp({ effort: 4 })
      .toBuffer();
    return file.readUInt32LE(file.indexOf('ALPH') + 4);
  }

  it('takes copies of up to 4,095 pixels: flat areas', async () => {
    const flat = image('rgb8', 1000, 1000, () => 200);
    for (const effort of EFFORTS) expect((await encode(flat, { effort })).length, effort).toBeLessThan(85);
  });

  it('takes residuals of alpha where more of them come again than of the levels: a shadow', async () => {
    const source = shadowed(640, 480);
    expect(await alphaBytes(source)).toBeLessThan((await alphaBytesOfSharp(source)) * 1.02);
  });

  it('takes modes of prediction from the row above: slopes of alpha', async () => {
    expect(await alphaBytes(veil(800, 300, (_, y) => (y * 255) / 300))).toBeLessThan(250);
    expect(await alphaBytes(veil(800, 300, (x) => (x * 255) / 800))).toBeLessThan(250);
  });
});

describe('rows that come one by one', () => {
  it('give the same bytes for any chunking, and an instance that has seen nothing', async () => {
    await fc.assert(
      fc.asyncProperty(
        shape,
        fc.constantFrom(...EFFORTS),
        fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 20 }),
        async (of, effort, chunks) => {
          const source = draw(of);
          const encoder = await vp8lKernel.open(source, { ...SETTINGS, effort }, CALL);
          const parts: Uint8Array[] = [];
          for (let y = 0, i = 0; y < of.height; i++) {
            const rows = Math.min(chunks[i % chunks.length]!, of.height - y);
            const from = source.bytes.subarray(y * source.strideBytes);
            parts.push(...encoder.write(from, source.strideBytes, rows));
            y += rows;
          }
          parts.push(...(await encoder.finish()));
          expect(Buffer.compare(Buffer.concat(parts), await encode(source, { effort }))).toBe(0);
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe('memory', () => {
  it.each(EFFORTS)('stays within its limit, and serves again after it was over it: %s', async (effort) => {
    for (const source of [picture(700, 500), image('rgba8', 700, 500, (x, y) => ((x * y) >> 7) & 192)]) {
      const expected = await encode(source, { effort });
      // All that it may need is found out: at some limit it ends in each of its steps.
      let refused = 0;
      for (let megabytes = 1; megabytes <= 16; megabytes += 1.5) {
        const limits = { ...CALL.limits, maxMemoryBytes: megabytes * 2 ** 20 };
        try {
          const payload = await vp8lKernel.encode(source, { ...SETTINGS, effort }, { limits });
          await expectPixels(wrap(payload), rgbaOf(source), `${megabytes} MB`);
        } catch (error) {
          expect(error).toMatchObject({ code: 'LIMIT_EXCEEDED' });
          refused++;
        }
      }
      expect(refused).toBeGreaterThan(0);
      expect(Buffer.compare(await encode(source, { effort }), expected)).toBe(0);
    }
  });

  /** Images of each way: residuals, a drawing, a palette whose indices fill a pixel, and noise. */
  const LARGE = {
    photograph: () => photograph('astronaut.png', 1400),
    drawing: () =>
      image('rgb8', 1400, 1300, (x, y, c) =>
        (x * 5 + y * 3) % 97 < 9 ? ((x >> 2) * 31 + (y >> 2) * 17 + c * 77) & 255 : 240 - c * 20,
      ),
    palette: () => image('gray8', 1400, 1300, (x, y) => (((x * x) >> 6) ^ ((y * y) >> 5)) & 255),
    noise: () => image('rgb8', 1400, 1300, (x, y, c) => SAMPLES.noise(x, y, c, (y * 1400 + x) * 3 + c)),
  };

  // As 512 MB do for 100 megapixels.
  it.each(Object.entries(LARGE))('does with 5.2 bytes a pixel: %s', async (_, draw) => {
    const source = await draw();
    const { width, height } = source;
    const limits = { ...CALL.limits, maxMemoryBytes: 5.2 * width * height };
    for (const effort of EFFORTS) {
      const all = await encode(source, { effort });
      const payload = await vp8lKernel.encode(source, { ...SETTINGS, effort }, { limits });
      await expectPixels(wrap(payload), rgbaOf(source), effort);
      // With fewer ways open the file may be larger, but no smaller than by chance.
      expect(payload.length, effort).toBeGreaterThan(all.length * 0.98);
    }
  });
});
