import { MAX_CHUNKS } from '../limits.js';
import { crc32 } from './crc32.js';
import { openFile } from './open-file.js';
import { CHUNK_OVERHEAD, FIRST_CHUNK, isChunk, type PngHeader, readIhdr } from './png.js';

/** A PNG as a decoder needs it. */
export interface PngForDecoding {
  readonly header: PngHeader;
  /** Whether a valid tRNS chunk gives transparency. */
  readonly hasTransparency: boolean;
  /**
   * Views of the input, and of tRNS a copy, that make a PNG when put one behind the other: signature with IHDR, PLTE of a palette image,
   * tRNS, all IDAT chunks as one view, IEND. Nothing else reaches the decoder.
   */
  readonly parts: readonly Uint8Array[];
}

/** Samples a pixel as stored, by colour type. */
const SAMPLES: readonly number[] = [1, 0, 3, 1, 2, 0, 4];

/** The passes of Adam7 (PNG third edition, section 8.1): first column and row, then the steps. */
const ADAM7 = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const;

/** Most bytes that a byte of deflate makes: a match of 258 by two codes of one bit. */
const MAX_EXPANSION = 1032;

/** Bytes of the filtered rows that the zlib stream has to hold. */
function filteredBytes({ width, height, bitDepth, colorType, interlaced }: PngHeader): number {
  const passes = interlaced ? ADAM7 : [[0, 0, 1, 1] as const];
  let sum = 0;
  for (const [x, y, stepX, stepY] of passes) {
    const columns = Math.ceil((width - x) / stepX);
    const rows = Math.ceil((height - y) / stepY);
    if (columns > 0 && rows > 0)
      sum += rows * (1 + Math.ceil((columns * SAMPLES[colorType]! * bitDepth) / 8));
  }
  return sum;
}

/** Lengths of tRNS by colour type; of a palette, one byte for each of its entries at most. Others have none. */
function isTransparencyLength(colorType: number, length: number, paletteEntries: number): boolean {
  if (colorType === 3) return length > 0 && length <= paletteEntries;
  return length === (colorType === 0 ? 2 : colorType === 2 ? 6 : -1);
}

/**
 * The tRNS chunk as decoders read it. Of each sample of a key colour only the image's bits count (PNG third edition, section 11.3.1.1), which some
 * decoders forget: where others are set, the chunk is made anew without them.
 */
function maskKeyColour(chunk: Uint8Array, { colorType, bitDepth }: PngHeader): Uint8Array {
  if (colorType === 3) return chunk;
  const dataEnd = chunk.length - 4;
  const masked = new Uint8Array(chunk);
  for (let at = 8; at < dataEnd; at += 2) {
    const sample = (masked[at]! * 256 + masked[at + 1]!) & (2 ** bitDepth - 1);
    masked[at] = sample >> 8;
    masked[at + 1] = sample & 255;
  }
  const crc = crc32(masked, 4, dataEnd);
  for (let i = 0; i < 4; i++) masked[dataEnd + i] = crc >>> (24 - i * 8);
  return masked;
}

/**
 * Walks all chunks and keeps what a decoder needs. Checked are the header, the order of the critical chunks (PNG third edition,
 * section 5.6), the CRC of every chunk that is kept, and that the compressed data can hold the image.
 *
 * Ancillary chunks besides tRNS are dropped, and so their CRC does not matter. A tRNS chunk that is misplaced, repeated or of the wrong
 * length is dropped as well, as libpng does. What follows IEND is ignored.
 *
 * @throws CodecError `UNKNOWN_FORMAT` where the signature is another; `TRUNCATED_INPUT` where the file ends before IEND;
 * `CORRUPT_INPUT` where a CRC, the order or the header is wrong; `UNSUPPORTED_FEATURE` for an unknown critical chunk;
 * `LIMIT_EXCEEDED` past 1,000 chunks besides IDAT and fdAT
 */
export function readPngForDecoding(bytes: Uint8Array): PngForDecoding {
  const reader = openFile(bytes, 'png');
  const header = readIhdr(reader);
  const { colorType } = header;
  let palette: Uint8Array | undefined;
  let paletteEntries = 0;
  let transparency: Uint8Array | undefined;
  let firstData = 0;
  let endOfData = 0;
  let dataBytes = 0;
  let others = 0;
  for (let at = FIRST_CHUNK; ; ) {
    const length = reader.be(at, 4);
    const type = reader.tag(at + 4);
    if (!isChunk(length, type)) throw reader.corrupt(`no chunk at byte ${at}`);
    const end = at + CHUNK_OVERHEAD + length;
    reader.need(end);
    if (type !== 'IDAT' && type !== 'fdAT' && ++others > MAX_CHUNKS) {
      throw reader.error('LIMIT_EXCEEDED', `has more than ${MAX_CHUNKS} chunks besides the pixels`);
    }
    // A small letter first: the chunk is ancillary.
    const critical = type < 'a';
    if ((critical || type === 'tRNS') && crc32(bytes, at + 4, end - 4) !== reader.be(end - 4, 4)) {
      throw reader.corrupt(`CRC of ${type}`);
    }
    const chunk = bytes.subarray(at, end);
    if (type === 'IDAT') {
      if (firstData && endOfData !== at) throw reader.corrupt('IDAT chunks are not consecutive');
      if (colorType === 3 && !palette) throw reader.corrupt('no PLTE ahead of IDAT');
      firstData ||= at;
      endOfData = end;
      dataBytes += length;
    } else if (type === 'PLTE') {
      if (palette || firstData || !(colorType & 2)) throw reader.corrupt('PLTE where none may be');
      if (!length || length % 3 || length > 768) throw reader.corrupt(`PLTE of ${length} bytes`);
      palette = chunk;
      paletteEntries = length / 3;
    } else if (type === 'tRNS') {
      if (!firstData && isTransparencyLength(colorType, length, paletteEntries)) {
        transparency ??= maskKeyColour(chunk, header);
      }
    } else if (type === 'IEND') {
      if (length) throw reader.corrupt(`IEND of ${length} bytes`);
      if (!firstData) throw reader.corrupt('no IDAT');
      if (dataBytes * MAX_EXPANSION < filteredBytes(header)) {
        throw reader.corrupt(
          `${dataBytes} compressed bytes cannot hold ${header.width}x${header.height} pixels`,
        );
      }
      const parts = [bytes.subarray(0, FIRST_CHUNK + CHUNK_OVERHEAD + 13)];
      // Of other images it only suggests colours to reduce them to.
      if (palette && colorType === 3) parts.push(palette);
      if (transparency) parts.push(transparency);
      parts.push(bytes.subarray(firstData, endOfData), chunk);
      return { header, hasTransparency: !!transparency, parts };
    } else if (type === 'IHDR' ? at !== FIRST_CHUNK : critical) {
      if (type === 'IHDR') throw reader.corrupt('a second IHDR');
      throw reader.error('UNSUPPORTED_FEATURE', `has a critical chunk that is not known: ${type}`);
    }
    at = end;
  }
}
