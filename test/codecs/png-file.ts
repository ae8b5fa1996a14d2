import { crc32, inflateSync } from 'node:zlib';

/** What a PNG says and holds, read by the letter of the specification and not by the code under test. */
export interface PngFile {
  readonly width: number;
  readonly height: number;
  readonly bitDepth: number;
  /** 0 gray, 2 RGB, 3 palette, 4 gray with alpha, 6 RGBA. */
  readonly colorType: number;
  readonly interlaced: boolean;
  /** Entries of PLTE as RGBA, their alpha from tRNS. */
  readonly palette: readonly (readonly number[])[] | undefined;
  /** The colour that is transparent, by tRNS. */
  readonly keyColour: readonly number[] | undefined;
  /** Types of all chunks in order. */
  readonly chunks: readonly string[];
  /** The filter of each row, pass by pass where interlaced. */
  readonly filters: readonly number[];
  /** Blocks of the deflate stream are in here: the concatenated IDAT, without what zlib adds. */
  readonly deflated: Uint8Array;
  /** Stored samples, without scaling: indices where there is a palette. */
  readonly samples: Uint16Array;
}

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

/** Section 11.2.1, table 11: samples a pixel and depths of each colour type. */
const COLOR_TYPES: Readonly<Record<number, { channels: number; depths: readonly number[] }>> = {
  0: { channels: 1, depths: [1, 2, 4, 8, 16] },
  2: { channels: 3, depths: [8, 16] },
  3: { channels: 1, depths: [1, 2, 4, 8] },
  4: { channels: 2, depths: [8, 16] },
  6: { channels: 4, depths: [8, 16] },
};

/** Section 8.2: first column, first row, and the steps from one to the next. */
const ADAM7 = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const;

function demand(condition: boolean, what: string): asserts condition {
  if (!condition) throw new Error(`Not a right PNG: ${what}`);
}

interface Chunk {
  readonly type: string;
  readonly data: Buffer;
}

/** Every chunk, its CRC right, IEND the last of the file. */
function readChunks(file: Buffer): Chunk[] {
  demand(
    SIGNATURE.every((byte, i) => file[i] === byte),
    'signature',
  );
  const chunks: Chunk[] = [];
  for (let at = SIGNATURE.length; at < file.length; ) {
    demand(at + 12 <= file.length, 'a chunk is cut off');
    const length = file.readUInt32BE(at);
    demand(length < 2 ** 31 && at + 12 + length <= file.length, 'length of a chunk');
    const type = file.toString('latin1', at + 4, at + 8);
    const data = file.subarray(at + 8, at + 8 + length);
    demand(
      file.readUInt32BE(at + 8 + length) === crc32(file.subarray(at + 4, at + 8 + length)),
      `CRC of ${type}`,
    );
    chunks.push({ type, data });
    at += 12 + length;
  }
  return chunks;
}

function readHeader({ data }: Chunk) {
  demand(data.length === 13, 'length of IHDR');
  const [bitDepth = 0, colorType = 0, compression, filter, interlace = 0] = data.subarray(8);
  const header = { width: data.readUInt32BE(0), height: data.readUInt32BE(4), bitDepth, colorType };
  demand(header.width > 0 && header.height > 0, 'size');
  demand(COLOR_TYPES[colorType]?.depths.includes(bitDepth) === true, 'colour type and depth');
  demand(compression === 0 && filter === 0, 'methods');
  demand(interlace < 2, 'interlace method');
  return { ...header, interlaced: interlace === 1 };
}

function readPalette(plte: Chunk | undefined, trns: Chunk | undefined, bitDepth: number): number[][] {
  demand(plte !== undefined && plte.data.length % 3 === 0, 'PLTE');
  const entries = plte.data.length / 3;
  demand(entries >= 1 && entries <= 2 ** bitDepth, 'number of palette entries');
  const alpha = trns?.data ?? Buffer.alloc(0);
  demand(trns === undefined || (alpha.length >= 1 && alpha.length <= entries), 'length of tRNS');
  return Array.from({ length: entries }, (_, i) => [
    ...plte.data.subarray(i * 3, i * 3 + 3),
    alpha[i] ?? 255,
  ]);
}

