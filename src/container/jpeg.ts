import { bytesMatch } from '../sniff.js';
import type { ByteReader } from './byte-reader.js';
import { readOrientation } from './exif.js';
import type { ImageHeader } from './image-header.js';

/** Start of scan: entropy-coded data follows the segment. */
export const SOS = 0xda;
/** End of image. */
export const EOI = 0xd9;

/** One marker, with its segment where it has one (T.81, B.1.1). */
export interface JpegSegment {
  /** The byte behind 0xFF. */
  readonly marker: number;
  /** Where the parameters begin, behind the length. */
  readonly start: number;
  /** Where they end; `start` of a marker that stands alone. May lie behind the input's end. */
  readonly end: number;
}

/** The frame header (T.81, B.2.2). */
export interface JpegFrame {
  readonly width: number;
  readonly height: number;
  /** Bits a sample. */
  readonly precision: number;
  readonly components: number;
}

/** Whether the marker begins a frame: SOF0 to SOF15 without DHT, JPG and DAC, which are multiples of 4 between them. */
export function isFrame(marker: number): boolean {
  return marker === 0xc0 || (marker >> 4 === 0xc && marker % 4 > 0);
}

/**
 * The next marker at or behind `at`. As libjpeg does, it skips what is no marker: padding, and garbage between segments.
 *
 * @throws CodecError `TRUNCATED_INPUT` where there is none
 */
export function nextSegment(reader: ByteReader, at: number): JpegSegment {
  const { bytes } = reader;
  let start = at;
  for (;;) {
    start = bytes.indexOf(0xff, start) + 1;
    reader.need(start ? start + 1 : bytes.length + 1);
    while (bytes[start] === 0xff) start++;
    const marker = reader.be(start++, 1);
    if (!marker) continue;
    // TEM, RSTn, SOI and EOI stand alone.
    if (marker === 1 || (marker >= 0xd0 && marker <= EOI)) return { marker, start, end: start };
    const length = reader.be(start, 2);
    if (length < 2) throw reader.corrupt(`segment of ${length} bytes`);
    return { marker, start: start + 2, end: start + length };
  }
}

/** Reads and checks the segment of a frame header. */
export function readFrame(reader: ByteReader, { start, end }: JpegSegment): JpegFrame {
  const precision = reader.be(start, 1);
  const height = reader.be(start + 1, 2);
  const width = reader.be(start + 3, 2);
  const components = reader.be(start + 5, 1);
  if (!height) throw reader.error('UNSUPPORTED_FEATURE', 'has its height behind the pixels (DNL)');
  reader.checkSize(width, height);
  if (!precision || !components || end - start !== 6 + components * 3) throw reader.corrupt('frame header');
  return { width, height, precision, components };
}

/** Reads the segments up to the first scan, as far as they are there. */
export function readJpeg(reader: ByteReader): ImageHeader {
  const { bytes } = reader;
  let frame: JpegFrame | undefined;
  let orientation: number | undefined;
  let hasIcc: boolean | undefined;
  let hasExif: boolean | undefined;
  let hasXmp: boolean | undefined;
  try {
    for (let at = 2; ; ) {
      const segment = nextSegment(reader, at);
      const { marker, start, end } = segment;
      at = end;
      if (marker === SOS || marker === EOI) {
        hasIcc ??= false;
        hasExif ??= false;
        hasXmp ??= false;
        break;
      }
      if (isFrame(marker)) frame ??= readFrame(reader, segment);
      // From the marker on: APP1 or APP2, the length, what the segment is.
      const is = (signature: string) => bytesMatch(bytes, signature, start - 3) || undefined;
      hasIcc ??= is('\xe2..ICC_PROFILE\0');
      hasXmp ??= is('\xe1..http://ns.adobe.com/xap/');
      if (is('\xe1..Exif\0')) {
        hasExif = true;
        orientation ??= readOrientation(bytes.subarray(start, end));
      }
    }
  } catch (error) {
    // Once the size is known, it is no matter that the rest is not there, or is garbage.
    if (!frame) throw error;
  }
  if (!frame) throw reader.corrupt('no frame header');
  return {
    width: frame.width,
    height: frame.height,
    bitDepth: frame.precision,
    channels: frame.components,
    hasAlpha: false,
    animated: false,
    frameCount: 1,
    orientation,
    hasIcc,
    hasExif,
    hasXmp,
  };
}
