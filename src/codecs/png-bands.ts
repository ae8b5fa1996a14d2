import { concat } from '../concat.js';
import { crc32 } from '../container/crc32.js';
import { cutPng, lookAtPngBand, settlePng, writePngBand } from '../engines/kernels/png-bands.js';
import type { ImageLayout } from '../image.js';
import type { PngEncodeOptions } from '../options.js';
import type { BandCodec } from './codec.js';
import { pngSettings, preparePngKernel } from './png-kernel.js';
import { resolvePngOptions } from './png-options.js';

/** RFC 1950, section 8.2. */
const ADLER_MODULUS = 65_521;

/** Behind the bytes of a part: its Adler-32 and, modulo 65521, the number of bytes that it stands for. */
const FOOTER_BYTES = 8;

async function prepare(layout: ImageLayout, options: PngEncodeOptions | undefined) {
  const call = resolvePngOptions(options);
  return { call, ...(await preparePngKernel(layout, call)) };
}

/** Adler-32 over two pieces, the second of `length` bytes. */
function joinAdler(first: number, second: number, length: number): number {
  const [a1, b1, a2, b2] = [first & 0xffff, first >>> 16, second & 0xffff, second >>> 16];
  // The first sum of the second piece begins at 1; what is more goes into the second sum once for each of its bytes.
  const more = a1 - 1 + ADLER_MODULUS;
  const a = (a2 + more) % ADLER_MODULUS;
  const b = (b1 + b2 + more * (length % ADLER_MODULUS)) % ADLER_MODULUS;
  return ((b << 16) | a) >>> 0;
}

/** Section 5.3. */
function makeChunk(type: string, data: readonly number[]): Uint8Array<ArrayBuffer> {
  const chunk = new Uint8Array(12 + data.length);
  const view = new DataView(chunk.buffer);
  view.setUint32(0, data.length);
  chunk.set(
    [...type].map((letter) => letter.charCodeAt(0)),
    4,
  );
  chunk.set(data, 8);
  view.setUint32(8 + data.length, crc32(chunk, 4, 8 + data.length));
  return chunk;
}

/** PNG in bands. */
export const pngBands: BandCodec<'png'> = {
  cut(layout, options) {
    const settings = pngSettings(resolvePngOptions(options));
    const bands = cutPng(layout, settings);
    return bands && { bands, findsFirst: settings.reduce || layout.pixelFormat === 'indexed8' };
  },
  async find(source, options) {
    const { settings, call, conversion } = await prepare(source.layout, options);
    return lookAtPngBand(source, settings, call, conversion);
  },
  async settle(layout, findings, options, rowsAt) {
    const { settings, call, conversion } = await prepare(layout, options);
    return settlePng(layout, findings, settings, call, conversion, rowsAt);
  },
  async write(source, settled, options) {
    const { settings, call, conversion } = await prepare(source.layout, options);
    const { bytes, adler, streamBytes } = await writePngBand(source, settled, settings, call, conversion);
    const part = new Uint8Array(bytes.length + FOOTER_BYTES);
    part.set(bytes);
    const footer = new DataView(part.buffer, bytes.length);
    footer.setUint32(0, adler);
    footer.setUint32(4, streamBytes % ADLER_MODULUS);
    return part;
  },
  join(parts) {
    let adler = 1;
    const bodies = parts.map((part) => {
      const end = part.length - FOOTER_BYTES;
      const footer = new DataView(part.buffer, part.byteOffset + end);
      adler = joinAdler(adler, footer.getUint32(0), footer.getUint32(4));
      return part.subarray(0, end);
    });
    // An empty last block of fixed codes (RFC 1951, 3.2.6), then the end of the zlib stream.
    const end = [3, 0, adler >>> 24, (adler >>> 16) & 255, (adler >>> 8) & 255, adler & 255];
    return concat([...bodies, makeChunk('IDAT', end), makeChunk('IEND', [])]);
  },
};