function readKeyColour(trns: Chunk, channels: number, bitDepth: number): number[] {
  demand(trns.data.length === channels * 2, 'length of tRNS');
  const key = Array.from({ length: channels }, (_, i) => trns.data.readUInt16BE(i * 2));
  demand(
    key.every((sample) => sample < 2 ** bitDepth),
    'samples of tRNS',
  );
  return key;
}

/** Inflates by Node, sees that nothing is left behind the stream, and that it holds what it should. */
function inflateWhole(zlib: Buffer, length: number): Buffer {
  demand(zlib.length >= 6 && (zlib[0]! & 15) === 8 && zlib[0]! >> 4 <= 7, 'zlib method and window');
  demand(zlib.readUInt16BE(0) % 31 === 0 && (zlib[1]! & 0x20) === 0, 'zlib check bits');
  const { buffer, engine } = inflateSync(zlib, { info: true }) as unknown as {
    buffer: Buffer;
    engine: { bytesWritten: number };
  };
  demand(engine.bytesWritten === zlib.length, `${zlib.length - engine.bytesWritten} bytes behind the stream`);
  demand(buffer.length === length, `${buffer.length} bytes of rows, not ${length}`);
  return buffer;
}

/** Section 9.4. */
function paeth(a: number, b: number, c: number): number {
  const p = a + b - c;
  const pa = Math.abs(p - a);
  const pb = Math.abs(p - b);
  const pc = Math.abs(p - c);
  return pa <= pb && pa <= pc ? a : pb <= pc ? b : c;
}

/** What each filter adds to a byte, from those to the left, above, and above to the left (section 9.2). */
const PREDICTORS: readonly ((a: number, b: number, c: number) => number)[] = [
  () => 0,
  (a) => a,
  (_, b) => b,
  (a, b) => (a + b) >> 1,
  paeth,
];

/** Takes the filter off a row, in place. */
function unfilter(filter: number, row: Buffer, above: Uint8Array, step: number): void {
  const predict = PREDICTORS[filter]!;
  for (let i = 0; i < row.length; i++) {
    row[i]! += i < step ? predict(0, above[i]!, 0) : predict(row[i - step]!, above[i]!, above[i - step]!);
  }
}

/** Sample number `i` of a row. */
function sampleAt(row: Buffer, i: number, bitDepth: number): number {
  if (bitDepth === 16) return row.readUInt16BE(i * 2);
  const bit = i * bitDepth;
  return (row[bit >> 3]! >> (8 - bitDepth - (bit & 7))) & (2 ** bitDepth - 1);
}

/**
 * Reads a PNG that has nothing in it but pixels, and refuses it for the slightest fault: structure, order, lengths, checksums,
 * bytes behind the end, indices without an entry, padding that is not zero.
 */
