import fc from 'fast-check';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import '../../setup/wasm.js';
import { type Vp8KernelSettings, vp8Kernel } from '../../../src/engines/kernels/vp8.js';
import { WEBP_KERNEL_FORMATS } from '../../../src/engines/kernels/webp-kernels.js';
import type { PixelSource } from '../../../src/image.js';
import { CALL, image, photograph, picture, psnr, rgbOf } from './jpeg-images.js';
import { wrap } from './vp8-images.js';

const SETTINGS: Vp8KernelSettings = { quality: 75, effort: 'balanced', exact: false };
const EFFORTS = ['fast', 'balanced', 'smallest'] as const;

const encode = (source: PixelSource, settings: Partial<Vp8KernelSettings> = {}) =>
  vp8Kernel.encode(source, { ...SETTINGS, ...settings }, CALL);

async function decode(payload: Uint8Array): Promise<Buffer> {
  return sharp(wrap(payload), { failOn: 'warning' }).removeAlpha().toColourspace('srgb').raw().toBuffer();
}

/** Of sharp's own encoding at the same quality. */
async function qualityOfSharp(source: PixelSource, quality: number): Promise<number> {
  const raw = { width: source.width, height: source.height, channels: 4 } as const;
  const file = await sharp(source.bytes, { raw }).webp({ quality }).toBuffer();
  return psnr(await sharp(file).removeAlpha().raw().toBuffer(), rgbOf(source));
}

describe('pixel formats', () => {
  const order = {
    rgb8: [0, 1, 2],
    rgba8: [0, 1, 2, 3],
    bgr8: [2, 1, 0],
    bgra8: [2, 1, 0, 3],
    argb8: [3, 0, 1, 2],
    rgbx8: [0, 1, 2, 3],
    bgrx8: [2, 1, 0, 3],
  };

  it.each(Object.entries(order))('%s, with rows further apart', async (pixelFormat, channels) => {
    for (const width of [1, 16, 53]) {
      const base = picture(width, 37);
      const sample = (x: number, y: number, c: number) =>
        base.bytes[y * base.strideBytes + x * 4 + channels[c]!]!;
      const source = image(pixelFormat as keyof typeof order, width, 37, sample, 5);
      expect(Buffer.compare(await encode(source), await encode(base))).toBe(0);
    }
  });

  it('gray8 and graya8, which have no colour', async () => {
    for (let size = 1; size <= 40; size += 3) {
      const gray = (x: number, y: number) => (x * 9 + y * 5) & 255;
      const colour = image('rgba8', size, 41 - size, (x, y, c) => (c === 3 ? 255 : gray(x, y)));
      const expected = await encode(colour);
      for (const pixelFormat of ['gray8', 'graya8'] as const) {
        const source = image(pixelFormat, size, 41 - size, (x, y, c) => (c === 1 ? 77 : gray(x, y)), 3);
        expect(Buffer.compare(await encode(source), expected)).toBe(0);
      }
      const decoded = await decode(expected);
      // Red, green and blue are each rounded.
      expect(decoded.every((v, i) => Math.abs(v - decoded[i - (i % 3)]!) <= 1)).toBe(true);
    }
  });

  it('refuses those that it does not read', async () => {
    expect(WEBP_KERNEL_FORMATS).not.toContain('rgb16');
    await expect(encode(image('gray16', 4, 4, () => 0))).rejects.toThrow(RangeError);
  });
});

describe.each(EFFORTS)('%s', (effort) => {
  it.each([
    ['coffee.png', undefined],
    ['rocket.jpg', undefined],
    ['seeding-16mp.jpg', 1400],
  ] as const)('is as near its pixels as sharp on %s', async (name, width) => {
    const source = await photograph(name, width);
    const pixels = rgbOf(source);
    let before = { bytes: 0, quality: 0 };
    for (const quality of [10, 50, 75, 90, 100]) {
      const file = await encode(source, { quality, effort });
      const now = { bytes: file.length, quality: psnr(await decode(file), pixels) };
      expect(now.quality).toBeGreaterThan((await qualityOfSharp(source, quality)) - 1);
      expect(now.bytes).toBeGreaterThan(before.bytes);
      expect(now.quality).toBeGreaterThan(before.quality);
      before = now;
    }
  });

  it('shows nothing of an earlier image', async () => {
    const marker = image('rgba8', 200, 120, (x, y) => ((x ^ y) & 1 ? 255 : 0));
    for (let size = 1; size <= 67; size += 3) {
      const source = picture(size, 68 - size, size);
      // An instance that has seen nothing.
      const fresh = await vp8Kernel.open(source, { ...SETTINGS, effort }, CALL);
      const expected = Buffer.concat(fresh.write(source.bytes, source.strideBytes, source.height));
      await encode(marker, { effort, quality: 100 });
      expect(Buffer.compare(await encode(source, { effort }), expected), `${size}`).toBe(0);
    }
  });
});

