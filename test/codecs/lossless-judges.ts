import { decode as decodeFastPng } from 'fast-png';
import { PNG } from 'pngjs';
import sharp from 'sharp';
import { expect } from 'vitest';
import { decode } from '../../src/decode.js';
import { type PngFile, pngRgba, readPngFile } from './png-file.js';
import type { RandomImage } from './random-image.js';
import { type ReferenceImage, referenceRgba } from './rgba-reference.js';

/** Bits a sample that pixels are compared at. */
export type Depth = 8 | 16;

type Size = Pick<ReferenceImage, 'width' | 'height'>;

/** RGBA samples as libvips reads them out of a file. */
async function sharpRgba(file: Uint8Array, depth: Depth, { width, height }: Size): Promise<Uint16Array> {
  const image = sharp(file).ensureAlpha();
  const { data, info } = await (depth === 8
    ? image.toColourspace('srgb').raw()
    : image.toColourspace('rgb16').raw({ depth: 'ushort' })
  ).toBuffer({ resolveWithObject: true });
  expect([info.width, info.height, info.channels, data.length]).toEqual([
    width,
    height,
    4,
    (width * height * depth) / 2,
  ]);
  if (depth === 8) return Uint16Array.from(data);
  return new Uint16Array(data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength));
}

async function ownRgba(file: Uint8Array, depth: Depth): Promise<Uint16Array> {
  const limits = { maxSide: 1_000_000 };
  const { data } = await decode(file, { pixelFormat: depth === 8 ? 'rgba8' : 'rgba16', limits });
  return Uint16Array.from(data);
}

/**
 * Whether fast-png can be a judge: it knows no interlaced image of less than 8 bits, and inflates in pieces by fflate, which loses the
 * end of some streams of more than 128 kB.
 */
function fastPngReads({ interlaced, bitDepth, samples }: PngFile): boolean {
  return !(interlaced && bitDepth < 8) && samples.length * 2 < 100_000;
}

/** RGBA samples of a PNG as fast-png reads them. */
function fastPngRgba(file: Uint8Array, header: PngFile, depth: Depth): Uint16Array {
  const { data, channels, depth: bits, palette, transparency, width, height } = decodeFastPng(file);
  const perRow = bits < 8 ? data.length / height : width * channels;
  const sampleAt = (x: number, y: number) => {
    if (bits >= 8) return data[y * perRow + x]!;
    const bit = x * bits;
    return (data[y * perRow + (bit >> 3)]! >> (8 - bits - (bit & 7))) & (2 ** bits - 1);
  };
  const samples = new Uint16Array(width * height * channels);
  for (let i = 0; i < samples.length; i++) {
    samples[i] = sampleAt(i % (width * channels), Math.floor(i / (width * channels)));
  }
  const keyColour = transparency && [...transparency];
  const entries = palette?.map(([r = 0, g = 0, b = 0, a = 255]) => [r, g, b, a]);
  expect([width, height, bits], 'header by fast-png').toEqual([header.width, header.height, header.bitDepth]);
  return pngRgba({ ...header, samples, keyColour, palette: entries }, depth);
}

/** The same of pngjs, where a key colour is not left over. 16 bits it gives only of files that have them. */
function pngjsRgba(file: Uint8Array, { bitDepth }: PngFile): Uint16Array {
  const options = { skipRescale: bitDepth === 16 };
  const { data } = PNG.sync.read(Buffer.from(file.buffer, file.byteOffset, file.byteLength), options);
  return Uint16Array.from(data);
}

const widen = (rgba: Uint16Array) => rgba.map((sample) => sample * 257);

/** Fails with the first pixel that differs: `toEqual` takes seconds on large arrays. */
function expectSamples(actual: Uint16Array, expected: Uint16Array, width: number, judge: string): void {
  const at = expected.findIndex((sample, i) => sample !== actual[i]);
  if (at < 0 && actual.length === expected.length) return;
  const pixel = Math.floor(at / 4);
  const from = pixel * 4;
  expect.fail(
    `${judge}: pixel ${pixel % width}, ${Math.floor(pixel / width)} of ${expected.length / 4}: ` +
      `expected ${expected.slice(from, from + 4)}, received ${actual.slice(from, from + 4)}`,
  );
}

/** Every pixel of the file, by libvips and by our own decoder. `adapt` makes what cannot be compared the same on both sides. */
export async function expectPixels(
  file: Uint8Array,
  reference: ReferenceImage,
  depth: Depth,
  adapt: (rgba: Uint16Array) => Uint16Array = (rgba) => rgba,
): Promise<void> {
  const expected = adapt(referenceRgba(reference, depth));
  const [judged, own] = await Promise.all([sharpRgba(file, depth, reference), ownRgba(file, depth)]);
  expectSamples(adapt(judged), expected, reference.width, 'sharp');
  expectSamples(adapt(own), expected, reference.width, 'decode');
}

/**
 * That a PNG is right to the last bit, and its pixels are these, by the judgement of libvips, of fast-png or pngjs, and of our own
 * decoder.
 *
 * @param expected RGBA of that depth
 * @returns what the file says
 */
export async function expectPng(
  file: Uint8Array,
  expected: Uint16Array,
  size: Size,
  depth: Depth,
): Promise<PngFile> {
  const png = readPngFile(file);
  expect([png.width, png.height]).toEqual([size.width, size.height]);
  // A file may have fewer bits than the pixels came with: judges give what it has.
  const stored = png.bitDepth === 16 ? 16 : 8;
  const scaled = (rgba: Uint16Array) => (stored < depth ? widen(rgba) : rgba);
  const viaPngjs = !fastPngReads(png);
  const [bySharp, byUs] = await Promise.all([sharpRgba(file, stored, size), ownRgba(file, stored)]);
  const second = viaPngjs ? pngjsRgba(file, png) : fastPngRgba(file, png, stored);
  expectSamples(scaled(pngRgba(png, stored)), expected, size.width, 'the specification');
  expectSamples(scaled(bySharp), expected, size.width, 'sharp');
  expectSamples(scaled(second), expected, size.width, viaPngjs ? 'pngjs' : 'fast-png');
  expectSamples(scaled(byUs), expected, size.width, 'decode');
  return png;
}

/** Encodes, and sees to it that the caller's memory is as it was. */
export async function encodeUnchanged(
  { source, reference }: RandomImage,
  work: () => Promise<Uint8Array<ArrayBuffer>>,
): Promise<Uint8Array<ArrayBuffer>> {
  const before = Buffer.from(reference.bytes);
  const file = await work();
  expect(Buffer.compare(before, reference.bytes), 'the pixels of the caller').toBe(0);
  expect(source.data.byteLength).toBeGreaterThan(0);
  return file;
}
