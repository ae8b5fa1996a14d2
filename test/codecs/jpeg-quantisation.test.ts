import { expect, test } from 'vitest';
import '../setup/wasm.js';
import { jpegKernel } from '../../src/engines/kernels/jpeg.js';
import {
  CALL,
  CODINGS,
  decodeBySharp,
  encodeBySharp,
  image,
  noise,
  psnr,
  rgbOf,
  SETTINGS,
} from '../engines/kernels/jpeg-images.js';

// Reciprocals of few bits moved large coefficients by an eighth of a step, and halves became the smaller step. Decoders cut off what is
// beyond black and white, so that noise of just these two lost 0.24 dB against libjpeg at q98, and 0.13 in colour at q80.
test.each([10, 25, 50, 75, 80, 85, 92, 98])(
  'black and white noise at quality %i loses nothing against libjpeg by its quantisation',
  async (quality) => {
    for (const gray of [true, false]) {
      const settings = { ...SETTINGS, ...CODINGS.fast, quality, chromaSubsampling: '4:4:4' } as const;
      const errors = [0, 0] as [number, number];
      for (let seed = 1; seed <= 3; seed++) {
        const bits = noise(160 * 120 * 4, seed).map((value) => (value < 128 ? 0 : 255));
        const source = image('rgba8', 160, 120, (x, y, c) =>
          c === 3 ? 255 : bits[(y * 160 + x) * 4 + (gray ? 0 : c)]!,
        );
        const ours = await decodeBySharp(await jpegKernel.encode(source, settings, CALL));
        const theirs = await decodeBySharp(await encodeBySharp(source, settings));
        errors[0] += 10 ** (-psnr(ours.data, rgbOf(source)) / 10);
        errors[1] += 10 ** (-psnr(theirs.data, rgbOf(source)) / 10);
      }
      expect(10 * Math.log10(errors[0] / errors[1]), gray ? 'gray' : 'colour').toBeLessThan(0.1);
    }
  },
);