describe('the loop filter', () => {
  it('leaves the edges of squares alone whose grays are near each other', async () => {
    // Of 8x8, on blocks of 4x4: eight grays, seven apart.
    const squares = image(
      'rgbx8',
      320,
      320,
      (x, y) => 90 + 7 * (((x >> 3) ** 2 + (y >> 3) * (3 + 5 * (x >> 3))) & 7),
    );
    const payload = await encode(squares, { quality: 80 });
    const shown = await decode(payload);
    // 42.5 dB with the strength that photographs get.
    expect(psnr(shown, rgbOf(squares))).toBeGreaterThan(47);
  });
});

describe('rows that come one by one', () => {
  it('give the same bytes for any chunking', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          width: fc.integer({ min: 1, max: 90 }),
          height: fc.integer({ min: 1, max: 90 }),
          effort: fc.constantFrom(...EFFORTS),
          sharpYuv: fc.boolean(),
        }),
        fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 20 }),
        async ({ width, height, effort, sharpYuv }, chunks) => {
          const source = picture(width, height, width);
          const encoder = await vp8Kernel.open(source, { ...SETTINGS, effort, sharpYuv }, CALL);
          const parts: Uint8Array[] = [];
          for (let y = 0, i = 0; y < height; i++) {
            const rows = Math.min(chunks[i % chunks.length]!, height - y);
            parts.push(
              ...encoder.write(source.bytes.subarray(y * source.strideBytes), source.strideBytes, rows),
            );
            y += rows;
          }
          parts.push(...(await encoder.finish()));
          const whole = await encode(source, { effort, sharpYuv });
          expect(Buffer.compare(Buffer.concat(parts), whole)).toBe(0);
        },
      ),
      { numRuns: 100 },
    );
  });
});

describe('what alpha hides', () => {
  /** A disk that is seen, on noise that is not. */
  const disk = (alpha: number) =>
    image('rgba8', 203, 154, (x, y, c) => {
      const seen = (x - 90) ** 2 + (y - 70) ** 2 < 50 ** 2;
      if (c === 3) return seen ? 255 : alpha;
      return seen ? x + y : (Math.imul(x * 7919 + y * 104729 + c, 0x9e3779b1) >>> 24) & 255;
    });

  it('costs next to nothing where alpha is 0', async () => {
    const { bytes, strideBytes } = disk(0);
    const at = (x: number, y: number) => (y + 16) * strideBytes + (x + 32) * 4;
    const around = image('rgba8', 112, 112, (x, y, c) => bytes[at(x, y) + c]!);
    for (const effort of EFFORTS) {
      const hidden = await encode(disk(0), { effort });
      const exact = await encode(disk(0), { effort, exact: true });
      expect(hidden.length).toBeLessThan(exact.length / 5);
      expect(Buffer.compare(exact, await encode(disk(255), { effort }))).toBe(0);
      expect(Buffer.compare(exact, await encode(disk(1), { effort }))).toBe(0);
      // Whole macroblocks of it, 81, are not coded: each takes what says so.
      expect(hidden.length).toBeLessThan((await encode(around, { effort })).length + 81);
      // What is seen is as near as ever.
      const [a, b] = [await decode(hidden), await decode(exact)];
      const error = (pixels: Uint8Array) => {
        let sum = 0;
        for (let y = 30; y < 110; y++)
          for (let x = 60; x < 120; x++)
            sum += Math.abs(pixels[(y * 203 + x) * 3 + 1]! - Math.min(x + y, 255));
        return sum / (80 * 60);
      };
      expect(error(a)).toBeLessThan(error(b) + 0.5);
    }
  });

  it('is the same in every format with alpha', async () => {
    const base = disk(0);
    const sample = (x: number, y: number, c: number) => base.bytes[(y * 203 + x) * 4 + c]!;
    const expected = await encode(base);
    const orders = { bgra8: [2, 1, 0, 3], argb8: [3, 0, 1, 2] } as const;
    for (const [pixelFormat, order] of Object.entries(orders)) {
      const source = image(pixelFormat as keyof typeof orders, 203, 154, (x, y, c) =>
        sample(x, y, order[c]!),
      );
      expect(Buffer.compare(await encode(source), expected)).toBe(0);
    }
    const gray = image('graya8', 203, 154, (x, y, c) => sample(x, y, c * 3));
    const colour = image('rgba8', 203, 154, (x, y, c) => sample(x, y, c === 3 ? 3 : 0));
    expect(Buffer.compare(await encode(gray), await encode(colour))).toBe(0);
  });
});

