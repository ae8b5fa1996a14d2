import { bytesMatch } from '../sniff.js';
import type { ByteReader } from './byte-reader.js';
import { readOrientation } from './exif.js';
import type { ImageHeader } from './image-header.js';

/** Where the first chunk begins: behind the signature. */
export const FIRST_CHUNK = 8;

/** Bytes of a chunk besides its data: length, type, CRC. */
export const CHUNK_OVERHEAD = 12;

/** The IHDR chunk, validated. */
export interface PngHeader {
  readonly width: number;
  readonly height: number;
  /** Bits a sample, or a palette index. */
  readonly bitDepth: number;
  /** 0 gray, 2 RGB, 3 palette, 4 gray and alpha, 6 RGBA. */
  readonly colorType: number;
  readonly interlaced: boolean;
}

/** Integers of four bytes end here (PNG third edition, section 7.1). */
const MAX_LENGTH = 0x7fffffff;

/** Bit depths by colour type (PNG third edition, table 8): bit n stands for the depth n. */
const DEPTHS: Readonly<Record<number, number>> = {
  0: 0x10116,
  2: 0x10100,
  3: 0x116,
  4: 0x10100,
  6: 0x10100,
};

/** Whether a chunk's length and type are possible (PNG third edition, section 5.3). */
export function isChunk(length: number, type: string): boolean {
  return length <= MAX_LENGTH && /^[A-Za-z]{4}$/.test(type);
}

/** Reads and checks the first chunk, which has to be IHDR. Its CRC is not looked at. */
export function readIhdr(reader: ByteReader): PngHeader {
  const at = FIRST_CHUNK + 8;
  if (reader.be(FIRST_CHUNK, 4) !== 13 || reader.tag(FIRST_CHUNK + 4) !== 'IHDR') {
    throw reader.corrupt('no IHDR');
  }
  const width = reader.be(at, 4);
  const height = reader.be(at + 4, 4);
  const bitDepth = reader.be(at + 8, 1);
  const colorType = reader.be(at + 9, 1);
  const interlace = reader.be(at + 12, 1);
  reader.checkSize(width, height);
  if (width > MAX_LENGTH || height > MAX_LENGTH) throw reader.corrupt(`size ${width}x${height}`);
  if (bitDepth > 16 || !(DEPTHS[colorType]! & (1 << bitDepth))) {
    throw reader.corrupt(`bit depth ${bitDepth} with colour type ${colorType}`);
  }
  if (reader.be(at + 10, 2) || interlace > 1) throw reader.corrupt('IHDR');
  return { width, height, bitDepth, colorType, interlaced: interlace > 0 };
}

/** Reads what the chunks say, as far as they are there: what follows IHDR is never an error. */
export function readPng(reader: ByteReader): ImageHeader {
  const { width, height, bitDepth, colorType } = readIhdr(reader);
  const { bytes } = reader;
  let frames = 1;
  let orientation: number | undefined;
  let transparent: boolean | undefined;
  let hasIcc: boolean | undefined;
  let hasExif: boolean | undefined;
  let hasXmp: boolean | undefined;
  let ahead = true;
  try {
    for (let at = FIRST_CHUNK; ; ) {
      const length = reader.be(at, 4);
      const type = reader.tag(at + 4);
      const data = at + 8;
      at = data + length + 4;
      if (!isChunk(length, type)) break;
      // These three count ahead of the pixels only.
      if (ahead) {
        if (type === 'tRNS') transparent = true;
        if (type === 'iCCP') hasIcc = true;
        if (type === 'acTL') frames = reader.be(data, 4) || 1;
      }
      if (type === 'eXIf') {
        hasExif = true;
        orientation ??= readOrientation(bytes.subarray(data, data + length));
      }
      if (bytesMatch(bytes, 'iTXtXML:com.adobe.xmp\0', data - 4)) hasXmp = true;
      if (type === 'IDAT' || type === 'IEND') {
        ahead = false;
        transparent ??= false;
        hasIcc ??= false;
      }
      if (type === 'IEND') {
        hasExif ??= false;
        hasXmp ??= false;
        break;
      }
    }
  } catch {
    // The rest of the file is not there.
  }
  const hasAlpha = colorType > 3 || transparent;
  const animated = frames > 1 || (ahead ? undefined : false);
  return {
    width,
    height,
    bitDepth: colorType === 3 ? 8 : bitDepth,
    channels: hasAlpha === undefined ? undefined : (colorType & 2 ? 3 : 1) + Number(hasAlpha),
    hasAlpha,
    animated,
    frameCount: animated === undefined ? undefined : frames,
    orientation,
    hasIcc,
    hasExif,
    hasXmp,
  };
}
