import { beforeEach, describe, expect, it } from 'vitest';
import { compileWasm } from '../setup/wasm.js';

/** The exports that these tests use; `wasm/jpeg/jpeg.c` describes them. */
interface Jpeg {
  memory: WebAssembly.Memory;
  jpeg_quality(quality: number): void;
  jpeg_begin(...parameters: number[]): number;
  jpeg_input(): number;
  jpeg_strip_rows(): number;
  jpeg_rows(rows: number): number;
  jpeg_resume(): number;
  jpeg_output(): number;
  jpeg_output_bytes(): number;
}

const [GRAY8, RGB8, RGBA8, BGR8, BGRA8, ARGB8] = [0, 2, 3, 4, 5, 6];
const [WANT_ROWS, WANT_DRAIN, DONE, OVER_LIMIT] = [0, 1, 2, 3];
const GRAY = 4;
const SCALAR = 8;
const ALL = 0xffffffff;

let jpeg: Jpeg;
beforeEach(async () => {
  jpeg = (await WebAssembly.instantiate(await compileWasm('jpeg'))).exports as unknown as Jpeg;
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
  subsampling: number;
  flags: number;
  restartRows?: number;
  quality?: number;
}

const bytesOf = (format: number) => (format === GRAY8 ? 1 : format === RGB8 || format === BGR8 ? 3 : 4);

/** The file, of adjacent rows. */
function encode(job: Job, pixels: Uint8Array): Buffer {
  const { width, height, format, subsampling, flags, restartRows = 0, quality = 100 } = job;
  const pitch = width * bytesOf(format);
  jpeg.jpeg_quality(quality);
  expect(jpeg.jpeg_begin(width, height, format, subsampling, flags, restartRows, pitch, ALL)).toBe(WANT_ROWS);
  const parts: Uint8Array[] = [];
  const drain = () => {
    const at = jpeg.jpeg_output();
    parts.push(new Uint8Array(jpeg.memory.buffer).slice(at, at + jpeg.jpeg_output_bytes()));
  };
  const strip = jpeg.jpeg_strip_rows();
  let wish = WANT_ROWS;
  for (let y = 0; y < height; y += strip) {
    const rows = Math.min(strip, height - y);
    new Uint8Array(jpeg.memory.buffer).set(pixels.subarray(y * pitch, (y + rows) * pitch), jpeg.jpeg_input());
    for (wish = jpeg.jpeg_rows(rows); wish === WANT_DRAIN; wish = jpeg.jpeg_resume()) drain();
  }
  expect(wish).toBe(DONE);
  drain();
  return Buffer.concat(parts);
}

/** Noise, of which some is at the ends of the range, or a slope. */
function pixelsOf({ width, height, format }: Job): Uint8Array {
  const kind = random() % 3;
  return Uint8Array.from({ length: width * height * bytesOf(format) }, (_, i) => {
    const value = random();
    return kind === 0 ? value >>> 24 : kind === 1 ? (value & 1) * 255 : i / 5 + (value & 3);
  });
}

describe('SIMD equals scalar', () => {
  const formats = { GRAY8, RGB8, RGBA8, BGR8, BGRA8, ARGB8 };
  describe.each(Object.entries(formats))('%s', (_name, format) => {
    it.each([0, 1, 2])('subsampling %d, typical and optimal tables, progressive', (subsampling) => {
      for (let round = 0; round < 60; round++) {
        const job: Job = {
          width: 1 + (random() % 67),
          height: 1 + (random() % 67),
          format,
          subsampling,
          flags: (round % 3) | (format === GRAY8 || round % 7 === 0 ? GRAY : 0),
          restartRows: random() % 3,
          quality: round % 4 === 0 ? 100 : 1 + (random() % 100),
        };
        const pixels = pixelsOf(job);
        const simd = encode(job, pixels);
        const scalar = encode({ ...job, flags: job.flags | SCALAR }, pixels);
        if (simd.compare(scalar) !== 0) expect.fail(JSON.stringify(job));
      }
    });
  });
});

describe('the module', () => {
  const begin = (
    width: number,
    height: number,
    rest: Partial<Job> & { pitch?: number; limit?: number } = {},
  ) => {
    const { format = RGBA8, subsampling = 2, flags = 0, pitch = width * 4, limit = ALL } = rest;
    jpeg.jpeg_quality(75);
    return jpeg.jpeg_begin(width, height, format!, subsampling, flags, 0, pitch, limit);
  };

  it.each([
    ['no width', () => begin(0, 1)],
    ['a width that JPEG does not have', () => begin(65_501, 1)],
    ['a format that it does not read', () => begin(8, 8, { format: 1 })],
    ['gray pixels with colour to be written', () => begin(8, 8, { format: GRAY8 })],
    ['rows that overlap', () => begin(8, 8, { pitch: 31 })],
    ['subsampling that there is not', () => begin(8, 8, { subsampling: 3 })],
  ])('traps at %s', (_what, call) => {
    expect(call).toThrow(WebAssembly.RuntimeError);
  });

  it('traps at rows that do not fit the image or the strip', () => {
    for (const rows of [0, 0xffffffff, 8, 17, 101]) {
      // A whole strip, a part of one that is no MCU row, too many.
      begin(5000, 100);
      expect(jpeg.jpeg_strip_rows()).toBe(16);
      expect(() => jpeg.jpeg_rows(rows)).toThrow(WebAssembly.RuntimeError);
    }
    begin(8, 8);
    expect(jpeg.jpeg_rows(8)).toBe(DONE);
    expect(() => jpeg.jpeg_rows(1)).toThrow(WebAssembly.RuntimeError);
  });

  it('traps at a quantisation step of 0', () => {
    const quantizers = (jpeg as unknown as { jpeg_quantizers(): number }).jpeg_quantizers();
    new Uint8Array(jpeg.memory.buffer)[quantizers + 63] = 0;
    expect(() => jpeg.jpeg_begin(8, 8, RGBA8!, 2, 0, 0, 32, ALL)).toThrow(WebAssembly.RuntimeError);
  });

  it('stays within its limit of memory, and serves again after it was over it', () => {
    const limit = 2 * 1024 * 1024;
    for (const flags of [1, 2]) {
      expect(begin(65_500, 1000, { flags, limit })).toBe(OVER_LIMIT);
      expect(jpeg.memory.buffer.byteLength).toBeLessThanOrEqual(limit);
    }
    expect(begin(8, 8)).toBe(WANT_ROWS);
    expect(jpeg.jpeg_rows(8)).toBe(DONE);
  });

  it('keeps to a strip and its tables without optimised coding', () => {
    const job = { width: 3000, height: 1000, format: RGBA8!, subsampling: 0, flags: 0 };
    encode(job, pixelsOf(job));
    expect(jpeg.memory.buffer.byteLength).toBeLessThanOrEqual(640 * 1024);
  });
});
