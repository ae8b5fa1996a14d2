import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { decode } from '../../src/decode.js';
import { encode } from '../../src/encode.js';
import type { DecodeOptions } from '../../src/options.js';
import { convertReference } from '../engines/kernels/pixels-reference.js';
import { maxDifference, photograph, psnr, sharpSamples } from './photographs.js';
import { noise } from './random-image.js';
import { ALL_FORMATS, depthOf } from './rgba-reference.js';

const [WIDTH, HEIGHT] = [29, 13];
const DECODED_FORMATS = ALL_FORMATS.filter((format) => format !== 'indexed8') as NonNullable<
  DecodeOptions['pixelFormat']
>[];

/** Files of each kind, with alpha where the format has it. */
const files: Record<string, Uint8Array> = {};
beforeAll(async () => {
  const eight = {
    data: noise(WIDTH * HEIGHT * 4, 1),
    width: WIDTH,
    height: HEIGHT,
    pixelFormat: 'rgba8',
  } as const;
  const sixteen = {
    data: noise(WIDTH * HEIGHT * 8, 2),
    width: WIDTH,
    height: HEIGHT,
    pixelFormat: 'rgba16',
  } as const;
  const byLibvips = sharp(eight.data, { raw: { width: WIDTH, height: HEIGHT, channels: 4 } });
  Object.assign(files, {
    'png of 8 bits': await encode(eight, 'png'),
    'png of 16 bits': await encode(sixteen, 'png'),
    'png with a palette': await byLibvips.clone().png({ palette: true, colours: 16 }).toBuffer(),
    'png, gray': await byLibvips.clone().removeAlpha().toColourspace('b-w').png().toBuffer(),
    'png, interlaced': await byLibvips.clone().png({ progressive: true }).toBuffer(),
    'lossless webp': await encode(eight, 'webp', { lossless: true, exact: true }),
    'lossy webp': await encode(eight, 'webp'),
    jpeg: await encode(eight, 'jpeg'),
    'jpeg, gray': await encode({ ...eight, pixelFormat: 'gray8' }, 'jpeg'),
    'jpeg, progressive': await encode(eight, 'jpeg', { progressive: true }),
  });
});

const KINDS = [
  'png of 8 bits',
  'png of 16 bits',
  'png with a palette',
  'png, gray',
  'png, interlaced',
  'lossless webp',
  'lossy webp',
  'jpeg',
  'jpeg, gray',
  'jpeg, progressive',
];

describe.each(KINDS)('%s', (kind) => {
  const wide = kind === 'png of 16 bits';

  it.each(DECODED_FORMATS)('becomes %s', async (pixelFormat) => {
    const stored = await decode(files[kind]!, { pixelFormat: wide ? 'rgba16' : 'rgba8' });
    const source = {
      bytes: new Uint8Array(stored.data.buffer),
      width: WIDTH,
      height: HEIGHT,
      pixelFormat: stored.pixelFormat,
      strideBytes: WIDTH * (wide ? 8 : 4),
      premultiplied: false,
    };
    for (const background of [undefined, [0, 0, 0], [10, 128, 251]] as const) {
      const image = await decode(files[kind]!, { pixelFormat, background });
      expect(image).toEqual({ data: image.data, width: WIDTH, height: HEIGHT, pixelFormat });
      expect(image.data.constructor).toBe(depthOf(pixelFormat) === 16 ? Uint16Array : Uint8Array);
      const expected = convertReference(source, pixelFormat, false, background);
      expect(Buffer.compare(new Uint8Array(image.data.buffer), expected), `on ${background}`).toBe(0);
    }
  });

  it('is read as sharp reads it', async () => {
    const { data } = await decode(files[kind]!);
    const judged = await sharpSamples(files[kind]!, 4);
    // What is exact is exact; libjpeg and libwebp differ by how chroma is interpolated and rounded.
    if (kind.startsWith('png') && !wide) expect(Buffer.compare(data as Uint8Array, judged)).toBe(0);
    else if (kind === 'lossless webp') expect(Buffer.compare(data as Uint8Array, judged)).toBe(0);
    else if (wide) expect(maxDifference(data, judged)).toBeLessThanOrEqual(1);
    else expect(psnr(data, judged)).toBeGreaterThan(45);
  });

  it('is read out of any kind of memory, and left as it is', async () => {
    const file = files[kind]!;
    const shared = new Uint8Array(new SharedArrayBuffer(file.length));
    shared.set(file);
    const embedded = new Uint8Array(file.length + 20).fill(0xff);
    embedded.set(file, 7);
    const expected = await decode(file);
    const before = Buffer.from(file);
    const kinds = [
      file,
      Buffer.from(file),
      file.slice().buffer,
      shared,
      shared.buffer,
      embedded.subarray(7, 7 + file.length),
      new DataView(embedded.buffer, 7, file.length),
      new Uint8ClampedArray(file),
    ];
    for (const bytes of kinds) expect((await decode(bytes)).data).toEqual(expected.data);
    expect(before.equals(file)).toBe(true);
    expect(embedded[6]).toBe(0xff);
  });

  it('is `rgba8` unless told otherwise', async () => {
    const { pixelFormat, data } = await decode(files[kind]!);
    expect([pixelFormat, data.length]).toEqual(['rgba8', WIDTH * HEIGHT * 4]);
  });

  it('can be encoded again as it comes', async () => {
    for (const pixelFormat of ['rgba8', 'graya16'] as const) {
      const image = await decode(files[kind]!, { pixelFormat });
      const again = await decode(await encode(image, 'png'), { pixelFormat });
      expect(again).toEqual(image);
    }
  });
});

describe('photographs', () => {
  it.each(['rocket.jpg', 'coffee.png', 'astronaut.png'])('%s is read as sharp reads it', async (name) => {
    const { readFile } = await import('node:fs/promises');
    const photo = await photograph(name);
    const file = await readFile(new URL(`../fixtures/${name}`, import.meta.url));
    const { data, width, height } = await decode(file, { pixelFormat: 'rgb8' });
    expect([width, height]).toEqual([photo.width, photo.height]);
    expect(psnr(data, photo.data)).toBeGreaterThan(name.endsWith('png') ? 200 : 50);
  });
});
