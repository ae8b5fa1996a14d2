import fc from 'fast-check';
import type { RawImage } from '../../src/image.js';
import type { PixelFormat } from '../../src/pixel-format.js';
import { ALL_FORMATS, type ReferenceImage, rowLength, samplesOf } from './rgba-reference.js';

/** What kind of object holds the pixels. */
export const DATA_KINDS = [
  'Uint8Array',
  'Buffer',
  'Uint8ClampedArray',
  'DataView',
  'ArrayBuffer',
  'SharedArrayBuffer',
  'Uint8Array of a SharedArrayBuffer',
  'Uint16Array',
] as const;
type DataKind = (typeof DATA_KINDS)[number];

/**
 * What the pixels show. Some contents a PNG can be reduced for: noise that is opaque or gray, gray levels of 1, 2 or 4 bits, and
 * samples of 16 bits whose bytes repeat.
 */
const CONTENTS = [
  'noise',
  'flat',
  'few colours',
  'gradient',
  'opaque noise',
  'gray noise',
  'gray levels',
  'bytes that repeat',
] as const;
type Content = (typeof CONTENTS)[number];

/** All that decides a random image. */
export interface ImageShape {
  pixelFormat: PixelFormat;
  width: number;
  height: number;
  /** Bytes between the rows. */
  padding: number;
  /** Bytes ahead of the first row, where the kind of data can have them. */
  offset: number;
  /** Bytes behind the last row. */
  trailing: number;
  kind: DataKind;
  premultiplied: boolean;
  content: Content;
  paletteLength: number;
  paletteAs: 'RGB' | 'RGBA' | 'RGB bytes' | 'RGBA bytes';
  /** Leave `pixelFormat` out where it can be inferred. */
  inferred: boolean;
  seed: number;
}

/** A random image in the two forms that are needed: for the code under test and for the reference. */
export interface RandomImage {
  readonly source: RawImage;
  readonly reference: ReferenceImage;
}

/** The same numbers from 0 to 2^32 in each run (xorshift32). */
export function random(seed: number): () => number {
  let state = Math.imul(seed + 1, 0x9e3779b1) || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}

/** Bytes that look random, with runs of 0 and 255: alpha needs them. */
export function noise(length: number, seed: number): Uint8Array<ArrayBuffer> {
  const next = random(seed);
  const bytes = new Uint8Array(length);
  for (let i = 0; i < length; i++) {
    const number = next();
    const kind = (number >>> 8) & 15;
    bytes[i] = kind < 4 ? 0 : kind < 8 ? 255 : number >>> 24;
  }
  return bytes;
}

/** Makes a row of noise opaque, or gray and opaque, or gray of few levels, or of bytes that repeat. Of indices, few. */
function tameRow(bytes: Uint8Array, { content, seed, pixelFormat }: ImageShape): void {
  const levels = 2 ** (2 ** (seed % 3)) - 1;
  const samples = samplesOf(pixelFormat);
  const wide = pixelFormat.endsWith('16') ? 2 : 1;
  bytes.forEach((byte, i) => {
    if (pixelFormat === 'indexed8' && content === 'gray levels') bytes[i] = byte & levels;
    const sample = Math.floor(i / wide) % samples.length;
    if (content === 'bytes that repeat') {
      if (i % wide) bytes[i] = bytes[i - 1]!;
    } else if (samples[sample] === 'A') {
      bytes[i] = 255;
    } else if (samples.length > 0 && content !== 'opaque noise') {
      // As the first sample of the pixel that is a colour, so that all are the same.
      const first = i - (sample - (samples[0] === 'A' ? 1 : 0)) * wide;
      if (first >= 0) bytes[i] = bytes[first]!;
      if (content === 'gray levels') bytes[i] = Math.round((bytes[i]! * levels) / 255) * (255 / levels);
      if (content === 'gray levels' && i % wide) bytes[i] = bytes[i - 1]!;
    }
  });
}

/** Fills the memory from the first pixel on, and what is ahead of it with noise. */
function fill(all: Uint8Array, start: number, shape: ImageShape): void {
  const { content, seed, pixelFormat } = shape;
  const bytes = all.subarray(start);
  const pixel = pixelFormat === 'gray1' ? 1 : rowLength(pixelFormat, 1);
  const colours = noise(pixel * 4, seed + 1);
  const next = random(seed);
  all.set(noise(all.length, seed));
  if (content === 'noise') return;
  if (content.endsWith('noise') || content === 'gray levels' || content === 'bytes that repeat') {
    const stride = rowLength(pixelFormat, shape.width) + shape.padding;
    for (let at = 0; at < bytes.length; at += stride) tameRow(bytes.subarray(at, at + stride), shape);
    return;
  }
  for (let at = 0, i = 0; at < bytes.length; at += pixel, i++) {
    const colour = content === 'flat' ? 0 : next() % 4;
    for (let c = 0; c < pixel && at + c < bytes.length; c++) {
      bytes[at + c] = content === 'gradient' ? i * (c + 1) : colours[colour * pixel + c]!;
    }
  }
}

