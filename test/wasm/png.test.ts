import { beforeEach, describe, expect, it } from 'vitest';
import { compileWasm } from '../setup/wasm.js';

/** The exports that these tests use; `wasm/png/png.c` describes them. */
interface Png {
  memory: WebAssembly.Memory;
  png_palette(): number;
  png_begin(...parameters: number[]): number;
  png_input(): number;
  png_strip_rows(): number;
  png_wanted_row(): number;
  png_inspect(rows: number): number;
  png_rows(rows: number): number;
  png_resume(): number;
  png_output(): number;
  png_output_bytes(): number;
}

/** Bits a pixel of the formats, by their numbers. */
const BITS = [8, 16, 24, 32, 24, 32, 32, 32, 32, 16, 32, 48, 64, 1, 8];
const [RGBA8, RGB16, GRAY1, INDEXED8] = [3, 11, 13, 14];
const [WANT_ROWS, WANT_DRAIN, DONE, OVER_LIMIT, WANT_INSPECT] = [0, 1, 2, 3, 5];
const [REDUCE, INSPECT, INTERLACED, SCALAR] = [1, 2, 4, 8];
const AUTO = 5;
const ALL = 0xffffffff;

let png: Png;
beforeEach(async () => {
  png = (await WebAssembly.instantiate(await compileWasm('png'))).exports as unknown as Png;
});

let state = 1;
/** 32 bits, the same ones in each run (xorshift32). */
function random(): number {
  state ^= state << 13;
  state ^= state >>> 17;
  state ^= state << 5;
  return state >>> 0;
}

interface Job {
  width: number;
  height: number;
  format: number;
  level: number;
  filter: number;
  flags: number;
}

const rowBytes = ({ width, format }: Job) => Math.ceil((width * BITS[format]!) / 8);

/** The file, of adjacent rows, and with the strip in the memory shown before it is handed over. */
function encode(job: Job, pixels: Uint8Array): Buffer {
  const { width, height, format, level, filter, flags } = job;
  const pitch = rowBytes(job);
  let wish = png.png_begin(width, height, format, level, filter, 0, flags, pitch, ALL);
  const strip = png.png_strip_rows();
  const fill = (y: number, rows: number) =>
    new Uint8Array(png.memory.buffer).set(pixels.subarray(y * pitch, (y + rows) * pitch), png.png_input());
  while (wish === WANT_INSPECT) {
    const y = png.png_wanted_row();
    const rows = Math.min(strip, height - y);
    fill(y, rows);
    wish = png.png_inspect(rows);
  }
  const parts: Uint8Array[] = [];
  const drain = () => {
    const at = png.png_output();
    parts.push(new Uint8Array(png.memory.buffer).slice(at, at + png.png_output_bytes()));
  };
  for (let y = 0; y < height; y += strip) {
    expect(wish).toBe(WANT_ROWS);
    const rows = Math.min(strip, height - y);
    fill(y, rows);
    for (wish = png.png_rows(rows); wish === WANT_DRAIN; wish = png.png_resume()) drain();
  }
  expect(wish).toBe(DONE);
  drain();
  return Buffer.concat(parts);
}

function pixelsOf(job: Job): Uint8Array {
  const kind = random() % 4;
  return Uint8Array.from({ length: job.height * rowBytes(job) }, (_, i) => {
    const value = random();
    return kind === 0
      ? value >>> 24
      : kind === 1
        ? (value & 1) * 255
        : kind === 2
          ? i / 5 + (value & 3)
          : 17 * (i & 15);
  });
}

describe('SIMD equals scalar', () => {
  it.each(BITS.map((_bits, format) => format))('format %d', (format) => {
    for (let round = 0; round < 60; round++) {
      const job: Job = {
        width: 1 + (random() % 67),
        height: 1 + (random() % 67),
        format,
        level: random() % 10,
        filter: round % 3 === 0 ? random() % 5 : AUTO,
        flags: random() % 8,
      };
      const pixels = pixelsOf(job);
      const simd = encode(job, pixels);
      const scalar = encode({ ...job, flags: job.flags | SCALAR }, pixels);
      if (simd.compare(scalar) !== 0) expect.fail(JSON.stringify(job));
    }
  });
});

