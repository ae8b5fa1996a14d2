import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { encode } from '../../src/encode.js';
import type { WebpEncodeOptions } from '../../src/options.js';
import { freshPixbytes } from '../setup/fresh.js';
import { type Photograph, photograph, psnr, sharpSamples } from './photographs.js';

let photo: Photograph;
/** The same with alpha that falls off to the sides, nothing to be seen in the corners. */
let vignette: { data: Uint8Array; width: number; height: number };

beforeAll(async () => {
  photo = await photograph('coffee.png', { left: 100, top: 60, width: 301, height: 203 });
  const { width, height } = photo;
  const data = new Uint8Array(width * height * 4);
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at++) {
      const edge = Math.min(1, Math.hypot((x * 2) / width - 1, (y * 2) / height - 1));
      data.set(photo.data.subarray(at * 3, at * 3 + 3), at * 4);
      data[at * 4 + 3] = Math.round(255 * (1 - edge));
    }
  }
  vignette = { data, width, height };
});

const alphaOf = (rgba: Uint8Array) => rgba.filter((_, i) => i % 4 === 3);

describe('lossy WebP of the kernels', () => {
  it('has methods and efforts that are the same, and loads what it needs', async () => {
    const { encode, loads } = await freshPixbytes();
    const bytes = (options: WebpEncodeOptions) => encode(photo, 'webp', options);
    const [fast, balanced, smallest] = await Promise.all([
      bytes({ effort: 'fast' }),
      bytes({}),
      bytes({ effort: 'smallest' }),
    ]);
    for (const [method, of] of [fast, fast, balanced, balanced, balanced, smallest, smallest].entries()) {
      expect(Buffer.compare(await bytes({ method, effort: 'fast' }), of!), `method ${method}`).toBe(0);
    }
    expect(loads).toEqual(['vp8']);
    await encode(vignette, 'webp');
    expect(loads.toSorted()).toEqual(['pixels', 'vp8', 'vp8l']);
  });

  it('has alpha only where a pixel is not opaque', async () => {
    const rgba = await sharp(photo.data, { raw: { width: photo.width, height: photo.height, channels: 3 } })
      .ensureAlpha()
      .raw()
      .toBuffer();
    const { width, height } = photo;
    const opaque = await encode({ data: rgba, width, height, pixelFormat: 'rgba8' }, 'webp');
    expect(Buffer.compare(opaque, await encode(photo, 'webp'))).toBe(0);
    rgba[4 * 1000 + 3] = 254;
    const file = await encode({ data: rgba, width, height, pixelFormat: 'rgba8' }, 'webp');
    expect((await sharp(file).metadata()).hasAlpha).toBe(true);
    expect(alphaOf(await sharpSamples(file, 4))[1000]).toBe(254);
  });

  it.each(['fast', 'balanced', 'smallest'] as const)('keeps alpha as it is: %s', async (effort) => {
    const file = await encode(vignette, 'webp', { effort, quality: 80 });
    const decoded = await sharpSamples(file, 4);
    expect(Buffer.compare(alphaOf(decoded), alphaOf(vignette.data))).toBe(0);
    const seen = (rgba: Uint8Array) => rgba.map((v, i) => (i % 4 < 3 ? (v * rgba[i | 3]!) / 255 : v));
    expect(psnr(seen(decoded), seen(vignette.data))).toBeGreaterThan(38);
  });

  it('merges levels of alpha by `alphaQuality`: no more than libwebp has, and no further from what they were', async () => {
    const { encode, loads } = await freshPixbytes();
    const { width, height, data } = vignette;
    const expected = alphaOf(data);
    const errorOf = (alpha: Uint8Array) => alpha.reduce((sum, a, i) => sum + (a - expected[i]!) ** 2, 0);
    for (const [alphaQuality, levels] of [
      [0, 2],
      [20, 6],
      [50, 12],
      [70, 16],
      [80, 96],
      [99, 248],
    ] as const) {
      const alpha = alphaOf(await sharpSamples(await encode(vignette, 'webp', { alphaQuality }), 4));
      expect(new Set(alpha).size, `levels at ${alphaQuality}`).toBeLessThanOrEqual(levels);
      expect(alpha.every((a, i) => (expected[i]! % 255 === 0 ? a === expected[i] : true))).toBe(true);
      const peer = await sharp(data, { raw: { width, height, channels: 4 } })
        .webp({ alphaQuality })
        .toBuffer();
      expect(errorOf(alpha)).toBeLessThanOrEqual(errorOf(alphaOf(await sharpSamples(peer, 4))));
    }
    expect(loads.toSorted()).toEqual(['pixels', 'vp8', 'vp8l']);
  });

  it('has sharper edges of colour by the same kernel', async () => {
    const { encode, loads } = await freshPixbytes();
    const sharper = await encode(photo, 'webp', { sharpYuv: true });
    expect(loads).toEqual(['vp8']);
    const plain = await encode(photo, 'webp');
    const near = async (file: Uint8Array) => psnr(await sharpSamples(file, 3), photo.data);
    expect(await near(sharper)).toBeGreaterThan(await near(plain));
  });

  it('spends nothing on what cannot be seen, unless `exact` is set', async () => {
    const data = vignette.data.map((v, i) => (i % 4 === 3 ? (v > 100 ? v : 0) : v));
    const image = { ...vignette, data };
    const [dropped, kept] = await Promise.all([
      encode(image, 'webp'),
      encode(image, 'webp', { exact: true }),
    ]);
    expect(dropped.length).toBeLessThan(kept.length * 0.9);
    const { width, height } = photo;
    const colours = (await sharpSamples(kept, 4)).filter((_, i) => i % 4 < 3);
    expect(psnr(colours, photo.data), `${width}x${height}`).toBeGreaterThan(30);
  });

  it('meets a size, alpha and all', async () => {
    for (const targetSize of [9000, 14_000, 20_000]) {
      for (const image of [photo, vignette]) {
        const { length } = await encode(image, 'webp', { targetSize });
        expect(length).toBeLessThanOrEqual(targetSize);
        expect(length).toBeGreaterThan(targetSize * 0.9);
      }
    }
  });

  it('meets a size below and above that of the default quality', async () => {
    const free = await encode(photo, 'webp');
    for (const share of [0.6, 1.5, 2]) {
      const targetSize = Math.round(free.length * share);
      const { length } = await encode(photo, 'webp', { targetSize });
      expect(length).toBeLessThanOrEqual(targetSize);
      expect(length).toBeGreaterThan(targetSize * 0.92);
    }
  });

  it('meets a size to the byte: the padding of an odd payload was left out of the count', async () => {
    let odd = 0;
    for (let targetSize = 9000; targetSize < 9400; targetSize += 40) {
      const file = await encode(photo, 'webp', { targetSize });
      const payload = new DataView(file.buffer).getUint32(16, true);
      odd += payload % 2;
      // What fits just so without the padding.
      const { length } = await encode(photo, 'webp', { targetSize: 20 + payload });
      expect(length).toBeLessThanOrEqual(20 + payload);
    }
    expect(odd).toBeGreaterThan(0);
  });
});
