import sharp from 'sharp';
import { crc32 } from '../../src/container/crc32.js';

/** Bytes from a string in Latin-1. */
export function latin1(text: string): Uint8Array {
  return Uint8Array.from(text, (c) => c.charCodeAt(0));
}

/** All parts in one. */
export function concat(...parts: readonly (Uint8Array | readonly number[])[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** `size` bytes of an integer, the most significant first. */
export function be(value: number, size: number): number[] {
  return Array.from({ length: size }, (_, i) => Math.floor(value / 256 ** (size - 1 - i)) % 256);
}

/** `size` bytes of an integer, the least significant first. */
export function le(value: number, size: number): number[] {
  return be(value, size).reverse();
}

/** A PNG chunk with its CRC. */
export function pngChunk(type: string, data: Uint8Array | readonly number[] = []): Uint8Array {
  const typed = concat(latin1(type), data);
  return concat(be(data.length, 4), typed, be(crc32(typed), 4));
}

export const PNG_SIGNATURE = latin1('\x89PNG\r\n\x1a\n');

/** The IHDR chunk. */
export function ihdr(width: number, height: number, bitDepth = 8, colorType = 2, interlace = 0): Uint8Array {
  return pngChunk('IHDR', [...be(width, 4), ...be(height, 4), bitDepth, colorType, 0, 0, interlace]);
}

/** The chunks of a PNG up to IEND, each with its bytes from the length to the CRC. */
export function pngChunks(bytes: Uint8Array): { type: string; bytes: Uint8Array }[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const chunks = [];
  let type = '';
  for (let at = 8; type !== 'IEND'; ) {
    const end = at + 12 + view.getUint32(at);
    type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    chunks.push({ type, bytes: bytes.subarray(at, end) });
    at = end;
  }
  return chunks;
}

/** A RIFF chunk, padded to an even length. */
export function riffChunk(type: string, data: Uint8Array | readonly number[]): Uint8Array {
  return concat(latin1(type), le(data.length, 4), data, data.length % 2 ? [0] : []);
}

/** A WebP file of these chunks. */
export function webp(...chunks: readonly Uint8Array[]): Uint8Array {
  const body = concat(latin1('WEBP'), ...chunks);
  return concat(latin1('RIFF'), le(body.length, 4), body);
}

/** The chunk VP8X. */
export function vp8x(flags: number, width: number, height: number): Uint8Array {
  return riffChunk('VP8X', [flags, 0, 0, 0, ...le(width - 1, 3), ...le(height - 1, 3)]);
}

/** The chunks of a WebP file, without their padding. */
export function webpChunks(bytes: Uint8Array): { type: string; data: Uint8Array; bytes: Uint8Array }[] {
  const chunks = [];
  for (let at = 12; at < bytes.length; ) {
    const length = Buffer.from(bytes).readUInt32LE(at + 4);
    const end = at + 8 + length + (length % 2);
    chunks.push({
      type: String.fromCharCode(...bytes.subarray(at, at + 4)),
      data: bytes.subarray(at + 8, at + 8 + length),
      bytes: bytes.subarray(at, end),
    });
    at = end;
  }
  return chunks;
}

/** A box of ISO 14496-12. */
export function box(type: string, ...content: readonly (Uint8Array | readonly number[])[]): Uint8Array {
  const data = concat(...content);
  return concat(be(data.length + 8, 4), latin1(type), data);
}

/** A JPEG segment. */
export function segment(marker: number, data: Uint8Array | readonly number[]): Uint8Array {
  return concat([0xff, marker], be(data.length + 2, 2), data);
}

/** An EXIF block with the tag Orientation, and another tag ahead of it. */
export function exif(orientation: number, littleEndian = true): Uint8Array {
  const n = littleEndian ? le : be;
  return concat(
    latin1(littleEndian ? 'II' : 'MM'),
    n(42, 2),
    n(8, 4),
    n(2, 2),
    [...n(0x010f, 2), ...n(2, 2), ...n(2, 4), 0x61, 0, 0, 0],
    [...n(0x0112, 2), ...n(3, 2), ...n(1, 4), ...n(orientation, 2), 0, 0],
    n(0, 4),
  );
}

/** A bitmap's file header and the beginning of its information header. */
export function bmp(width: number, height: number): Uint8Array {
  return concat(
    latin1('BM'),
    le(58, 4),
    le(0, 4),
    le(54, 4),
    le(40, 4),
    le(width >>> 0, 4),
    le(height >>> 0, 4),
    le(1, 2),
    le(24, 2),
    le(0, 24),
    le(0, 4),
  );
}

/** Bits packed from the lowest of a byte up, as JPEG XL has them: pairs of a value and its number of bits. */
export function bits(...fields: readonly (readonly [value: number, count: number])[]): Uint8Array {
  const all = fields.flatMap(([value, count]) =>
    Array.from({ length: count }, (_, i) => Math.floor(value / 2 ** i) % 2),
  );
  const bytes = new Uint8Array(Math.ceil(all.length / 8));
  all.forEach((bit, i) => {
    bytes[i >> 3]! |= bit << (i & 7);
  });
  return bytes;
}

/** Smooth colours with some noise, so that every coder has something to do. */
export function pixels(width: number, height: number, channels: 3 | 4): Buffer {
  return Buffer.from(
    Array.from({ length: width * height * channels }, (_, i) => (i * 7 + ((i * 2654435761) >>> 28)) % 256),
  );
}

function image(width: number, height: number, channels: 3 | 4) {
  return sharp(pixels(width, height, channels), { raw: { width, height, channels } });
}

/** Small files of every format, each 20 by 12. */
export async function makeSamples(): Promise<Record<string, Uint8Array>> {
  const frames = () =>
    sharp(pixels(20, 36, 4), { raw: { width: 20, height: 36, channels: 4, pageHeight: 12 } });
  const made: Record<string, Uint8Array> = {
    'rgb.png': await image(20, 12, 3).png().toBuffer(),
    'rgba.png': await image(20, 12, 4)
      .withExif({ IFD0: { Software: 'x' } })
      .png()
      .toBuffer(),
    'palette.png': await image(20, 12, 4).png({ palette: true, colours: 8 }).toBuffer(),
    'interlaced.png': await image(20, 12, 3).png({ progressive: true }).toBuffer(),
    'baseline.jpg': await image(20, 12, 3).jpeg().withMetadata({ orientation: 6 }).toBuffer(),
    'progressive.jpg': await image(20, 12, 3).jpeg({ progressive: true }).toBuffer(),
    'gray.jpg': await image(20, 12, 3).toColourspace('b-w').jpeg().toBuffer(),
    'cmyk.jpg': await image(20, 12, 3).toColourspace('cmyk').jpeg().toBuffer(),
    'lossy.webp': await image(20, 12, 3).webp().toBuffer(),
    'lossy-alpha.webp': await image(20, 12, 4).webp().toBuffer(),
    'lossless.webp': await image(20, 12, 3).webp({ lossless: true }).toBuffer(),
    'lossless-alpha.webp': await image(20, 12, 4).webp({ lossless: true }).toBuffer(),
    'metadata.webp': await image(20, 12, 3).webp().withMetadata({ orientation: 8 }).toBuffer(),
    'animated.webp': await frames().webp({ loop: 0 }).toBuffer(),
    'still.gif': await image(20, 12, 3).gif().toBuffer(),
    'animated.gif': await frames().gif().toBuffer(),
    'still.avif': await image(20, 12, 3).avif({ effort: 0 }).toBuffer(),
    'alpha.avif': await image(20, 12, 4).avif({ effort: 0 }).toBuffer(),
    'still.bmp': bmp(20, 12),
    // Height 12 of 9 bits, ratio 0, width 20 of 9 bits, all default; what follows is not looked at.
    'naked.jxl': concat(
      [0xff, 0x0a],
      bits([0, 1], [0, 2], [11, 9], [0, 3], [0, 2], [19, 9], [1, 1]),
      [1, 2, 3, 4, 5, 6, 7, 8],
    ),
  };
  made['boxed.jxl'] = concat(
    box('JXL ', latin1('\r\n\x87\n')),
    box('ftyp', latin1('jxl \0\0\0\0jxl ')),
    box('jxlp', be(0, 4), made['naked.jxl']!),
  );
  return made;
}
