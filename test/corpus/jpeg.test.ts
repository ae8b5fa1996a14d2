import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { decode } from '../../src/index.js';
import { compareWithIndex, corpusFiles, hasCorpus, outcomeOf, readCorpus, titled } from './corpus.js';

const FOLDERS = [
  'jpeg-libjpegturbo',
  'jpeg-odd',
  'exif-orientation',
  'photos-gb82-cc0',
  'photos-large',
  'photos-skimage',
];
const files = corpusFiles(FOLDERS, /\.jpe?g$/);
const valid = files.filter(({ expect, mode }) => expect === 'ok' && mode !== 'CMYK');

describe.skipIf(!hasCorpus)(titled('JPEG files of the corpus'), () => {
  it('are all there', () => {
    expect(valid.length).toBeGreaterThan(35);
  });

  // libjpeg-turbo made the hashes. mozjpeg has its arithmetic, so the pixels are the same and not only close.
  it.each(valid)('$path has the pixels of the index', async (file) => {
    await compareWithIndex(file);
  });

  it('are within 2 a sample of what sharp reads', async () => {
    let compared = 0;
    for (const { path, width, height } of valid) {
      // A profile is applied by sharp and not by us.
      const file = readCorpus(path);
      if (width * height > 2_000_000 || file.includes('ICC_PROFILE')) continue;
      const expected = await sharp(file, { failOn: 'none' })
        .removeAlpha()
        .toColourspace('srgb')
        .raw()
        .toBuffer();
      const { data } = await decode(file, { pixelFormat: 'rgb8' });
      expect(data.length, path).toBe(expected.length);
      const worst = expected.reduce((max, sample, i) => Math.max(max, Math.abs(sample - data[i]!)), 0);
      expect(worst, path).toBeLessThanOrEqual(2);
      compared++;
    }
    expect(compared).toBeGreaterThan(20);
  });

  it('CMYK and 12 bits are refused as such', async () => {
    const unserved = files.filter(({ path, mode }) => mode === 'CMYK' || /12\.jpg$/.test(path));
    expect(unserved.length).toBe(3);
    for (const { path } of unserved) {
      expect(await outcomeOf(path, () => decode(readCorpus(path))), path).toBe('UNSUPPORTED_FEATURE');
    }
  });

  it.each([
    ['arithmetic coding', 0xc9],
    ['arithmetic coding, progressive', 0xca],
    ['lossless coding', 0xc3],
    ['hierarchical coding', 0xc5],
  ])('%s is refused as such', async (_, marker) => {
    const file = Uint8Array.from(readCorpus('jpeg-odd/hopper.jpg'));
    const frame = file.findIndex((byte, i) => byte === 0xff && file[i + 1] === 0xc0);
    file[frame + 1] = marker;
    expect(await outcomeOf('hopper.jpg', () => decode(file))).toBe('UNSUPPORTED_FEATURE');
  });

  it('a file that is cut off is refused, and one that lacks only its end marker is read', async () => {
    const ends = await outcomeOf('ultrahdr.jpg', () => decode(readCorpus('jpeg-odd/ultrahdr.jpg')));
    expect(ends).toBe('TRUNCATED_INPUT');
    const whole = readCorpus('jpeg-odd/hopper.jpg');
    const { data } = await decode(whole.subarray(0, -2));
    expect(data).toEqual((await decode(whole)).data);
  });
});
