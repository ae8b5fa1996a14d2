import { beforeAll, describe, expect, it } from 'vitest';
import { JPEG_KERNEL_FORMATS } from '../../../src/engines/kernels/jpeg.js';
import { PIXEL_LAYOUTS, rowBytes } from '../../../src/pixel-format.js';
import { compileWasm } from '../../setup/wasm.js';
import { noise } from './jpeg-images.js';

// The module itself, past its host: `SCALAR` is a flag for tests alone. The C tests compare the routines natively,
// where vector operations are plain C; here are the instructions.

const OPTIMIZE = 1;
const PROGRESSIVE = 2;
const GRAY = 4;
const SCALAR = 8;
const WANT_DRAIN = 1;
const DONE = 2;

interface Kernel {
  readonly memory: WebAssembly.Memory;
  jpeg_quality(quality: number): void;
  jpeg_background(color: number): void;
  jpeg_begin(...numbers: number[]): number;
  jpeg_input(): number;
  jpeg_strip_rows(): number;
  jpeg_rows(rows: number): number;
  jpeg_resume(): number;
  jpeg_output(): number;
  jpeg_output_bytes(): number;
}

let kernel: Kernel;

beforeAll(async () => {
  kernel = (await WebAssembly.instantiate(await compileWasm('jpeg'))).exports as unknown as Kernel;
});

interface Job {
  width: number;
  height: number;
  pixelFormat: (typeof JPEG_KERNEL_FORMATS)[number];
  subsampling: number;
  flags: number;
  quality: number;
  pixels: Uint8Array;
}

function encode({ width, height, pixelFormat, subsampling, flags, quality, pixels }: Job): Buffer {
  const row = rowBytes(pixelFormat, width);
  kernel.jpeg_quality(quality);
  kernel.jpeg_background(0x30b40a);
  const { id } = PIXEL_LAYOUTS[pixelFormat];
  kernel.jpeg_begin(width, height, id, subsampling, flags, 0, row, 0xffffffff);
  const parts: Uint8Array[] = [];
  const drain = () => {
    const at = kernel.jpeg_output();
    parts.push(new Uint8Array(kernel.memory.buffer).slice(at, at + kernel.jpeg_output_bytes()));
  };
  let wish = 0;
  for (let y = 0; y < height; y += kernel.jpeg_strip_rows()) {
    const rows = Math.min(kernel.jpeg_strip_rows(), height - y);
    new Uint8Array(kernel.memory.buffer).set(pixels.subarray(y * row, (y + rows) * row), kernel.jpeg_input());
    for (wish = kernel.jpeg_rows(rows); wish === WANT_DRAIN; wish = kernel.jpeg_resume()) drain();
  }
  expect(wish).toBe(DONE);
  drain();
  return Buffer.concat(parts);
}

/** Noise, or what is smooth with edges; opaque in half of the images. */
function pixelsOf(bytes: number, channels: number, seed: number): Uint8Array {
  const pixels = noise(bytes, seed);
  for (let i = 0; i < bytes; i++) {
    if (seed & 1) pixels[i] = (i >> 2) + ((pixels[i] as number) >> 5) + ((i >> 9) & 1 ? 120 : 0);
    if (seed & 2 && channels === 4 && (i & 3) % 3 === 0) pixels[i] = 255;
  }
  return pixels;
}

describe.each(JPEG_KERNEL_FORMATS)('SIMD is what the scalar routines say, %s', (pixelFormat) => {
  const gray = pixelFormat === 'gray8';
  const codings = { fast: 0, balanced: OPTIMIZE, progressive: OPTIMIZE | PROGRESSIVE };

  it.each(Object.entries(codings))('%s', (_, coding) => {
    let seed = 1;
    for (const [width, height] of [
      [1, 1],
      [7, 17],
      [16, 16],
      [33, 31],
      [67, 50],
      [203, 96],
    ] as const) {
      for (const subsampling of [0, 1, 2]) {
        for (const flag of gray ? [GRAY] : [0, GRAY]) {
          for (const quality of [3, 50, 80, 100]) {
            const pixels = pixelsOf(rowBytes(pixelFormat, width) * height, rowBytes(pixelFormat, 1), seed++);
            const job = { width, height, pixelFormat, subsampling, flags: coding | flag, quality, pixels };
            const scalar = encode({ ...job, flags: job.flags | SCALAR });
            expect(scalar.length).toBeGreaterThan(100);
            expect(encode(job).equals(scalar), JSON.stringify({ ...job, pixels: seed - 1 })).toBe(true);
          }
        }
      }
    }
  });
});
