import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { decode } from '../src/decode.js';
import { encode } from '../src/encode.js';
import { probe } from '../src/probe.js';
import { transcode } from '../src/transcode.js';
import { maxDifference, photograph, psnr, sharpSamples } from './codecs/photographs.js';
import { noise } from './codecs/random-image.js';
import { concat, exif, pngChunk } from './container/samples.js';

const FORMATS = ['png', 'jpeg', 'webp'] as const;
const [WIDTH, HEIGHT] = [21, 14];
const EIGHT = {
  data: noise(WIDTH * HEIGHT * 4, 1),
  width: WIDTH,
  height: HEIGHT,
  pixelFormat: 'rgba8',
} as const;
const SIXTEEN = {
  data: noise(WIDTH * HEIGHT * 8, 2),
  width: WIDTH,
  height: HEIGHT,
  pixelFormat: 'rgba16',
} as const;

/** 16-bit samples as libvips reads them. */
async function wideSamples(file: Uint8Array): Promise<Uint16Array> {
  const { buffer, byteOffset, byteLength } = await sharp(file)
    .autoOrient()
    .ensureAlpha()
    .toColourspace('rgb16')
    .raw({ depth: 'ushort' })
    .toBuffer();
  return new Uint16Array(buffer.slice(byteOffset, byteOffset + byteLength));
}

describe.each(FORMATS)('from %s', (from) => {
  let file: Uint8Array;
  beforeAll(async () => {
    file = await encode(EIGHT, from, from === 'webp' ? { lossless: true, exact: true } : {});
  });

  it.each(FORMATS)('to %s is as decode and encode', async (to) => {
    const options = { png: {}, jpeg: { quality: 70 }, webp: { quality: 60 } }[to];
    expect(await transcode(file, to, options)).toEqual(await encode(await decode(file), to, options));
    expect(probe(await transcode(file, to, options))).toMatchObject({
      format: to,
      width: WIDTH,
      height: HEIGHT,
    });
  });

  it('to raw is as decode', async () => {
    expect(await transcode(file, 'raw')).toEqual((await decode(file)).data);
    const rgb = await transcode(file, 'raw', { pixelFormat: 'rgb8', background: [1, 2, 3] });
    expect(rgb).toEqual((await decode(file, { pixelFormat: 'rgb8', background: [1, 2, 3] })).data);
  });

  it('takes any kind of memory', async () => {
    const expected = await transcode(file, 'png');
    for (const bytes of [Buffer.from(file), file.slice().buffer, new DataView(file.slice().buffer)]) {
      expect(await transcode(bytes, 'png')).toEqual(expected);
    }
  });

  it('passes limits and the signal on to both sides', async () => {
    await expect(transcode(file, 'png', { limits: { maxPixels: 10 } })).rejects.toMatchObject({
      code: 'LIMIT_EXCEEDED',
    });
    const controller = new AbortController();
    const work = transcode(file, 'png', { signal: controller.signal });
    controller.abort(new Error('stop'));
    await expect(work).rejects.toThrow('stop');
  });
});

describe('16 bits a sample', () => {
  it('are kept from PNG to PNG', async () => {
    const png = await transcode(await encode(SIXTEEN, 'png'), 'png');
    expect(probe(png).bitDepth).toBe(16);
    expect(await wideSamples(png)).toEqual(new Uint16Array(SIXTEEN.data.buffer));
  });

  it('are kept to raw pixels of 16, and rounded for 8', async () => {
    const png = await encode(SIXTEEN, 'png');
    expect(await transcode(png, 'raw', { pixelFormat: 'rgba16' })).toEqual(SIXTEEN.data);
    const eight = await transcode(png, 'raw');
    const wide = new Uint16Array(SIXTEEN.data.buffer);
    expect(eight).toEqual(Uint8Array.from(wide, (v) => Math.floor((v * 255 + 32767) / 65535)));
    expect(probe(await transcode(png, 'png', { bitDepth: 8 })).bitDepth).toBe(8);
  });
});

describe.each([1, 2, 3, 4, 5, 6, 7, 8])('EXIF orientation %i', (orientation) => {
  it.each(['png', 'webp'] as const)('of lossless %s is applied as sharp applies it', async (format) => {
    const image = sharp(EIGHT.data, { raw: { width: WIDTH, height: HEIGHT, channels: 4 } }).withMetadata({
      orientation,
    });
    const file = await (format === 'png'
      ? image.png()
      : image.webp({ lossless: true, exact: true })
    ).toBuffer();
    expect(probe(file).orientation).toBe(orientation);
    const upright = await sharp(file).autoOrient().raw().toBuffer({ resolveWithObject: true });
    for (const to of ['png', 'webp'] as const) {
      const out = await transcode(file, to, to === 'webp' ? { lossless: true, exact: true } : {});
      expect(probe(out).orientation).toBe(undefined);
      expect([probe(out).width, probe(out).height]).toEqual([upright.info.width, upright.info.height]);
      expect(Buffer.compare(await sharpSamples(out, 4), upright.data)).toBe(0);
      const asStored = await transcode(file, to, {
        autoOrient: false,
        ...(to === 'webp' ? { lossless: true, exact: true } : {}),
      });
      expect(Buffer.compare(await sharpSamples(asStored, 4), EIGHT.data)).toBe(0);
    }
    const decoded = await decode(file, { autoOrient: true });
    expect([decoded.width, Buffer.compare(decoded.data as Uint8Array, upright.data)]).toEqual([
      upright.info.width,
      0,
    ]);
    expect(Buffer.compare((await decode(file)).data as Uint8Array, EIGHT.data)).toBe(0);
  });

  it('of a JPEG is applied as sharp applies it', async () => {
    const photo = await photograph('coffee.png', { left: 200, top: 150, width: 67, height: 45 });
    const file = await sharp(photo.data, { raw: { width: 67, height: 45, channels: 3 } })
      .withMetadata({ orientation })
      .jpeg({ quality: 95, chromaSubsampling: '4:4:4' })
      .toBuffer();
    const upright = await sharp(file).autoOrient().raw().toBuffer();
    const out = await transcode(file, 'png');
    expect(psnr(await sharpSamples(out, 3), upright)).toBeGreaterThan(50);
    expect(probe(out).width).toBe(orientation > 4 ? 45 : 67);
    expect(probe(await transcode(file, 'png', { autoOrient: false })).width).toBe(67);
  });

  it('of a PNG of 16 bits is applied too', async () => {
    const png = await encode(SIXTEEN, 'png');
    // Behind the signature and IHDR.
    const file = concat(png.subarray(0, 33), pngChunk('eXIf', exif(orientation)), png.subarray(33));
    expect(probe(file)).toMatchObject({ bitDepth: 16, orientation });
    const upright = await wideSamples(file);
    expect(maxDifference(await wideSamples(await transcode(file, 'png')), upright)).toBe(0);
  });
});
