import { MAX_CHUNKS, MAX_JPEG_SCANS } from '../limits.js';
import { bytesMatch } from '../sniff.js';
import type { ByteReader } from './byte-reader.js';
import { EOI, isFrame, type JpegSegment, nextSegment, readFrame, SOS } from './jpeg.js';
import { openFile } from './open-file.js';

/** One component of a frame, with its sampling factors, 1 to 4. */
interface JpegComponent {
  readonly id: number;
  readonly horizontal: number;
  readonly vertical: number;
}

/** What a decoder has to expect of a JPEG. */
export interface JpegForDecoding {
  readonly width: number;
  readonly height: number;
  readonly progressive: boolean;
  /** 1 (gray), 3 (YCbCr or RGB) or 4 (CMYK or YCCK), in the order of the frame header. */
  readonly components: readonly JpegComponent[];
  /** The transform of an Adobe segment: 0 none, 1 YCbCr, 2 YCCK; `undefined` without one. */
  readonly adobeTransform: number | undefined;
  /** Number of scans that begin. */
  readonly scans: number;
  /** The markers in turn, as far as their segments are whole. */
  readonly segments: readonly JpegSegment[];
  /** Where the last segment, or the data of the last scan, ends: what follows is of no use to a decoder. */
  readonly end: number;
  /** Whether the file reaches its end marker. Without it the last rows, or the last details, may be missing. */
  readonly complete: boolean;
}

/** Where the entropy-coded data that begins at `at` ends: at the next marker but RSTn. The input's length where there is none. */
function endOfScan(bytes: Uint8Array, at: number): number {
  const { length } = bytes;
  let next = at;
  while (next < length) {
    if (bytes[next] !== 0xff) {
      // A call costs as much as some twenty bytes of a loop; random data has 0xFF at every 256th byte.
      next = bytes.indexOf(0xff, next);
      if (next < 0) return length;
    }
    const marker = bytes[next + 1];
    // 0xFF as data is followed by a 0; before a marker it may be repeated.
    if (marker === 0 || (marker !== undefined && marker >= 0xd0 && marker <= 0xd7)) next += 2;
    else if (marker === 0xff) next++;
    else return next;
  }
  return length;
}

/** Sampling factors of the frame header's components (T.81, B.2.2). */
function readComponents(reader: ByteReader, start: number, count: number): JpegComponent[] {
  return Array.from({ length: count }, (_, i) => {
    const at = start + 6 + i * 3;
    const factors = reader.be(at + 1, 1);
    const horizontal = factors >> 4;
    const vertical = factors & 15;
    if (!horizontal || !vertical || horizontal > 4 || vertical > 4) {
      throw reader.corrupt(`sampling factors ${horizontal}x${vertical}`);
    }
    return { id: reader.be(at, 1), horizontal, vertical };
  });
}

/** Processes that are not decoded: lossless, hierarchical, arithmetic. */
function refuseProcess(reader: ByteReader, marker: number): void {
  if (marker <= 0xc2) return;
  const name =
    marker >= 0xc9 ? 'arithmetic coding' : marker === 0xc3 ? 'lossless coding' : 'hierarchical coding';
  throw reader.error('UNSUPPORTED_FEATURE', `uses ${name}`);
}

/**
 * Walks all markers and counts the scans, so that a decoder can be told what it will meet and can be kept from what takes it too
 * long. The entropy-coded data is not looked into.
 *
 * A file that ends, or goes astray, after its first scan began is not an error: `complete` is false.
 *
 * @throws CodecError `UNKNOWN_FORMAT` where the signature is another; `TRUNCATED_INPUT` where the file ends before a scan begins;
 * `CORRUPT_INPUT`; `UNSUPPORTED_FEATURE` for lossless, hierarchical and arithmetic coding, a precision other than 8, 2 or more than
 * 4 components, and a height that follows the pixels; `LIMIT_EXCEEDED` past 100 scans or 1,000 segments
 */
export function checkJpegForDecoding(bytes: Uint8Array): JpegForDecoding {
  const reader = openFile(bytes, 'jpeg');
  let frame: Pick<JpegForDecoding, 'width' | 'height' | 'progressive' | 'components'> | undefined;
  let adobeTransform: number | undefined;
  let scans = 0;
  const segments: JpegSegment[] = [];
  let complete = false;
  let at = 2;
  while (!complete) {
    let segment: JpegSegment;
    try {
      segment = nextSegment(reader, at);
      reader.need(segment.end);
    } catch (error) {
      // There are pixels to show.
      if (scans) break;
      throw error;
    }
    const { marker, start, end } = segment;
    at = end;
    segments.push(segment);
    if (marker !== EOI && segments.length > MAX_CHUNKS) {
      throw reader.error('LIMIT_EXCEEDED', `has more than ${MAX_CHUNKS} segments`);
    }
    if (isFrame(marker)) {
      if (frame) throw reader.corrupt('a second frame header');
      refuseProcess(reader, marker);
      const { width, height, precision, components } = readFrame(reader, segment);
      if (precision !== 8) throw reader.error('UNSUPPORTED_FEATURE', `has ${precision} bits a sample`);
      if (components === 2 || components > 4) {
        throw reader.error('UNSUPPORTED_FEATURE', `has ${components} components`);
      }
      frame = {
        width,
        height,
        progressive: marker === 0xc2,
        components: readComponents(reader, start, components),
      };
    } else if (marker === SOS) {
      if (!frame) throw reader.corrupt('a scan ahead of the frame header');
      if (++scans > MAX_JPEG_SCANS) {
        throw reader.error('LIMIT_EXCEEDED', `has more than ${MAX_JPEG_SCANS} scans`);
      }
      at = endOfScan(bytes, end);
    } else if (marker === EOI) {
      complete = true;
    } else if (marker === 0xee && end - start >= 12 && bytesMatch(bytes, 'Adobe', start)) {
      adobeTransform = reader.be(start + 11, 1);
    }
  }
  if (!frame || !scans) throw reader.corrupt('no scan');
  return { ...frame, adobeTransform, scans, segments, end: at, complete };
}
