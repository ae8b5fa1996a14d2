import { fileURLToPath } from 'node:url';
import sharp from 'sharp';

/** Red, green and blue, 8 bits each, rows adjacent. */
export interface Photograph {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
  readonly pixelFormat: 'rgb8';
}

/** A picture of `test/fixtures`, or a part of it from the column and row on, its samples as stored: one is in Adobe RGB. */
export async function photograph(
  file: string,
  part?: { left: number; top: number; width: number; height: number },
): Promise<Photograph> {
  const path = fileURLToPath(new URL(`../fixtures/${file}`, import.meta.url));
  const image = sharp(path, { ignoreIcc: true }).removeAlpha();
  const cut = part ? image.extract(part) : image;
  const { data, info } = await cut.raw().toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height, pixelFormat: 'rgb8' };
}

/** What sharp reads from a file, refusing it at the least complaint of its decoder. */
export async function sharpSamples(file: Uint8Array, channels: 1 | 3 | 4): Promise<Uint8Array> {
  const image = sharp(file, { failOn: 'warning', ignoreIcc: true }).toColourspace(
    channels === 1 ? 'b-w' : 'srgb',
  );
  const { data, info } = await (channels === 4 ? image.ensureAlpha() : image.removeAlpha())
    .raw()
    .toBuffer({ resolveWithObject: true });
  if (info.channels !== channels) throw new Error(`${info.channels} channels instead of ${channels}`);
  return data;
}

/** Peak signal-to-noise ratio in decibels, infinite where nothing differs. */
export function psnr(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) throw new Error(`${actual.length} samples, not ${expected.length}`);
  let sum = 0;
  for (let i = 0; i < expected.length; i++) sum += (actual[i]! - expected[i]!) ** 2;
  return 10 * Math.log10((255 * 255 * expected.length) / sum);
}

/** The largest difference of two samples. */
export function maxDifference(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) throw new Error(`${actual.length} samples, not ${expected.length}`);
  let max = 0;
  for (let i = 0; i < expected.length; i++) max = Math.max(max, Math.abs(actual[i]! - expected[i]!));
  return max;
}
