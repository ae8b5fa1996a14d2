import { CodecError, wrongKind, wrongValue } from './errors.js';
import type { ImageFormat } from './formats.js';

/** Bounds that a call refuses to pass, checked before memory is taken. */
export interface Limits {
  /** Most pixels an image may have. Default 100,000,000. */
  maxPixels?: number;
  /** Longest side in pixels. Default 16,384; a format's own lower cap holds as well. */
  maxSide?: number;
  /** Most bytes of memory a call may take, by its engine's own estimate. Default 536,870,912. */
  maxMemoryBytes?: number;
}

/** The limits in force where a call sets none. */
export const DEFAULT_LIMITS: Readonly<Required<Limits>> = Object.freeze({
  maxPixels: 100_000_000,
  maxSide: 16_384,
  maxMemoryBytes: 512 * 1024 * 1024,
});

/** Most scans a JPEG may have: each one costs a pass over the whole image. */
export const MAX_JPEG_SCANS = 100;

/** Most chunks, segments or frames besides the image data itself. */
export const MAX_CHUNKS = 1_000;

/** Longest side that a format can express: libwebp's WEBP_MAX_DIMENSION, libjpeg's JPEG_MAX_DIMENSION, PNG section 11.2.1. */
const FORMAT_MAX_SIDE: Partial<Record<ImageFormat, number>> = { webp: 16_383, jpeg: 65_500, png: 0x7fffffff };

/**
 * Fills in the defaults.
 *
 * @throws TypeError where `limits` or one of its values is of the wrong kind, or a key is unknown
 * @throws RangeError where a value is not a positive integer
 */
export function resolveLimits(limits: Limits | undefined): Required<Limits> {
  if (limits === undefined) return DEFAULT_LIMITS;
  if (typeof limits !== 'object' || limits === null || Array.isArray(limits)) {
    throw wrongKind('an object', 'limits', limits);
  }
  const resolved = { ...DEFAULT_LIMITS };
  for (const [key, value] of Object.entries(limits)) {
    if (!Object.hasOwn(DEFAULT_LIMITS, key)) {
      throw wrongKind(`one of ${Object.keys(DEFAULT_LIMITS).join(', ')}`, 'a key of limits', key);
    }
    if (value === undefined) continue;
    if (typeof value !== 'number') throw wrongKind('a positive integer', `limits.${key}`, value);
    if (!Number.isSafeInteger(value) || value < 1)
      throw wrongValue('a positive integer', `limits.${key}`, value);
    resolved[key as keyof Limits] = value;
  }
  return resolved;
}

function exceeded(message: string, format: ImageFormat): CodecError {
  return new CodecError('LIMIT_EXCEEDED', message, { format });
}

/**
 * Refuses an image that is larger than the limits or than the format can express.
 *
 * @throws CodecError `LIMIT_EXCEEDED`
 */
export function checkSize(
  width: number,
  height: number,
  format: ImageFormat,
  limits: Required<Limits>,
): void {
  const side = Math.max(width, height);
  const formatMaxSide = FORMAT_MAX_SIDE[format] ?? Number.POSITIVE_INFINITY;
  if (side > formatMaxSide) {
    throw exceeded(`${width}x${height} is larger than ${format} can hold: ${formatMaxSide} a side`, format);
  }
  if (side > limits.maxSide) {
    throw exceeded(
      `${width}x${height} is over the limit of ${limits.maxSide} a side (limits.maxSide)`,
      format,
    );
  }
  if (width * height > limits.maxPixels) {
    throw exceeded(
      `${width}x${height} is over the limit of ${limits.maxPixels} pixels (limits.maxPixels)`,
      format,
    );
  }
}

/** For people, in the unit that the default limit is a round number of. */
export function inMegabytes(bytes: number): number {
  const megabytes = bytes / 2 ** 20;
  return megabytes < 10 ? Math.round(megabytes * 10) / 10 : Math.round(megabytes);
}

/**
 * Refuses a call that would take more memory than allowed.
 *
 * @param bytes the engine's estimate of its peak
 * @throws CodecError `LIMIT_EXCEEDED`
 */
export function checkMemory(bytes: number, format: ImageFormat, limits: Required<Limits>): void {
  if (bytes > limits.maxMemoryBytes) {
    throw exceeded(
      `The call needs about ${inMegabytes(bytes)} MB, over the limit of ${inMegabytes(limits.maxMemoryBytes)} MB (limits.maxMemoryBytes)`,
      format,
    );
  }
}
