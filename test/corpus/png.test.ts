import { decode as decodeFastPng } from 'fast-png';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { decode, encode } from '../../src/index.js';
import { compareWithIndex, corpusFiles, hasCorpus, outcomeOf, readCorpus, sha256, titled } from './corpus.js';

const FOLDERS = [
  'pngsuite',
  'png-libpng',
  'png-odd',
  'apng',
  'raw16-pnm',
  'kodak',
  'graphics-mpl',
  'graphics-openclipart',
  'screens-gb82-cc0',
];
const files = corpusFiles(FOLDERS, /\.png$/);
const valid = files.filter((file) => file.expect === 'ok');

/** Files whose hash in the index is not what the samples say, each with a judge of its own below. */
const OTHERWISE = new Set([
  // The hash is Pillow's, of 16-bit samples cut to 8 bits; the index's own rule, and ours, is to round them.
  'apng/mode_16bit.png',
]);

describe.skipIf(!hasCorpus)(titled('PNG files of the corpus'), () => {
  it('are all there', () => {
    expect(files.length).toBeGreaterThan(300);
    expect(valid.length).toBeGreaterThan(280);
  });

  it.each(valid.filter(({ path }) => !OTHERWISE.has(path)))(
    '$path has the pixels of the index',
    async (file) => {
      await compareWithIndex(file);
    },
  );

  it('apng/mode_16bit.png has the samples that fast-png reads, and rounds them', async () => {
    const file = readCorpus('apng/mode_16bit.png');
    const { data, depth, channels } = decodeFastPng(file);
    expect([depth, channels]).toEqual([16, 4]);
    expect((await decode(file, { pixelFormat: 'rgba16' })).data).toEqual(Uint16Array.from(data));
    const rounded = Uint8Array.from(data, (v) => Math.floor((v * 255 + 32_767) / 65_535));
    expect((await decode(file)).data).toEqual(rounded);
  });

  it('where the reference decoders disagree, libpng (in sharp) is right', async () => {
    const disputed = files.filter((file) => file.expect === 'ref-disagree');
    expect(disputed.length).toBe(5);
    for (const { path } of disputed) {
      const expected = await sharp(readCorpus(path)).ensureAlpha().toColourspace('srgb').raw().toBuffer();
      expect(sha256((await decode(readCorpus(path))).data), path).toBe(sha256(expected));
    }
  });

  it('16-bit files keep every bit, by the judgement of fast-png', async () => {
    let compared = 0;
    for (const { path, mode } of valid) {
      const file = readCorpus(path);
      // Byte 24 is the bit depth. fast-png does not apply a key colour, nor read interlaced 16-bit files.
      if (file[24] !== 16 || file[28] !== 0 || file.includes('tRNS')) continue;
      const { data, channels } = decodeFastPng(file);
      const pixelFormat = (['gray8', 'gray16', 'graya16', 'rgb16', 'rgba16'] as const)[channels]!;
      const image = await decode(file, { pixelFormat });
      expect(sha256(image.data), `${path} ${mode}`).toBe(sha256(Uint16Array.from(data)));
      compared++;
    }
    expect(compared).toBeGreaterThan(25);
  });

  it('x* of PngSuite and what else is broken is refused', async () => {
    const broken = files.filter((file) => file.expect === 'error' || file.expect === 'ref-both-error');
    expect(broken.filter(({ path }) => path.startsWith('pngsuite/x')).length).toBe(14);
    for (const { path } of broken) {
      const outcome = await outcomeOf(path, () => decode(readCorpus(path)));
      expect(['CORRUPT_INPUT', 'TRUNCATED_INPUT', 'UNKNOWN_FORMAT'], path).toContain(outcome);
    }
  });

  it('survive a round trip through PNG and lossless WebP', async () => {
    for (const { path, width, height } of valid) {
      if (width * height > 100_000) continue;
      const { data, ...rest } = await decode(readCorpus(path));
      const png = await encode({ data, ...rest }, 'png');
      expect(sha256((await decode(png)).data), path).toBe(sha256(data));
      const webp = await encode({ data, ...rest }, 'webp', { lossless: true, exact: true, effort: 'fast' });
      expect(sha256((await decode(webp)).data), path).toBe(sha256(data));
    }
  });
});