export function readPngFile(bytes: Uint8Array): PngFile {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const chunks = readChunks(file);
  const types = chunks.map(({ type }) => type);
  demand(/^IHDR(,PLTE)?(,tRNS)?(,IDAT)+,IEND$/.test(types.join()), `order of chunks: ${types}`);
  demand(chunks.at(-1)!.data.length === 0, 'length of IEND');
  const header = readHeader(chunks[0]!);
  const { width, height, bitDepth, colorType, interlaced } = header;
  const { channels } = COLOR_TYPES[colorType]!;
  const plte = chunks.find(({ type }) => type === 'PLTE');
  const trns = chunks.find(({ type }) => type === 'tRNS');
  demand(plte === undefined || colorType === 3, 'PLTE without need');
  demand(trns === undefined || colorType < 4, 'tRNS beside an alpha channel');
  const palette = colorType === 3 ? readPalette(plte, trns, bitDepth) : undefined;
  const keyColour = trns && colorType !== 3 ? readKeyColour(trns, channels, bitDepth) : undefined;
  const idat = chunks.filter(({ type }) => type === 'IDAT').map(({ data }) => data);
  demand(
    idat.every(({ length }) => length > 0),
    'an empty IDAT',
  );
  const passes = (interlaced ? ADAM7 : [[0, 0, 1, 1] as const])
    .map(([left, top, dx, dy]) => {
      const columns = Math.ceil((width - left) / dx);
      const rowBytes = Math.ceil((columns * channels * bitDepth) / 8);
      return { left, top, dx, dy, columns, rows: Math.ceil((height - top) / dy), rowBytes };
    })
    .filter(({ columns, rows }) => columns > 0 && rows > 0);
  const zlib = Buffer.concat(idat);
  const length = passes.reduce((sum, { rows, rowBytes }) => sum + rows * (1 + rowBytes), 0);
  const rows = inflateWhole(zlib, length);
  const samples = new Uint16Array(width * height * channels);
  const filters: number[] = [];
  let at = 0;
  for (const { left, top, dx, dy, columns, rows: count, rowBytes } of passes) {
    let above: Uint8Array = new Uint8Array(rowBytes);
    for (let y = 0; y < count; y++) {
      const filter = rows[at]!;
      demand(filter <= 4, 'filter type');
      filters.push(filter);
      const row = rows.subarray(at + 1, at + 1 + rowBytes);
      unfilter(filter, row, above, Math.max(1, (channels * bitDepth) >> 3));
      const unused = rowBytes * 8 - columns * channels * bitDepth;
      demand((row[rowBytes - 1]! & (2 ** unused - 1)) === 0, 'padding of a row');
      let to = ((top + y * dy) * width + left) * channels;
      for (let x = 0, i = 0; x < columns; x++, to += dx * channels) {
        for (let channel = 0; channel < channels; channel++, i++) {
          samples[to + channel] = sampleAt(row, i, bitDepth);
        }
      }
      above = row;
      at += 1 + rowBytes;
    }
  }
  if (palette) {
    demand(
      samples.every((index) => index < palette.length),
      'an index without an entry',
    );
  }
  return {
    ...header,
    palette,
    keyColour,
    chunks: types,
    filters,
    deflated: zlib.subarray(2, -4),
    samples,
  };
}

/** The pixels of a file as RGBA of that depth. A file of 16 bits gives no 8. */
export function pngRgba(png: PngFile, depth: 8 | 16): Uint16Array {
  const { colorType, bitDepth, palette, keyColour, samples } = png;
  demand(depth === 16 || bitDepth < 16, 'a depth of 16');
  const { channels } = COLOR_TYPES[colorType]!;
  const max = 2 ** depth - 1;
  const scale = palette ? (depth === 16 ? 257 : 1) : max / (2 ** bitDepth - 1);
  const hasColour = colorType === 2 || colorType === 6;
  const out = new Uint16Array((samples.length / channels) * 4);
  for (let from = 0, to = 0; from < samples.length; from += channels, to += 4) {
    let pixel: readonly number[] | Uint16Array = samples;
    let at = from;
    if (palette) {
      pixel = palette[samples[from]!]!;
      at = 0;
    }
    const apart = palette || hasColour ? 1 : 0;
    out[to] = pixel[at]! * scale;
    out[to + 1] = pixel[at + apart]! * scale;
    out[to + 2] = pixel[at + 2 * apart]! * scale;
    const hidden = keyColour?.every((sample, i) => sample === pixel[at + i]) ?? false;
    const opaque = !palette && channels % 2 === 1;
    out[to + 3] = hidden ? 0 : opaque ? max : pixel[palette ? 3 : at + channels - 1]! * scale;
  }
  return out;
}
