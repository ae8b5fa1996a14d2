import { CodecError } from '../errors.js';
import type { PixelFormat } from '../pixel-format.js';
import type { RawLayout } from './host.js';

// The formats of netpbm, which other tools pipe: PGM (P5) and PPM (P6) in their binary forms, and PAM (P7).

/** Pixels of a file, in the layout that they are told to have. */
export type RawPixels = RawLayout & { readonly data: Uint8Array };

/** By samples a pixel, of 8 bits and of 16. */
const FORMATS: readonly (readonly [PixelFormat, PixelFormat])[] = [
  ['gray8', 'gray16'],
  ['graya8', 'graya16'],
  ['rgb8', 'rgb16'],
  ['rgba8', 'rgba16'],
];

/** What samples of a PAM file mean, by how many a pixel has: CMYK has as many as RGB with alpha. */
const TUPLE_TYPES = ['GRAYSCALE', 'GRAYSCALE_ALPHA', 'RGB', 'RGB_ALPHA'];

const SPACE = 0x20;
const NEWLINE = 0x0a;
const HASH = 0x23;

/** Headers are short; more would be none. */
const MOST_HEADER_BYTES = 4096;

function corrupt(message: string): CodecError {
  return new CodecError('CORRUPT_INPUT', message);
}

function unsupported(message: string): CodecError {
  return new CodecError('UNSUPPORTED_FEATURE', message);
}

/** Whether the bytes begin as one of these formats does, the textual and bitmap ones included, which are refused by name. */
export function isPnm(bytes: Uint8Array): boolean {
  const [p, digit = 0, space = 0] = bytes;
  return p === 0x50 && digit >= 0x31 && digit <= 0x37 && (space <= SPACE || space === HASH);
}

/** The numbers of a header of P5 or P6, and where the samples begin: behind one white space. */
function readNumbers(bytes: Uint8Array): { numbers: number[]; end: number } {
  const numbers: number[] = [];
  let at = 2;
  while (numbers.length < 3) {
    while (bytes[at] === HASH || (bytes[at] ?? 0xff) <= SPACE) {
      if (bytes[at] === HASH) while (at < bytes.length && bytes[at] !== NEWLINE) at++;
      at++;
    }
    const begin = at;
    while ((bytes[at] ?? 0) >= 0x30 && (bytes[at] ?? 0) <= 0x39) at++;
    if (at === begin || at > MOST_HEADER_BYTES) throw corrupt('The header of the pnm file is broken');
    numbers.push(Number(String.fromCharCode(...bytes.subarray(begin, at))));
  }
  if ((bytes[at] ?? 0xff) > SPACE) throw corrupt('The header of the pnm file is broken');
  return { numbers, end: at + 1 };
}

/** The fields of a header of P7, and where the samples begin: behind the line ENDHDR. */
function readFields(bytes: Uint8Array): { fields: Map<string, string>; end: number } {
  const fields = new Map<string, string>();
  for (let at = 3; at < Math.min(bytes.length, MOST_HEADER_BYTES); ) {
    const newline = bytes.indexOf(NEWLINE, at);
    if (newline < 0) break;
    const line = String.fromCharCode(...bytes.subarray(at, Math.min(newline, at + MOST_HEADER_BYTES))).trim();
    at = newline + 1;
    if (line === 'ENDHDR') return { fields, end: at };
    if (line === '' || line.startsWith('#')) continue;
    const [name = '', ...value] = line.split(/\s+/);
    fields.set(name, value.join(' '));
  }
  throw corrupt('The header of the pam file is broken');
}

interface Header {
  readonly width: number;
  readonly height: number;
  readonly depth: number;
  readonly most: number;
  /** Where the samples begin. */
  readonly end: number;
}

function readHeader(bytes: Uint8Array): Header {
  const digit = bytes[1]! - 0x30;
  if (digit === 7) {
    const { fields, end } = readFields(bytes);
    const [width = 0, height = 0, depth = 0, most = 0] = ['WIDTH', 'HEIGHT', 'DEPTH', 'MAXVAL'].map((name) =>
      Number(fields.get(name) ?? Number.NaN),
    );
    const type = fields.get('TUPLTYPE') ?? TUPLE_TYPES[depth - 1];
    if (depth <= TUPLE_TYPES.length && type !== TUPLE_TYPES[depth - 1]) {
      throw unsupported(`A pam file of ${type} with ${depth} samples a pixel cannot be read`);
    }
    return { width, height, depth, most, end };
  }
  if (digit !== 5 && digit !== 6) {
    throw unsupported('Only binary PGM and PPM (P5, P6) and PAM (P7) can be read of netpbm’s formats');
  }
  const { numbers, end } = readNumbers(bytes);
  const [width = 0, height = 0, most = 0] = numbers;
  return { width, height, depth: digit === 5 ? 1 : 3, most, end };
}

/** Samples of 16 bits, which the file has highest byte first, as this machine has them. */
function toHostOrder(samples: Uint8Array): Uint8Array {
  const view = new DataView(samples.buffer, samples.byteOffset, samples.byteLength);
  const words = Uint16Array.from({ length: samples.length >> 1 }, (_, i) => view.getUint16(2 * i));
  return new Uint8Array(words.buffer);
}

/**
 * Reads a binary PGM, PPM or PAM file.
 *
 * @param bytes for which `isPnm` is true
 * @throws CodecError `CORRUPT_INPUT`, `TRUNCATED_INPUT`, `UNSUPPORTED_FEATURE`
 */
export function readPnm(bytes: Uint8Array): RawPixels {
  const { width, height, depth, most, end } = readHeader(bytes);
  const sizes = [width, height, depth, most];
  if (!sizes.every((size) => Number.isSafeInteger(size) && size > 0))
    throw corrupt('The header of the pnm file is broken');
  const formats = FORMATS[depth - 1];
  if (formats === undefined) throw unsupported(`A pam file of ${depth} samples a pixel cannot be read`);
  if (most !== 255 && most !== 65_535) {
    throw unsupported(`Samples up to ${most} cannot be read, only up to 255 and 65535`);
  }
  const wide = most > 255;
  const length = width * height * depth * (wide ? 2 : 1);
  const samples = bytes.subarray(end, end + length);
  if (samples.length < length) {
    throw new CodecError('TRUNCATED_INPUT', `The pnm file ends before byte ${end + length}`);
  }
  return {
    data: wide ? toHostOrder(samples) : samples,
    width,
    height,
    pixelFormat: formats[wide ? 1 : 0],
  };
}
