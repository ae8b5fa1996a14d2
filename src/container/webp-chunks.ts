import type { CodecError } from '../errors.js';
import { MAX_CHUNKS } from '../limits.js';
import type { ByteReader } from './byte-reader.js';
import { openFile } from './open-file.js';
import { FIRST_CHUNK, FLAGS, nextChunk, readSize, type WebpSize } from './webp.js';

/** One picture of a WebP file, in a form that a decoder of still images takes. */
interface WebpPicture extends WebpSize {
  /**
   * A WebP file of this picture alone when put one behind the other: a header made anew, then views of the input, not copies, of the
   * chunks VP8 (with ALPH) or VP8L. Nothing else reaches the decoder.
   */
  readonly parts: readonly Uint8Array[];
}

/** A WebP as a decoder needs it. */
export interface WebpForDecoding extends WebpSize {
  /** Whether it is an animation. */
  readonly animated: boolean;
  /** Number of frames, 1 of a still image. */
  readonly frameCount: number;
  /** The image, or the first frame of an animation, with its place on the canvas. */
  readonly picture: WebpPicture & { readonly x: number; readonly y: number };
}

const VP8X_BYTES = 10;

function write(into: Uint8Array, at: number, text: string): void {
  for (let i = 0; i < text.length; i++) into[at + i] = text.charCodeAt(i);
}

/** `RIFF`, the size and `WEBP` ahead of `chunks`, and VP8X where there is an ALPH chunk among them. */
function makeHeader(size: WebpSize, extended: boolean, chunkBytes: number): Uint8Array {
  const header = new Uint8Array(FIRST_CHUNK + (extended ? 8 + VP8X_BYTES : 0));
  const view = new DataView(header.buffer);
  write(header, 0, 'RIFF....WEBP');
  view.setUint32(4, header.length - 8 + chunkBytes, true);
  if (extended) {
    write(header, FIRST_CHUNK, 'VP8X');
    view.setUint32(FIRST_CHUNK + 4, VP8X_BYTES, true);
    header[FIRST_CHUNK + 8] = FLAGS.alpha;
    // 24 bits each, the lower 16 of the height above the width's.
    view.setUint32(FIRST_CHUNK + 12, (size.width - 1) | (((size.height - 1) & 0xff) << 24), true);
    view.setUint16(FIRST_CHUNK + 16, (size.height - 1) >> 8, true);
  }
  return header;
}

/** The first image chunk from `from` on, with the ALPH chunk ahead of it; chunks have to end by `to`. */
function readPicture(reader: ByteReader, from: number, to: number): WebpPicture {
  let alpha: Uint8Array | undefined;
  let chunks = 0;
  for (let at = from; at + 8 <= to; ) {
    const type = reader.tag(at);
    const end = endOfChunk(reader, at, to);
    if (++chunks > MAX_CHUNKS) throw tooMany(reader, 'chunks');
    const chunk = reader.bytes.subarray(at, Math.min(end, reader.bytes.length));
    if (type === 'ALPH') alpha ??= chunk;
    if (type === 'VP8 ' || type === 'VP8L') {
      const size = readSize(reader, at);
      // VP8L has its own.
      const kept = alpha && type === 'VP8 ' ? [alpha, chunk] : [chunk];
      // The byte of padding that the last chunk of a file may lack.
      if (chunk.length % 2) kept.push(new Uint8Array(1));
      const bytes = kept.reduce((sum, part) => sum + part.length, 0);
      const extended = kept[0] === alpha;
      const header = makeHeader(size, extended, bytes);
      return { ...size, hasAlpha: size.hasAlpha || extended, parts: [header, ...kept] };
    }
    at = end;
  }
  throw reader.corrupt('no image');
}

/** Where the next chunk begins. The chunk at `at`, without its padding, has to end by `to`. */
function endOfChunk(reader: ByteReader, at: number, to: number): number {
  const end = at + 8 + reader.le(at + 4, 4);
  if (end > to) throw reader.corrupt(`chunk at byte ${at} is longer than what holds it`);
  reader.need(end);
  return nextChunk(reader, at);
}

function tooMany(reader: ByteReader, what: string): CodecError {
  return reader.error('LIMIT_EXCEEDED', `has more than ${MAX_CHUNKS} ${what}`);
}

/**
 * Walks all chunks and keeps what a decoder needs of the image, or of the first frame of an animation. Checked are the sizes of the
 * chunks against what holds them, and the canvas against the bitstream. What follows the RIFF chunk is ignored.
 *
 * @throws CodecError `UNKNOWN_FORMAT` where the signature is another; `TRUNCATED_INPUT` where the file is shorter than it says;
 * `CORRUPT_INPUT`; `LIMIT_EXCEEDED` past 1,000 chunks
 */
export function readWebpForDecoding(bytes: Uint8Array): WebpForDecoding {
  const reader = openFile(bytes, 'webp');
  const to = 8 + reader.le(4, 4);
  if (to < FIRST_CHUNK + 8) throw reader.corrupt('RIFF size');
  const canvas = readSize(reader, FIRST_CHUNK);
  const extended = reader.tag(FIRST_CHUNK) === 'VP8X';
  const animated = extended && (reader.be(FIRST_CHUNK + 8, 1) & FLAGS.animation) > 0;
  let chunks = 0;
  let frameCount = 0;
  let picture: WebpForDecoding['picture'] | undefined;
  for (let at = FIRST_CHUNK; at + 8 <= to; ) {
    const type = reader.tag(at);
    const end = endOfChunk(reader, at, to);
    if (++chunks > MAX_CHUNKS) throw tooMany(reader, 'chunks');
    if (animated && type === 'ANMF') {
      frameCount++;
      picture ??= readFrame(reader, at, canvas);
    }
    at = end;
  }
  if (!animated) {
    picture = { x: 0, y: 0, ...readPicture(reader, FIRST_CHUNK, to) };
    frameCount = 1;
    if (picture.width !== canvas.width || picture.height !== canvas.height) {
      throw reader.corrupt(
        `canvas of ${canvas.width}x${canvas.height}, image of ${picture.width}x${picture.height}`,
      );
    }
  }
  if (!picture) throw reader.corrupt('an animation without frames');
  // The canvas of an animation can show through where no frame covers it.
  const hasAlpha = picture.hasAlpha || (animated && canvas.hasAlpha);
  return { width: canvas.width, height: canvas.height, hasAlpha, animated, frameCount, picture };
}

/** The chunk ANMF at `at`: offset, size, duration and flags, then the chunks of a picture. */
function readFrame(reader: ByteReader, at: number, canvas: WebpSize): WebpForDecoding['picture'] {
  const data = at + 8;
  const length = reader.le(at + 4, 4);
  if (length < 16) throw reader.corrupt(`ANMF of ${length} bytes`);
  const x = reader.le(data, 3) * 2;
  const y = reader.le(data + 3, 3) * 2;
  const width = reader.le(data + 6, 3) + 1;
  const height = reader.le(data + 9, 3) + 1;
  const picture = readPicture(reader, data + 16, data + length);
  if (picture.width !== width || picture.height !== height) {
    throw reader.corrupt(`frame of ${width}x${height}, image of ${picture.width}x${picture.height}`);
  }
  if (x + width > canvas.width || y + height > canvas.height) {
    throw reader.corrupt('a frame outside of the canvas');
  }
  return { x, y, ...picture };
}
