import { inflateSync } from 'node:zlib';
import { type DecodedPng, decode as decodeByFastPng } from 'fast-png';
import sharp from 'sharp';
import { decodePngPixels } from '../../../src/engines/jsquash/png.js';
import type { PngKernelSettings } from '../../../src/engines/kernels/png.js';
import type { PixelSource } from '../../../src/image.js';
import { DEFAULT_LIMITS } from '../../../src/limits.js';
import { PIXEL_LAYOUTS, type PixelFormat, rowBytes } from '../../../src/pixel-format.js';

export const CALL = { limits: DEFAULT_LIMITS };

export const SETTINGS: PngKernelSettings = { level: 4, filter: 'auto', reduce: true, interlaced: false };

/** A generator of 32 bits that look random and are the same for a seed (xorshift32). */
export function randomly(seed: number): () => number {
  let state = Math.imul(seed + 1, 0x9e3779b1) | 1;
  const next = () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
  for (let i = 0; i < 4; i++) next();
  return next;
}

/** What the samples of a test image are like. */
export const KINDS = ['noise', 'few colours', 'slope', 'levels', 'black and white', 'one colour'] as const;
type Kind = (typeof KINDS)[number];

export interface ImageRecipe {
  pixelFormat: PixelFormat;
  width: number;
  height: number;
  kind: Kind;
  seed: number;
  padding?: number;
  /** Alpha at its maximum. */
  opaque?: boolean;
  /** Samples of 16 bits that are a byte twice. */
  doubled?: boolean;
}

/** Which sample is alpha, of how many. */
const ALPHA: Partial<Record<PixelFormat, readonly [at: number, of: number]>> = {
  graya8: [1, 2],
  rgba8: [3, 4],
  bgra8: [3, 4],
  argb8: [0, 4],
  graya16: [1, 2],
  rgba16: [3, 4],
};

/** An image by its recipe; what lies between the rows is noise. */
export function makeImage(recipe: ImageRecipe): PixelSource {
  const { pixelFormat, width, height, kind, seed, padding = 0 } = recipe;
  const random = randomly(seed);
  const { bitsPerPixel, sampleBits } = PIXEL_LAYOUTS[pixelFormat];
  const row = rowBytes(pixelFormat, width);
  const strideBytes = row + padding;
  const bytes = Uint8Array.from({ length: strideBytes * (height - 1) + row }, () => random() >>> 24);
  const pixelBytes = Math.max(1, bitsPerPixel >> 3);
  const few = Array.from({ length: 1 + (random() % 20) }, random);
  for (let y = 0; y < height; y++) {
    for (let i = 0; i < row; i++) {
      const x = Math.floor(i / pixelBytes);
      const shift = ((i % pixelBytes) & 3) * 8;
      const at = y * strideBytes + i;
      if (kind === 'few colours') bytes[at] = few[(x * 7 + y * 3 + (random() % 3)) % few.length]! >>> shift;
      else if (kind === 'slope') bytes[at] = x + 2 * y;
      else if (kind === 'levels') bytes[at] = 17 * (((x >> 2) + y) & 15);
      else if (kind === 'black and white') bytes[at] = 255 * (((x >> 3) ^ y) & 1);
      else if (kind === 'one colour') bytes[at] = few[0]! >>> shift;
    }
    if (recipe.doubled && sampleBits === 16) {
      for (let i = 0; i < row; i += 2) bytes[y * strideBytes + i + 1] = bytes[y * strideBytes + i]!;
    }
    const alpha = ALPHA[pixelFormat];
    if (recipe.opaque && alpha) {
      const sample = sampleBits >> 3;
      for (let x = 0; x < width; x++) {
        const at = y * strideBytes + (x * alpha[1] + alpha[0]) * sample;
        bytes.fill(255, at, at + sample);
      }
    }
  }
  const source = { bytes, width, height, pixelFormat, strideBytes, premultiplied: false };
  if (pixelFormat !== 'indexed8') return source;
  const gray = random() % 3 === 0;
  const palette = Uint8Array.from({ length: 1024 }, () => random() >>> 24);
  for (let i = 0; i < 1024; i += 4) {
    if (gray) palette.fill(palette[i]!, i, i + 3);
    if (recipe.opaque || random() % 2) palette[i + 3] = 255;
  }
  return { ...source, palette };
}

/** Where R, G, B and A are among the samples of a pixel. */
const ORDER: Partial<Record<PixelFormat, readonly number[]>> = {
  gray8: [0, 0, 0],
  graya8: [0, 0, 0, 1],
  rgb8: [0, 1, 2],
  rgba8: [0, 1, 2, 3],
  bgr8: [2, 1, 0],
  bgra8: [2, 1, 0, 3],
  argb8: [1, 2, 3, 0],
  rgbx8: [0, 1, 2],
  bgrx8: [2, 1, 0],
  gray16: [0, 0, 0],
  graya16: [0, 0, 0, 1],
  rgb16: [0, 1, 2],
  rgba16: [0, 1, 2, 3],
};

