import type { encode as encodeImage } from '../../src/encode.js';
import type { CodecErrorCode } from '../../src/errors.js';
import type { EncodeFormat } from '../../src/formats.js';
import type { RawImage } from '../../src/image.js';
import { PIXEL_FORMATS, rowBytes } from '../../src/pixel-format.js';
import type { Pool, PoolCallOptions } from '../../src/pool.js';

/** The verbs, of the package or of a pool. */
export type Verbs = Pick<Pool, 'encode' | 'decode' | 'transcode'>;

/** A call, and how it may end. */
export interface SoakCall {
  readonly name: string;
  /** The classes and codes of errors that it may fail with. */
  readonly errors: readonly (CodecErrorCode | 'TypeError' | 'RangeError')[];
  /** Whether it must fail. */
  readonly wrong?: boolean;
  /** @returns bytes, or an image */
  run(
    verbs: Verbs,
    options: PoolCallOptions & { signal?: AbortSignal },
  ): Promise<Uint8Array | { data: Uint8Array | Uint16Array }>;
}

/** Any unsigned integer, the next of a sequence. */
type Next = () => number;

interface Encoding {
  readonly format: EncodeFormat;
  readonly options: object;
  /** Longest side: mozjpeg and the strongest matcher take their time. */
  readonly side: number;
}

const ENCODINGS: readonly Encoding[] = [
  { format: 'png', options: {}, side: 500 },
  { format: 'png', options: { effort: 'fast' }, side: 500 },
  { format: 'png', options: { effort: 'smallest' }, side: 80 },
  { format: 'png', options: { interlaced: true }, side: 300 },
  { format: 'png', options: { filter: 'paeth', reduce: false }, side: 500 },
  { format: 'png', options: { level: 0 }, side: 700 },
  { format: 'jpeg', options: {}, side: 700 },
  { format: 'jpeg', options: { effort: 'fast', quality: 50 }, side: 700 },
  { format: 'jpeg', options: { effort: 'smallest' }, side: 120 },
  { format: 'jpeg', options: { progressive: true, chromaSubsampling: '4:4:4' }, side: 500 },
  { format: 'jpeg', options: { restartInterval: 1, background: [1, 2, 3] }, side: 500 },
  { format: 'webp', options: { effort: 'fast' }, side: 160 },
  { format: 'webp', options: { quality: 60 }, side: 120 },
  { format: 'webp', options: { lossless: true, method: 0 }, side: 120 },
  { format: 'raw', options: {}, side: 600 },
  { format: 'raw', options: { pixelFormat: 'rgba8' }, side: 600 },
];

/** The longest row there is, twice: room for padding and an offset. */
const PIXELS = Uint8Array.from({ length: 720 * 720 * 8 }, (_, i) =>
  (i >> 13) & 1 ? Math.imul(i, 0x9e3779b1) >>> 24 : (i >> 3) & 255,
);
const PALETTE = Array.from({ length: 256 }, (_, i) => [i, 255 - i, i ^ 85, 255 - (i >> 2)] as const);

const pick = <T>(next: Next, list: readonly T[]): T => list[next() % list.length]!;

/** A view of memory that all of them share. */
function imageOf(next: Next, side: number, pixelFormat = pick(next, PIXEL_FORMATS)): RawImage {
  const width = 1 + (next() % side);
  const height = 1 + (next() % side);
  const strideBytes = rowBytes(pixelFormat, width) + (next() % 4 === 0 ? 6 : 0);
  const offset = 2 * (next() % 512);
  const data = PIXELS.subarray(offset, offset + strideBytes * height);
  return {
    data,
    width,
    height,
    pixelFormat,
    strideBytes,
    ...(pixelFormat === 'indexed8' ? { palette: PALETTE } : {}),
  };
}

function encodeCall(next: Next): SoakCall {
  const { format, options, side } = pick(next, ENCODINGS);
  const image = imageOf(next, side);
  const { width, height, pixelFormat } = image;
  const transfer = next() % 8 === 0;
  return {
    name: `${format} ${JSON.stringify(options)} of ${width}x${height} ${pixelFormat}`,
    errors: [],
    run: (verbs, more) => {
      const all = { ...options, ...more };
      // Without a pool memory is not moved, and there is no such option.
      if (!transfer || !('stats' in verbs)) return verbs.encode(image, format, all);
      const data = (image.data as Uint8Array).slice();
      return verbs.encode({ ...image, data }, format, { ...all, transfer });
    },
  };
}

function fileCall(next: Next, files: readonly Uint8Array[]): SoakCall {
  const file = pick(next, files);
  if (next() % 2 === 0) return { name: 'decode', errors: [], run: (verbs, more) => verbs.decode(file, more) };
  const format = pick(next, ['png', 'jpeg', 'webp'] as const);
  return {
    name: `transcode to ${format}`,
    errors: [],
    run: (verbs, more) => verbs.transcode(file, format, { effort: 'fast', ...more }),
  };
}

const DECODE_ERRORS = [
  'TRUNCATED_INPUT',
  'CORRUPT_INPUT',
  'UNKNOWN_FORMAT',
  'UNSUPPORTED_FEATURE',
  'LIMIT_EXCEEDED',
  'CODEC_FAILED',
] as const;

function wrongCall(next: Next, files: readonly Uint8Array[]): SoakCall {
  const file = pick(next, files);
  const image = imageOf(next, 60, 'rgba8');
  switch (next() % 5) {
    case 0: {
      const part = file.subarray(0, 1 + (next() % (file.length - 1)));
      return {
        name: 'a part of a file',
        errors: DECODE_ERRORS,
        run: (verbs, more) => verbs.decode(part, more),
      };
    }
    case 1: {
      const spoilt = file.slice();
      for (let i = 0; i < 9; i++) spoilt[next() % spoilt.length] = next() & 255;
      return {
        name: 'a spoilt file',
        errors: DECODE_ERRORS,
        run: (verbs, more) => verbs.decode(spoilt, more),
      };
    }
    case 2:
      return {
        name: 'too few pixels',
        errors: ['RangeError'],
        wrong: true,
        run: (verbs, more) => verbs.encode({ ...image, height: image.height + 1 }, 'png', more),
      };
    case 3:
      return {
        name: 'an unknown option',
        errors: ['TypeError'],
        wrong: true,
        run: (verbs, more) => verbs.encode(image, 'jpeg', { ...more, colour: 1 } as object),
      };
    default:
      return {
        name: 'a limit',
        errors: ['LIMIT_EXCEEDED'],
        wrong: true,
        run: (verbs, more) => verbs.transcode(file, 'webp', { ...more, limits: { maxPixels: 1 } }),
      };
  }
}

/** A call of any kind: of 20 there are 16 encodes, 3 of files and one that is wrong. */
export function callOf(next: Next, files: readonly Uint8Array[]): SoakCall {
  const kind = next() % 20;
  if (kind < 16) return encodeCall(next);
  return kind < 19 ? fileCall(next, files) : wrongCall(next, files);
}

/** Files to decode, two of each format. */
export function makeFiles(next: Next, encode: typeof encodeImage): Promise<Uint8Array[]> {
  const formats = ['png', 'jpeg', 'webp', 'png', 'jpeg', 'webp'] as const;
  return Promise.all(formats.map((format) => encode(imageOf(next, 250, 'rgba8'), format)));
}

/** A gradient of 6000x4000, 24 megapixels. */
export function largeImage(): RawImage {
  const [width, height] = [6000, 4000];
  const data = new Uint8Array(width * height * 4);
  for (let i = 0; i < data.length; i++) data[i] = (i >> 9) ^ (i >> 16);
  return { data, width, height };
}