function makeData(shape: ImageShape, length: number): { data: RawImage['data']; bytes: Uint8Array } {
  const { kind, trailing } = shape;
  const offset = kind.endsWith('ArrayBuffer') && !kind.startsWith('Uint8Array') ? 0 : shape.offset;
  // A Uint16Array starts at an even byte, and holds an even number of them.
  const even = (value: number) => value + (value % 2);
  const start = kind === 'Uint16Array' ? even(offset) : offset;
  const size = kind === 'Uint16Array' ? even(length + trailing) : length + trailing;
  const shared = kind.includes('Shared');
  const memory = shared ? new SharedArrayBuffer(start + size) : new ArrayBuffer(start + size);
  const bytes = new Uint8Array(memory, start, size);
  fill(new Uint8Array(memory), start, shape);
  const data = {
    Uint8Array: () => bytes,
    Buffer: () => Buffer.from(memory, start, size),
    Uint8ClampedArray: () => new Uint8ClampedArray(memory, start, size),
    DataView: () => new DataView(memory, start, size),
    ArrayBuffer: () => memory,
    SharedArrayBuffer: () => memory,
    'Uint8Array of a SharedArrayBuffer': () => bytes,
    Uint16Array: () => new Uint16Array(memory, start, size / 2),
  }[kind]();
  return { data, bytes };
}

function makePalette({ paletteLength, paletteAs, seed }: ImageShape): {
  given: RawImage['palette'];
  entries: number[][];
} {
  const channels = paletteAs.startsWith('RGBA') ? 4 : 3;
  const data = noise(paletteLength * channels, seed + 2);
  const entries = Array.from({ length: paletteLength }, (_, i) => [
    ...data.subarray(i * channels, (i + 1) * channels),
  ]);
  return { given: paletteAs.endsWith('bytes') ? { data, channels } : entries, entries };
}

function canBeInferred({ pixelFormat, kind, padding, trailing }: ImageShape): boolean {
  if (padding > 0) return false;
  if (pixelFormat === 'indexed8') return true;
  const plain = ['gray', 'graya', 'rgb', 'rgba'].map((name) => `${name}${kind === 'Uint16Array' ? 16 : 8}`);
  return trailing === 0 && plain.includes(pixelFormat);
}

/** The image that a shape describes. */
export function makeImage(shape: ImageShape): RandomImage {
  const { pixelFormat, width, height, padding, premultiplied } = shape;
  const row = rowLength(pixelFormat, width);
  const strideBytes = row + padding;
  const { data, bytes } = makeData(shape, strideBytes * (height - 1) + row);
  const palette = pixelFormat === 'indexed8' ? makePalette(shape) : undefined;
  const source: RawImage = { data, width, height };
  if (!(shape.inferred && canBeInferred(shape) && bytes.length === row * height))
    source.pixelFormat = pixelFormat;
  if (padding > 0) source.strideBytes = strideBytes;
  if (premultiplied) source.premultiplied = true;
  if (palette) source.palette = palette.given;
  const reference = {
    bytes,
    width,
    height,
    pixelFormat,
    strideBytes,
    premultiplied,
    palette: palette?.entries,
  };
  return { source, reference };
}

const size = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 })) },
  { weight: 3, arbitrary: fc.tuple(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 40 })) },
  { weight: 1, arbitrary: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 300 })) },
  { weight: 1, arbitrary: fc.tuple(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 3 })) },
);

/** Any image: every pixel format in every kind of memory, small and of odd sizes. */
export const imageShape: fc.Arbitrary<ImageShape> = fc
  .record({
    pixelFormat: fc.constantFrom(...ALL_FORMATS),
    size,
    padding: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 67 })),
    offset: fc.integer({ min: 0, max: 17 }),
    trailing: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 9 })),
    kind: fc.constantFrom(...DATA_KINDS),
    premultiplied: fc.boolean(),
    content: fc.constantFrom(...CONTENTS),
    paletteLength: fc.integer({ min: 1, max: 256 }),
    paletteAs: fc.constantFrom('RGB' as const, 'RGBA' as const, 'RGB bytes' as const, 'RGBA bytes' as const),
    inferred: fc.boolean(),
    seed: fc.nat(),
  })
  .map(({ size: [width, height], ...rest }) => ({ ...rest, width, height }));