/** The pixels as RGBA, 16 bits a sample. */
export function rgba16Of({
  bytes,
  width,
  height,
  pixelFormat,
  strideBytes,
  palette,
}: PixelSource): Uint16Array {
  const { bitsPerPixel, sampleBits } = PIXEL_LAYOUTS[pixelFormat];
  const samples = bitsPerPixel / sampleBits;
  const pixels = new Uint16Array(width * height * 4).fill(65_535);
  for (let y = 0, to = 0; y < height; y++) {
    for (let x = 0; x < width; x++, to += 4) {
      const row = y * strideBytes;
      if (pixelFormat === 'gray1') {
        pixels.fill((bytes[row + (x >> 3)]! >> (7 - (x & 7))) & 1 ? 65_535 : 0, to, to + 3);
      } else if (palette) {
        for (let c = 0; c < 4; c++) pixels[to + c] = palette[bytes[row + x]! * 4 + c]! * 257;
      } else {
        ORDER[pixelFormat]!.forEach((from, c) => {
          const at = row + (x * samples + from) * (sampleBits >> 3);
          pixels[to + c] = sampleBits === 16 ? bytes[at]! | (bytes[at + 1]! << 8) : bytes[at]! * 257;
        });
      }
    }
  }
  return pixels;
}

const wide = (samples: Uint8Array) => Uint16Array.from(samples, (sample) => sample * 257);

/** What sharp makes of a file, as RGBA of 16 bits; it throws at a warning. */
export async function decodeBySharp(file: Uint8Array): Promise<Uint16Array> {
  const image = sharp(file, { failOn: 'warning', limitInputPixels: false });
  if (file[24] !== 16) return wide(await image.toColourspace('srgb').ensureAlpha().raw().toBuffer());
  const data = await image.toColourspace('rgb16').ensureAlpha().raw({ depth: 'ushort' }).toBuffer();
  return new Uint16Array(data.buffer, data.byteOffset, data.length / 2);
}

/** The same of the Rust crate `png`, the decoder of this package. */
async function decodeByRust(file: Uint8Array): Promise<Uint16Array> {
  if (file[24] !== 16) return wide((await decodePngPixels([file], 8, CALL)).data);
  const { data } = await decodePngPixels([file], 16, CALL);
  return new Uint16Array(data.buffer, data.byteOffset, data.byteLength / 2);
}

/** The same of fast-png, which also holds the checksums against their chunks, where it can: it does not interlace less than a byte. */
export async function decodeByAnother(file: Uint8Array): Promise<Uint16Array> {
  return file[28] === 1 ? decodeByRust(file) : decodeFast(file);
}

function decodeFast(file: Uint8Array): Uint16Array {
  const png = decodeByFastPng(file, { checkCrc: true });
  const { width, height, depth, channels } = png;
  const pixels = new Uint16Array(width * height * 4).fill(65_535);
  for (let y = 0, to = 0; y < height; y++) {
    for (let x = 0; x < width; x++, to += 4) {
      const samples = samplesOf(png, x, y);
      const gray = !png.palette && channels < 3;
      for (let c = 0; c < 3; c++) pixels[to + c] = samples[gray ? 0 : c]! * (65_535 / (2 ** depth - 1));
      const alpha = samples[gray ? 1 : 3];
      if (alpha !== undefined) pixels[to + 3] = alpha * (depth === 16 ? 1 : 257);
      if (png.palette) for (let c = 0; c < 3; c++) pixels[to + c] = samples[c]! * 257;
    }
  }
  return pixels;
}

function samplesOf(
  { width, depth, channels, data, palette }: DecodedPng,
  x: number,
  y: number,
): readonly number[] {
  const samples = [];
  for (let c = 0; c < channels; c++) {
    const bit = (x * channels + c) * depth;
    const at =
      depth === 16
        ? (y * width + x) * channels + c
        : y * Math.ceil((width * channels * depth) / 8) + (bit >> 3);
    samples.push(depth < 8 ? (data[at]! >> (8 - depth - (bit & 7))) & (2 ** depth - 1) : data[at]!);
  }
  return palette ? palette[samples[0]!]! : samples;
}

/** The chunks of a file in their order. */
export function chunksOf(file: Uint8Array): { type: string; data: Buffer }[] {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.length);
  const chunks = [];
  for (let at = 8; at < bytes.length; ) {
    const length = bytes.readUInt32BE(at);
    const type = bytes.toString('latin1', at + 4, at + 8);
    chunks.push({ type, data: bytes.subarray(at + 8, at + 8 + length) });
    at += 12 + length;
  }
  return chunks;
}

/** The rows with their filters, by Node's own inflate, which checks the Adler-32. */
export function filteredRows(file: Uint8Array): Buffer {
  return inflateSync(
    Buffer.concat(chunksOf(file).flatMap(({ type, data }) => (type === 'IDAT' ? [data] : []))),
  );
}

/** What IHDR says: `type/depth`. */
export const layoutOf = (file: Uint8Array) => `${file[25]}/${file[24]}`;
