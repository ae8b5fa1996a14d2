import sharp from 'sharp';
import { ssim } from 'ssim.js';
import { expect, test } from 'vitest';
import { judgeOf } from '../../bench/quality.mjs';
import { structuralSimilarity } from '../../bench/ssim.mjs';

async function grayPhotograph(quality?: number) {
  const image = sharp('test/fixtures/coffee.png').resize(160, 120).toColourspace('b-w');
  if (quality === undefined) return image.raw().toBuffer();
  return sharp(await image.jpeg({ quality }).toBuffer())
    .toColourspace('b-w')
    .raw()
    .toBuffer();
}

const toImageData = (gray: Uint8Array) => ({
  width: 160,
  height: 120,
  data: Uint8ClampedArray.from({ length: gray.length * 4 }, (_, i) => (i % 4 === 3 ? 255 : gray[i >> 2]!)),
});

test.each([10, 50, 90])('SSIM is that of ssim.js, JPEG at q%d', async (quality) => {
  const [original, decoded] = [await grayPhotograph(), await grayPhotograph(quality)];
  const { mssim } = ssim(toImageData(original), toImageData(decoded), {
    ssim: 'original',
    downsample: false,
  });
  const mine = structuralSimilarity(Float32Array.from(original), Float32Array.from(decoded), 160, 120);
  expect(mine).toBeLessThan(1);
  expect(mine).toBeCloseTo(mssim, 4);
});

test('SSIM of the same is 1, of less than a window none', () => {
  const plane = Float32Array.from({ length: 23 * 17 }, (_, i) => (i * 37) % 256);
  expect(structuralSimilarity(plane, plane, 23, 17)).toBeCloseTo(1, 12);
  expect(structuralSimilarity(plane, plane, 10, 17)).toBeNaN();
});

test('a file is judged as laid on white, in decibels of luma and of both colour differences', async () => {
  const [width, height] = [16, 16];
  const data = new Uint8Array(width * height * 4);
  for (let i = 0; i < data.length; i += 4) data.set(i % 8 === 0 ? [100, 100, 100, 255] : [1, 2, 3, 0], i);
  const judge = judgeOf({ data, width, height });
  const changed = data.slice();
  // Where nothing shows any colour will do.
  for (let i = 0; i < data.length; i += 4) changed.set(i % 8 === 0 ? [110, 110, 110] : [200, 9, 9], i);
  const file = await sharp(changed, { raw: { width, height, channels: 4 } })
    .png()
    .toBuffer();
  const { psnrLuma, psnrChroma, bytes } = await judge(file);
  expect(bytes).toBe(file.length);
  // Half of the pixels are off by 10.
  expect(psnrLuma).toBeCloseTo(10 * Math.log10((255 * 255) / 50), 6);
  expect(psnrChroma).toBeGreaterThan(200);
});