describe('sharper edges of colour', () => {
  /** Thin lines of one colour on another, in all directions. */
  const lines = (ink: number, paper: number, isSeen = (_x: number, _y: number) => true) =>
    image('rgba8', 203, 154, (x, y, c) => {
      const inked = x % 13 === 0 || y % 37 < 2 || (x + 2 * y) % 61 < 3;
      if (c === 3) return isSeen(x, y) ? 255 : 0;
      return ((inked ? ink : paper) >> (16 - 8 * c)) & 255;
    });
  const quality = async (source: PixelSource, settings: Partial<Vp8KernelSettings>) =>
    psnr(await decode(await encode(source, settings)), rgbOf(source));

  it.each([
    [0xff0000, 0x0000ff],
    [0xff0000, 0x000000],
    [0x0000ff, 0xffffff],
    [0x00ff00, 0xff00ff],
  ])('are nearer their pixels than without and than those of sharp: %i on %i', async (ink, paper) => {
    const source = lines(ink, paper);
    const { bytes, width, height } = source;
    for (const level of [75, 95]) {
      const sharper = await quality(source, { quality: level, sharpYuv: true });
      expect(sharper).toBeGreaterThan((await quality(source, { quality: level })) + 0.1);
      const file = await sharp(bytes, { raw: { width, height, channels: 4 } })
        .webp({ quality: level, smartSubsample: true })
        .toBuffer();
      const peer = psnr(await sharp(file).removeAlpha().raw().toBuffer(), rgbOf(source));
      expect(sharper).toBeGreaterThan(peer);
    }
  });

  it('say nothing of what has no colour, and little of photographs', async () => {
    const gray = image('gray8', 90, 61, (x, y) => (x * 9 + y * 5) & 255);
    expect(Buffer.compare(await encode(gray, { sharpYuv: true }), await encode(gray))).toBe(0);
    const source = await photograph('coffee.png');
    const [plain, sharper] = [await encode(source), await encode(source, { sharpYuv: true })];
    expect(sharper.length).toBeLessThan(plain.length * 1.1);
    expect(psnr(await decode(sharper), rgbOf(source))).toBeGreaterThan(
      psnr(await decode(plain), rgbOf(source)),
    );
  });

  it('do not count where alpha is 0', async () => {
    const source = lines(0xff0000, 0x000000, (x, y) => (x - 90) ** 2 + (y - 70) ** 2 < 50 ** 2);
    const file = await encode(source, { sharpYuv: true });
    const seen = (rgb: Uint8Array) => rgb.filter((_, i) => source.bytes[Math.floor(i / 3) * 4 + 3] === 255);
    const error = (bytes: Uint8Array) => psnr(seen(bytes), seen(rgbOf(source)));
    expect(error(await decode(file))).toBeGreaterThan(error(await decode(await encode(source))) + 0.5);
    expect(file.length).toBeLessThan((await encode(source, { sharpYuv: true, exact: true })).length / 2);
  });

  it('take memory that is counted', async () => {
    const source = picture(9000, 40);
    const limits = { ...CALL.limits, maxMemoryBytes: 4 << 20 };
    await vp8Kernel.encode(source, SETTINGS, { limits });
    const call = vp8Kernel.encode(source, { ...SETTINGS, sharpYuv: true }, { limits });
    await expect(call).rejects.toMatchObject({ code: 'LIMIT_EXCEEDED' });
  });
});

describe('a target in bytes', () => {
  it('is kept, and nearly used', async () => {
    const source = await photograph('coffee.png');
    for (const targetSize of [6000, 20_000, 61_234]) {
      for (const effort of EFFORTS) {
        const { length } = await encode(source, { effort, quality: 100, targetSize });
        expect(length).toBeLessThanOrEqual(targetSize);
        expect(length).toBeGreaterThan(targetSize * 0.93);
      }
    }
  });

  it('gives no more than the quality, and no less than the coarsest steps', async () => {
    const source = picture(300, 200);
    const at = async (quality: number, targetSize?: number) => encode(source, { quality, targetSize });
    expect(Buffer.compare(await at(60, 10_000_000), await at(60))).toBe(0);
    expect(Buffer.compare(await at(60, 10), await at(0))).toBe(0);
  });
});

describe('fractions of a quality', () => {
  it('lie between', async () => {
    const source = await photograph('coffee.png', 400);
    const bytes = await Promise.all(
      [70, 72.5, 75].map(async (quality) => (await encode(source, { quality })).length),
    );
    expect(bytes[1]).toBeGreaterThan(bytes[0]!);
    expect(bytes[1]).toBeLessThan(bytes[2]!);
  });
});

describe('memory', () => {
  it('stays within its limit, and serves again after it was over it', async () => {
    const source = picture(700, 500);
    const limits = { ...CALL.limits, maxMemoryBytes: 1 << 20 };
    await expect(vp8Kernel.encode(source, SETTINGS, { limits })).rejects.toMatchObject({
      code: 'LIMIT_EXCEEDED',
    });
    expect(await decode(await encode(source))).toHaveLength(700 * 500 * 3);
  });
});