describe('the module', () => {
  const begin = (
    width: number,
    height: number,
    rest: {
      format?: number;
      level?: number;
      filter?: number;
      depth?: number;
      flags?: number;
      pitch?: number;
      limit?: number;
    } = {},
  ) => {
    const { format = RGBA8, level = 4, filter = AUTO, depth = 0, flags = 0, limit = ALL } = rest;
    const pitch = rest.pitch ?? Math.ceil((width * BITS[format]!) / 8);
    return png.png_begin(width, height, format, level, filter, depth, flags, pitch, limit);
  };

  it.each([
    ['no width', () => begin(0, 1)],
    ['a width that PNG does not have', () => begin(0x80000000, 1, { pitch: ALL })],
    ['a format that there is not', () => begin(8, 8, { format: 15, pitch: 64 })],
    ['a level that there is not', () => begin(8, 8, { level: 10 })],
    ['a filter that there is not', () => begin(8, 8, { filter: 6 })],
    ['rows that overlap', () => begin(8, 8, { pitch: 31 })],
    ['a depth that PNG does not have', () => begin(8, 8, { depth: 3 })],
    ['16 bits as 8', () => begin(8, 8, { format: RGB16, depth: 8 })],
    ['a palette of 16 bits', () => begin(8, 8, { format: INDEXED8, depth: 16 })],
    ['colours that cannot be counted', () => begin(8, 8, { depth: 4, flags: REDUCE })],
  ])('traps at %s', (_what, call) => {
    expect(call).toThrow(WebAssembly.RuntimeError);
  });

  it('traps at rows that do not fit the image or the strip', () => {
    for (const rows of [0, ALL, 5, 7, 101]) {
      // A part of a strip, too many.
      begin(5000, 100);
      expect(png.png_strip_rows()).toBe(6);
      expect(() => png.png_rows(rows)).toThrow(WebAssembly.RuntimeError);
    }
    begin(8, 8);
    expect(png.png_rows(8)).toBe(DONE);
    expect(() => png.png_rows(1)).toThrow(WebAssembly.RuntimeError);
  });

  it('traps at rows before it has seen all of them, and at a look that it did not ask for', () => {
    expect(begin(8, 8, { flags: REDUCE | INSPECT })).toBe(WANT_INSPECT);
    expect(() => png.png_rows(8)).toThrow(WebAssembly.RuntimeError);
    expect(begin(8, 8)).toBe(WANT_ROWS);
    expect(() => png.png_inspect(8)).toThrow(WebAssembly.RuntimeError);
  });

  it('does not ask for what it knows', () => {
    expect(begin(8, 8, { format: GRAY1, flags: REDUCE | INSPECT })).toBe(WANT_ROWS);
    expect(begin(8, 8, { flags: INSPECT })).toBe(WANT_ROWS);
  });

  it('ends its look where nothing is left to be found, but for four strips of all the image', () => {
    const job = { width: 600, height: 400, format: 2, level: 4, filter: AUTO, flags: REDUCE | INSPECT };
    expect(begin(600, 400, job)).toBe(WANT_INSPECT);
    const strip = png.png_strip_rows();
    expect(strip).toBeLessThan(200);
    const noise = Uint8Array.from({ length: strip * 1800 }, () => random() >>> 24);
    const wanted: number[] = [];
    for (let wish = WANT_INSPECT; wish === WANT_INSPECT; ) {
      wanted.push(png.png_wanted_row());
      new Uint8Array(png.memory.buffer).set(noise, png.png_input());
      wish = png.png_inspect(Math.min(strip, 400 - png.png_wanted_row()));
    }
    expect(wanted).toEqual([0, 0, 2, 3, 5].map((i) => i * strip));
  });

  it('stays within its limit of memory, and serves again after it was over it', () => {
    const limit = 4 * 1024 * 1024;
    begin(2000, 1000, { flags: INTERLACED, limit });
    const rows = png.png_strip_rows();
    expect(png.png_rows(rows)).toBe(OVER_LIMIT);
    expect(begin(0x7fffffff, 2, { format: GRAY1, limit })).toBe(OVER_LIMIT);
    expect(png.memory.buffer.byteLength).toBeLessThanOrEqual(limit);
    expect(begin(8, 8)).toBe(WANT_ROWS);
    expect(png.png_rows(8)).toBe(DONE);
  });

  it('keeps to a strip and its tables', () => {
    for (const level of [1, 4]) {
      const job = {
        width: 3000,
        height: 1000,
        format: RGBA8!,
        level,
        filter: AUTO,
        flags: REDUCE! | INSPECT!,
      };
      encode(job, pixelsOf(job));
      expect(png.memory.buffer.byteLength).toBeLessThanOrEqual(3 * 1024 * 1024);
    }
  });
});
