import { createRequire } from 'node:module';
import sharp from 'sharp';
import type { JpegKernelSettings } from '../../../src/engines/kernels/jpeg.js';
import type { PixelSource } from '../../../src/image.js';
import { DEFAULT_LIMITS } from '../../../src/limits.js';
import { type PixelFormat, rowBytes } from '../../../src/pixel-format.js';

const jpegJs = createRequire(import.meta.url)('jpeg-js') as {
  decode(bytes: Uint8Array, options: object): { data: Uint8Array; width: number; height: number };
};

export const CALL = { limits: DEFAULT_LIMITS };

export const SETTINGS: JpegKernelSettings = {
  quality: 80,
  chromaSubsampling: '4:2:0',
  optimizeCoding: true,
  progressive: false,
  restartInterval: 0,
  gray: false,
  background: [255, 255, 255],
};

/** The three kinds of coding. */
export const CODINGS = {
  fast: { optimizeCoding: false, progressive: false },
  balanced: { optimizeCoding: true, progressive: false },
  progressive: { optimizeCoding: true, progressive: true },
} as const;

export const SUBSAMPLINGS = ['4:2:0', '4:2:2', '4:4:4'] as const;

/** Bytes that look random and are the same in each run (xorshift32). */
export function noise(length: number, seed = 1): Uint8Array {
  const bytes = new Uint8Array(length);
  let state = Math.imul(seed + 1, 0x9e3779b1);
  for (let i = 0; i < length; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    bytes[i] = state >>> 24;
  }
  return bytes;
}

/** Rows `padding` bytes apart, of what `sample` says for a column, a row and a channel. */
export function image(
  pixelFormat: PixelFormat,
  width: number,
  height: number,
  sample: (x: number, y: number, channel: number) => number,
  padding = 0,
): PixelSource {
  const row = rowBytes(pixelFormat, width);
  const strideBytes = row + padding;
  const bytes = noise(strideBytes * (height - 1) + row, 99);
  const channels = row / width;
  for (let y = 0; y < height; y++) {
    for (let i = 0; i < row; i++)
      bytes[y * strideBytes + i] = sample(Math.floor(i / channels), y, i % channels);
  }
  return { bytes, width, height, pixelFormat, strideBytes, premultiplied: false };
}

/** Something like a picture: slopes, an edge, some texture; opaque. */
export function picture(width: number, height: number, seed = 0): PixelSource {
  return image('rgba8', width, height, (x, y, channel) => {
    if (channel === 3) return 255;
    const wave = Math.sin((x + seed) / 9 + channel) * 40 + Math.cos((y - seed) / 7) * 30;
    return Math.round(110 + wave + (x > y ? 35 : 0) + ((x * 7 + y * 13 + seed) % 5));
  });
}

/** A photograph of the fixtures as RGBA. */
export async function photograph(name: string, width?: number): Promise<PixelSource> {
  const file = new URL(`../../fixtures/${name}`, import.meta.url).pathname;
  const { data, info } = await sharp(file)
    .resize(width)
    .ensureAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.length);
  return {
    bytes,
    width: info.width,
    height: info.height,
    pixelFormat: 'rgba8',
    strideBytes: info.width * 4,
    premultiplied: false,
  };
}

export interface Rgb {
  data: Uint8Array;
  width: number;
  height: number;
}

/** What sharp makes of a file; it throws at a warning. */
export async function decodeBySharp(file: Uint8Array): Promise<Rgb> {
  const { data, info } = await sharp(file, { failOn: 'warning' })
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true });
  if (info.channels === 3) return { data, width: info.width, height: info.height };
  const rgb = new Uint8Array(data.length * 3);
  for (let i = 0; i < data.length; i++) rgb.fill(data[i]!, i * 3, i * 3 + 3);
  return { data: rgb, width: info.width, height: info.height };
}

/** What jpeg-js makes of it, which throws where it is not sure. */
export function decodeByJpegJs(file: Uint8Array): Rgb {
  return jpegJs.decode(file, {
    useTArray: true,
    formatAsRGBA: false,
    tolerantDecoding: false,
    maxMemoryUsageInMB: 2048,
  });
}

/** The RGB samples of an RGBA image. */
export function rgbOf({ bytes, width, height, strideBytes }: PixelSource): Uint8Array {
  const rgb = new Uint8Array(width * height * 3);
  for (let y = 0, to = 0; y < height; y++)
    for (let x = 0; x < width; x++, to += 3) {
      const from = y * strideBytes + x * 4;
      rgb[to] = bytes[from]!;
      rgb[to + 1] = bytes[from + 1]!;
      rgb[to + 2] = bytes[from + 2]!;
    }
  return rgb;
}

/** Peak signal to noise in decibels; infinite where nothing differs. */
export function psnr(a: Uint8Array, b: Uint8Array): number {
  if (a.length !== b.length) throw new Error(`${a.length} and ${b.length} samples`);
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i]! - b[i]!) ** 2;
  return 10 * Math.log10((255 * 255 * a.length) / sum);
}

/** sharp's own encoding of the same pixels. It does not write 4:2:2, for which 4:2:0 stands in: no better than ours may be. */
export async function encodeBySharp(source: PixelSource, settings: JpegKernelSettings): Promise<Uint8Array> {
  const { quality, optimizeCoding, progressive } = settings;
  const chromaSubsampling = settings.chromaSubsampling === '4:2:2' ? '4:2:0' : settings.chromaSubsampling;
  const raw = { width: source.width, height: source.height, channels: 4 } as const;
  return sharp(source.bytes, { raw })
    .jpeg({ quality, chromaSubsampling, progressive, optimizeCoding })
    .toBuffer();
}
