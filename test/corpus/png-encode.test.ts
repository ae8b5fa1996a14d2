import { describe, expect, it } from 'vitest';
import { encode, type PixelFormat, type PngEncodeOptions, type RawImage } from '../../src/index.js';
import { expectPng } from '../codecs/lossless-judges.js';
import { type PngFile, pngRgba, readPngFile } from '../codecs/png-file.js';
import { pngChunks } from '../container/samples.js';
import { corpusFiles, hasCorpus, readCorpus, titled } from './corpus.js';

const files = corpusFiles(['pngsuite', 'raw16-pnm', 'png-libpng'], /\.png$/).filter(
  (file) => file.expect === 'ok' && file.width * file.height < 300_000,
);

/** Files with something in them that a strict reader does not take: bits that are set in the padding, more entries than the depth has. */
const ODD = /png-libpng\/((gray|palette)-1(-|\.)|small-palette-2)/;

/** A file without what is beside its pixels, as a strict reader wants it. */
function readPixels(path: string): PngFile {
  const file = readCorpus(path);
  const colorType = file[25]!;
  const wanted = [
    'IHDR',
    'IDAT',
    'IEND',
    ...(colorType === 3 ? ['PLTE'] : []),
    ...(colorType < 4 ? ['tRNS'] : []),
  ];
  const chunks = pngChunks(file).filter(
    ({ type, bytes }) => wanted.includes(type) && (type !== 'IDAT' || bytes.length > 12),
  );
  return readPngFile(Buffer.concat([file.subarray(0, 8), ...chunks.map(({ bytes }) => bytes)]));
}

const EFFORTS = ['fast', 'balanced', 'smallest'] as const;

const FORMATS: Readonly<Record<number, readonly [PixelFormat, PixelFormat]>> = {
  0: ['gray8', 'gray16'],
  2: ['rgb8', 'rgb16'],
  3: ['indexed8', 'indexed8'],
  4: ['graya8', 'graya16'],
  6: ['rgba8', 'rgba16'],
};

/** The pixels of a file in their own layout, and the options that keep it. A key colour becomes a colour as any. */
function asOwnLayout(png: PngFile): { source: RawImage; options: PngEncodeOptions } {
  const { width, height, bitDepth, colorType, samples, palette, interlaced } = png;
  const scale = bitDepth < 8 && !palette ? 255 / (2 ** bitDepth - 1) : 1;
  const data = bitDepth === 16 ? samples : Uint8Array.from(samples, (sample) => sample * scale);
  const pixelFormat = FORMATS[colorType]![bitDepth === 16 ? 1 : 0];
  const options = { reduce: false, interlaced, bitDepth: bitDepth as 1 | 2 | 4 | 8 | 16 };
  return { source: { data, width, height, pixelFormat, palette }, options };
}

describe.skipIf(!hasCorpus)(
  titled('PNG files of the corpus, encoded in their own colour type and depth'),
  () => {
    it('are all there', () => {
      expect(files.filter(({ path }) => path.startsWith('pngsuite')).length).toBeGreaterThan(150);
      expect(files.filter(({ path }) => path.startsWith('raw16-pnm')).length).toBeGreaterThan(15);
    });

    it.each(files.filter(({ path }) => !ODD.test(path)))('$path', async ({ path }) => {
      const original = readPixels(path);
      const depth = original.bitDepth === 16 ? 16 : 8;
      const { samples } = original;
      const { source, options } = asOwnLayout(original);
      const expected = pngRgba({ ...original, keyColour: undefined }, depth);
      for (const effort of samples.length < 50_000 ? EFFORTS : (['smallest'] as const)) {
        const png = await expectPng(
          await encode(source, 'png', { ...options, effort }),
          expected,
          original,
          depth,
        );
        expect([png.colorType, png.bitDepth, png.interlaced]).toEqual([
          original.colorType,
          original.bitDepth,
          original.interlaced,
        ]);
        expect(png.samples).toEqual(original.samples);
      }
      // And with nothing asked for.
      await expectPng(await encode(source, 'png'), expected, original, depth);
    });
  },
);

/** An entry of RAW.json. */
interface RawFile {
  readonly file: string;
  readonly width: number;
  readonly height: number;
  readonly format: string;
  readonly byteOrder: 'le' | 'be' | null;
  readonly palette?: readonly number[];
}

const RAW_FORMATS: Readonly<Record<string, PixelFormat>> = {
  gray8: 'gray8',
  rgb8: 'rgb8',
  rgba8: 'rgba8',
  gray16: 'gray16',
  'gray-alpha16': 'graya16',
  rgb16: 'rgb16',
  rgba16: 'rgba16',
  index8: 'indexed8',
};

describe.skipIf(!hasCorpus)(titled('raw pixels of the corpus'), () => {
  const list = hasCorpus ? (JSON.parse(readCorpus('raw-pixels/RAW.json').toString()) as RawFile[]) : [];
  // CMYK is no pixel format of ours.
  const known = list.filter(({ format }) => format !== 'cmyk8');

  it('are all there', () => {
    expect(known.length).toBeGreaterThan(15);
    expect(known.filter(({ format }) => !(format in RAW_FORMATS))).toEqual([]);
  });

  it.each(known)('$file', async ({ file, width, height, format, byteOrder, palette }) => {
    const bytes = new Uint8Array(readCorpus(`raw-pixels/${file}`));
    if (byteOrder === 'be') Buffer.from(bytes.buffer).swap16();
    const pixelFormat = RAW_FORMATS[format]!;
    const entries =
      palette && Array.from({ length: palette.length / 3 }, (_, i) => palette.slice(i * 3, i * 3 + 3));
    const wide = pixelFormat.endsWith('16');
    const samples = wide ? new Uint16Array(bytes.buffer) : Uint16Array.from(bytes);
    const source: RawImage = { data: bytes, width, height, pixelFormat, palette: entries };
    for (const effort of EFFORTS) {
      const png = readPngFile(await encode(source, 'png', { effort, reduce: false }));
      expect([png.width, png.height]).toEqual([width, height]);
      expect(FORMATS[png.colorType]![wide ? 1 : 0]).toBe(pixelFormat);
      expect(png.samples).toEqual(samples);
      const depth = wide ? 16 : 8;
      const expected = pngRgba(png, depth);
      await expectPng(await encode(source, 'png', { effort }), expected, { width, height }, depth);
    }
  });
});
