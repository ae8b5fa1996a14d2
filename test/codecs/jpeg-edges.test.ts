import sharp from 'sharp';
import { expect, it } from 'vitest';
import { encode } from '../../src/encode.js';
import { STRICT_DECODERS } from './jpeg-decoders.js';
import { decibelsLost } from './jpeg-tally.js';
import { photograph } from './photographs.js';

const SUBSAMPLINGS = ['4:2:0', '4:4:4'] as const;

/** Squared errors and bytes of ours and of sharp's files of parts of a photograph. */
async function compare(sizes: readonly (readonly [number, number])[], chromaSubsampling: '4:2:0' | '4:4:4') {
  const sums = { ours: 0, theirs: 0, bytes: 0, wanted: 0 };
  for (const [i, [width, height]] of sizes.entries()) {
    const part = { left: (i * 37) % (601 - width), top: (i * 53) % (401 - height), width, height };
    const photo = await photograph('coffee.png', part);
    const quality = [50, 80, 92][i % 3]!;
    const error = async (file: Uint8Array) => {
      const { data } = await STRICT_DECODERS.sharp(file, 3);
      return data.reduce((sum, v, at) => sum + (v - photo.data[at]!) ** 2, 0);
    };
    const ours = await encode(photo, 'jpeg', { quality, chromaSubsampling, effort: 'fast' });
    const theirs = await sharp(photo.data, { raw: { width, height, channels: 3 } })
      .jpeg({ quality, chromaSubsampling, optimizeCoding: false })
      .toBuffer();
    sums.ours += await error(ours);
    sums.theirs += await error(theirs);
    sums.bytes += ours.length;
    sums.wanted += theirs.length;
  }
  return sums;
}

// Once a photograph of 600x386 took 1.5 % more bytes than need be: the eight rows of blocks below it were coded as if to be seen.
it.each(SUBSAMPLINGS)(
  'blocks outside of the image take no bits to speak of, %s',
  async (chromaSubsampling) => {
    const sizes = Array.from({ length: 15 }, (_, i) => [64 + i + 1, 64 + ((i * 7) % 15) + 1] as const);
    sizes.push([600, 2], [600, 386], [586, 390]);
    const { bytes, wanted } = await compare(sizes, chromaSubsampling);
    expect(bytes / wanted).toBeLessThan(1.005);
  },
);

// Once two rows of pixels lost 0.4 dB: chroma went on below them with the second row, instead of the mean of both.
it.each([1, 2, 3, 4, 5, 6, 18])('an image of %i rows is as good as that of sharp', async (height) => {
  const sizes = Array.from({ length: 40 }, (_, i) => [1 + ((i * 11) % 67), height] as const);
  for (const chromaSubsampling of SUBSAMPLINGS) {
    expect(decibelsLost(await compare(sizes, chromaSubsampling)), chromaSubsampling).toBeLessThan(0.1);
  }
});
