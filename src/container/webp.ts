import type { ByteReader } from './byte-reader.js';
import { readOrientation } from './exif.js';
import type { ImageHeader } from './image-header.js';

/** Where the first chunk begins: behind `RIFF`, the size and `WEBP`. */
export const FIRST_CHUNK = 12;

/** Size and transparency as a chunk VP8, VP8L or VP8X says them. */
export interface WebpSize {
  readonly width: number;
  readonly height: number;
  /** A VP8 chunk has none itself: a chunk ALPH holds it. */
  readonly hasAlpha: boolean;
}

/** Bits of the first byte of VP8X. */
export const FLAGS = { icc: 0x20, alpha: 0x10, exif: 0x08, xmp: 0x04, animation: 0x02 } as const;

/** Where the chunk behind the one at `at` begins: chunks are padded to an even length. */
export function nextChunk(reader: ByteReader, at: number): number {
  const length = reader.le(at + 4, 4);
  return at + 8 + length + (length % 2);
}

/**
 * Reads the head of the chunk at `at`, which is one of VP8 (RFC 6386, section 9.1), VP8L and VP8X.
 *
 * @throws CodecError `CORRUPT_INPUT` where it is another chunk or its head is wrong
 */
export function readSize(reader: ByteReader, at: number): WebpSize {
  const type = reader.tag(at);
  const length = reader.le(at + 4, 4);
  const data = at + 8;
  if (type === 'VP8X' && length >= 10) {
    const width = reader.le(data + 4, 3) + 1;
    const height = reader.le(data + 7, 3) + 1;
    return { width, height, hasAlpha: (reader.be(data, 1) & FLAGS.alpha) > 0 };
  }
  if (type === 'VP8L' && length >= 5) {
    const bits = reader.le(data + 1, 4);
    // The version, the highest three bits, has to be 0.
    if (reader.be(data, 1) !== 0x2f || bits >= 2 ** 29) throw reader.corrupt('VP8L header');
    return { width: (bits & 0x3fff) + 1, height: ((bits >> 14) & 0x3fff) + 1, hasAlpha: bits >= 2 ** 28 };
  }
  if (type === 'VP8 ' && length >= 10) {
    // A key frame has bit 0 clear; the start code follows.
    const width = reader.le(data + 6, 2) & 0x3fff;
    const height = reader.le(data + 8, 2) & 0x3fff;
    if (reader.be(data, 1) & 1 || reader.be(data + 3, 3) !== 0x9d012a) throw reader.corrupt('VP8 header');
    reader.checkSize(width, height);
    return { width, height, hasAlpha: false };
  }
  throw reader.corrupt('no image');
}

/** Reads the first chunk, and of an extended file the others as far as they are there. */
export function readWebp(reader: ByteReader): ImageHeader {
  const { bytes } = reader;
  const { width, height, hasAlpha } = readSize(reader, FIRST_CHUNK);
  const extended = reader.tag(FIRST_CHUNK) === 'VP8X';
  const flags = extended ? reader.be(FIRST_CHUNK + 8, 1) : 0;
  const animated = (flags & FLAGS.animation) > 0;
  let orientation: number | undefined;
  let frames = 0;
  // Files that are not extended have no metadata to look for.
  let complete = !extended;
  try {
    // The size that RIFF says counts from byte 8 on.
    const end = 8 + reader.le(4, 4);
    for (let at = FIRST_CHUNK; !complete; ) {
      const type = reader.tag(at);
      const data = at + 8;
      at = nextChunk(reader, at);
      if (type === 'ANMF') frames++;
      if (type === 'EXIF') orientation ??= readOrientation(bytes.subarray(data, at));
      // The last chunk may lack its byte of padding.
      complete = at >= end && at <= bytes.length + 1;
    }
  } catch {
    // The rest of the file is not there.
  }
  return {
    width,
    height,
    bitDepth: 8,
    channels: hasAlpha ? 4 : 3,
    hasAlpha,
    animated,
    frameCount: animated ? (complete ? frames : undefined) : 1,
    orientation,
    hasIcc: (flags & FLAGS.icc) > 0,
    hasExif: (flags & FLAGS.exif) > 0,
    hasXmp: (flags & FLAGS.xmp) > 0,
  };
}
