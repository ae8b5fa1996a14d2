// The fixture photographs as pixels of any size.

import { fileURLToPath } from 'node:url';
import sharp from 'sharp';

/** @typedef {{ data: Uint8Array, width: number, height: number, pixelFormat: 'rgb8' | 'rgba8' }} Pixels rows adjacent, opaque */

/** Sizes by name, about that many megapixels. */
export const SIZES = {
  64: [64, 64],
  0.3: [640, 480],
  2: [1920, 1080],
  16: [4928, 3264],
};

/**
 * @param {string} file in test/fixtures
 * @param {readonly [width: number, height: number]} size cut to its shape in the middle, where it differs
 * @returns {Promise<{ rgb8: Pixels, rgba8: Pixels }>} the same picture in both formats
 */
export async function photograph(file, [width, height]) {
  const path = fileURLToPath(new URL(`../test/fixtures/${file}`, import.meta.url));
  const rgb = await sharp(path).resize(width, height).removeAlpha().raw().toBuffer();
  const rgba = await sharp(rgb, { raw: { width, height, channels: 3 } })
    .ensureAlpha()
    .raw()
    .toBuffer();
  return {
    rgb8: { data: rgb, width, height, pixelFormat: 'rgb8' },
    rgba8: { data: rgba, width, height, pixelFormat: 'rgba8' },
  };
}
