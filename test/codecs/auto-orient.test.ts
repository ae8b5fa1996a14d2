import { existsSync, readdirSync, readFileSync } from 'node:fs';
import sharp, { type Sharp } from 'sharp';
import { describe, expect, it } from 'vitest';
import { type DecodedImage, decode, transcode } from '../../src/index.js';
import { orient } from '../../src/orient.js';
import { concat, exif, pngChunk } from '../container/samples.js';

const FOLDER = '../shared/corpus/';
const hasCorpus = existsSync(FOLDER);

const ORIENTATIONS = [1, 2, 3, 4, 5, 6, 7, 8];
const SIZES = [
  [1, 1],
  [1, 7],
  [5, 1],
  [3, 2],
  [17, 31],
  [33, 16],
] as const;
const CASES = ORIENTATIONS.flatMap((orientation) =>
  SIZES.map(([width, height]) => ({ orientation, width, height })),
);

/** Pixels that differ from each other. */
function rgba(width: number, height: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length: width * height * 4 }, (_, i) =>
    i % 4 === 3 ? 255 - (i % 99) : (i * 73 + (i >> 8)) & 255,
  );
}

function stored(width: number, height: number, orientation: number): Sharp {
  return sharp(rgba(width, height), { raw: { width, height, channels: 4 } }).withMetadata({ orientation });
}

/** A judge that turns pixels by the file's EXIF. */
async function upright(file: Uint8Array): Promise<{ data: Buffer; width: number; height: number }> {
  const image = sharp(file, { failOn: 'none' }).autoOrient().ensureAlpha().toColourspace('srgb').raw();
  const { data, info } = await image.toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height };
}

/** Greatest difference of a sample, 256 where the sizes differ. */
function difference(image: DecodedImage, expected: Awaited<ReturnType<typeof upright>>): number {
  const { data, width, height } = expected;
  if (image.width !== width || image.height !== height || image.data.length !== data.length) return 256;
  return data.reduce((worst, sample, i) => Math.max(worst, Math.abs(sample - image.data[i]!)), 0);
}

describe('autoOrient', () => {
  it.each(CASES)('$orientation of $width x $height: WebP and PNG', async ({ orientation, width, height }) => {
    const file = await stored(width, height, orientation).webp({ lossless: true, exact: true }).toBuffer();
    const expected = await upright(file);
    expect(difference(await decode(file, { autoOrient: true }), expected)).toBe(0);
    // This judge does not look at the EXIF of PNG files. The pixels are the same, so it has told already.
    const plain = await sharp(rgba(width, height), { raw: { width, height, channels: 4 } })
      .png()
      .toBuffer();
    const block = pngChunk('eXIf', exif(orientation, orientation % 2 === 0));
    const png = concat(plain.subarray(0, 33), block, plain.subarray(33));
    expect(difference(await decode(png, { autoOrient: true }), expected)).toBe(0);
    // Left as stored unless asked for; for transcode, whose output cannot say it, the other way round.
    expect((await decode(png)).data).toEqual(rgba(width, height));
    expect(difference(await decode(await transcode(png, 'png')), expected)).toBe(0);
    expect((await decode(await transcode(png, 'png', { autoOrient: false }))).data).toEqual(
      rgba(width, height),
    );
  });

  it.each(CASES)('$orientation of $width x $height: JPEG', async ({ orientation, width, height }) => {
    const file = await stored(width, height, orientation).flatten().jpeg({ quality: 95 }).toBuffer();
    expect(difference(await decode(file, { autoOrient: true }), await upright(file))).toBeLessThanOrEqual(2);
  });

  it.each(ORIENTATIONS)('%i of 16-bit samples is the same as of 8-bit ones', (orientation) => {
    const narrow = rgba(5, 3);
    const wide = Uint8Array.from({ length: narrow.length * 2 }, (_, i) => narrow[i >> 1]!);
    const turned = orient({ data: narrow, width: 5, height: 3 }, orientation, 4);
    const wideTurned = orient({ data: wide, width: 5, height: 3 }, orientation, 8);
    expect([wideTurned.width, wideTurned.height]).toEqual([turned.width, turned.height]);
    expect(wideTurned.data.filter((_, i) => i % 2 === 0)).toEqual(turned.data);
    expect(wideTurned.data.filter((_, i) => i % 2 === 1)).toEqual(turned.data);
  });

  it.skipIf(!hasCorpus)(`the files of ${FOLDER} (skipped where there is no such folder)`, async () => {
    const odd = ['jpeg-odd/orientation_rectangle.jpg', 'webp-odd/hopper_orientation_7.webp'];
    const names = readdirSync(`${FOLDER}exif-orientation`)
      .filter((name) => name.endsWith('.jpg'))
      .map((name) => `exif-orientation/${name}`)
      .concat(
        [3, 4, 7].map((n) => `jpeg-odd/hopper_orientation_${n}.jpg`),
        odd,
      );
    expect(names.length).toBe(9);
    for (const name of names) {
      const file = readFileSync(FOLDER + name);
      const image = await decode(file, { autoOrient: true });
      expect(difference(image, await upright(file)), name).toBeLessThanOrEqual(2);
    }
  });
});
