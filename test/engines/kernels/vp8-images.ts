import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compileWasm } from '../../setup/wasm.js';

/** The module itself, past its host: two of its flags are for tests alone. */
export interface Vp8Module {
  readonly memory: WebAssembly.Memory;
  vp8_begin(...numbers: number[]): number;
  vp8_input(): number;
  vp8_strip_rows(): number;
  vp8_rows(rows: number): number;
  vp8_output(): number;
  vp8_output_bytes(): number;
  vp8_shown(): number;
}

export const SCALAR = 1;
export const RECONSTRUCT = 2;
export const SHARP = 8;
const DONE = 2;
const ALL_MEMORY = 0xffffffff;

export async function instantiate(): Promise<Vp8Module> {
  return (await WebAssembly.instantiate(await compileWasm('vp8'))).exports as unknown as Vp8Module;
}

export interface Job {
  width: number;
  height: number;
  /** `PIXEL_LAYOUTS[format].id`. */
  format: number;
  quality: number;
  effort: number;
}

/** Bytes a pixel by format. */
export const PIXEL_BYTES = [1, 2, 3, 4, 3, 4, 4, 4, 4];

/** The payload; `pixels` without padding. */
export function encodeIn(vp8: Vp8Module, job: Job, pixels: Uint8Array, flags = 0): Buffer {
  const { width, height, format, quality, effort } = job;
  const row = width * PIXEL_BYTES[format]!;
  let wish = vp8.vp8_begin(width, height, format, quality * 100, effort, flags, 0, row, ALL_MEMORY);
  const strip = vp8.vp8_strip_rows();
  for (let y = 0; y < height; y += strip) {
    const rows = Math.min(strip, height - y);
    new Uint8Array(vp8.memory.buffer).set(pixels.subarray(y * row, (y + rows) * row), vp8.vp8_input());
    wish = vp8.vp8_rows(rows);
  }
  if (wish !== DONE) throw new Error(`answered ${wish}`);
  const at = vp8.vp8_output();
  return Buffer.from(new Uint8Array(vp8.memory.buffer).slice(at, at + vp8.vp8_output_bytes()));
}

/** A WebP file of nothing but the payload. */
export function wrap(payload: Uint8Array): Buffer {
  const padding = payload.length & 1;
  const file = Buffer.alloc(20 + payload.length + padding);
  file.write('RIFF');
  file.writeUInt32LE(file.length - 8, 4);
  file.write('WEBPVP8 ', 8);
  file.writeUInt32LE(payload.length, 16);
  file.set(payload, 20);
  return file;
}

export interface Yuv {
  luma: Uint8Array;
  cb: Uint8Array;
  cr: Uint8Array;
}

/** What the kernel says that a decoder will have, after `encodeIn` with RECONSTRUCT; cut to the image. */
export function shownBy(vp8: Vp8Module, width: number, height: number): Yuv {
  const pitch = (width + 15) & ~15;
  const rows = (height + 15) & ~15;
  const plane = (at: number, from: number, columns: number, count: number) => {
    const out = new Uint8Array(columns * count);
    for (let y = 0; y < count; y++) {
      out.set(new Uint8Array(vp8.memory.buffer, at + y * from, columns), y * columns);
    }
    return out;
  };
  const at = vp8.vp8_shown();
  const chromaAt = at + pitch * rows;
  const [across, down] = [(width + 1) >> 1, (height + 1) >> 1];
  return {
    luma: plane(at, pitch, width, height),
    cb: plane(chromaAt, pitch / 2, across, down),
    cr: plane(chromaAt + (pitch * rows) / 4, pitch / 2, across, down),
  };
}

/**
 * RGB of YUV as libwebp makes it: chroma is brought to full resolution by weights of 9, 3, 3 and 1, rounded as libwebp's two averages
 * of averages are, and BT.601 is in its fixed point.
 */
export function rgbOfYuv({ luma, cb, cr }: Yuv, width: number, height: number): Uint8Array {
  const [across, down] = [(width + 1) >> 1, (height + 1) >> 1];
  const rgb = new Uint8Array(width * height * 3);
  const clip = (v: number) => Math.min(Math.max(v >> 6, 0), 255);
  const high = (v: number, weight: number) => (v * weight) >> 8;
  const chroma = (plane: Uint8Array, x: number, y: number) => {
    const near = x >> 1;
    const row = y >> 1;
    const far = Math.min(Math.max(near + (x & 1 ? 1 : -1), 0), across - 1);
    const other = Math.min(Math.max(row + (y & 1 ? 1 : -1), 0), down - 1);
    const a = plane[row * across + near]!;
    const b = plane[row * across + far]!;
    const c = plane[other * across + near]!;
    const d = plane[other * across + far]!;
    // At the left edge, and at the right one of an even width, there is one column alone.
    if (far === near) return (3 * a + c + 2) >> 2;
    const diagonal = (a + b + c + d + 8 + 2 * (b + c)) >> 3;
    return (diagonal + a) >> 1;
  };
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const l = high(luma[y * width + x]!, 19077);
      const u = chroma(cb, x, y);
      const v = chroma(cr, x, y);
      const at = (y * width + x) * 3;
      rgb[at] = clip(l + high(v, 26149) - 14234);
      rgb[at + 1] = clip(l - high(u, 6419) - high(v, 13320) + 8708);
      rgb[at + 2] = clip(l + high(u, 33050) - 17685);
    }
  }
  return rgb;
}

/** libwebp's own program, where there is one. */
export const HAS_DWEBP = spawnSync('dwebp', ['-version']).status === 0;

/** The planes that it decodes. */
export function decodeByDwebp(file: Uint8Array): Buffer {
  const folder = mkdtempSync(join(tmpdir(), 'pixbytes-vp8-'));
  try {
    const path = join(folder, 'a.webp');
    writeFileSync(path, file);
    const options = { maxBuffer: 1 << 29 };
    const { stdout, stderr, status } = spawnSync('dwebp', ['-quiet', '-yuv', path, '-o', '-'], options);
    if (status !== 0) throw new Error(`dwebp: ${stderr}`);
    return stdout;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

let state = 1;
/** 32 bits, the same ones in each run (xorshift32). */
export function random(): number {
  state ^= state << 13;
  state ^= state >>> 17;
  state ^= state << 5;
  return state >>> 0;
}

/** Noise, black and white, a slope with some noise, a checker, or one colour. */
export function pixelsOf(bytes: number, row: number, kind: number): Uint8Array {
  const flat = random() & 255;
  return Uint8Array.from({ length: bytes }, (_, i) => {
    const value = random();
    if (kind === 0) return value >>> 24;
    if (kind === 1) return (value & 1) * 255;
    if (kind === 2) return i / 5 + (value & 3);
    if (kind === 3) return ((i >> 2) ^ Math.floor(i / row)) & 1 ? 255 : 0;
    return flat;
  });
}
