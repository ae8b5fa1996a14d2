import { beforeAll, describe, expect, it } from 'vitest';
import { PIXEL_FORMATS, PIXEL_LAYOUTS, type PixelFormat, rowBytes } from '../../src/pixel-format.js';
import { compileWasm } from '../setup/wasm.js';

/** The exports that these tests use; `wasm/pixels/pixels.c` describes them. */
interface Pixels {
  memory: WebAssembly.Memory;
  pixels_input(): number;
  pixels_output(): number;
  pixels_palette(): number;
  pixels_strip_bytes(): number;
  pixels_begin(source: number, target: number, flags: number, background: number): number;
  pixels_convert(width: number, rows: number, pitch: number): void;
  pixels_inspect(question: number, scalar: number, width: number, rows: number, pitch: number): number;
}

const SCALAR = 4;

let pixels: Pixels;
let input: Uint8Array;
let output: Uint8Array;
beforeAll(async () => {
  const instance = await WebAssembly.instantiate(await compileWasm('pixels'));
  pixels = instance.exports as unknown as Pixels;
  const { buffer } = pixels.memory;
  input = new Uint8Array(buffer, pixels.pixels_input(), pixels.pixels_strip_bytes());
  output = new Uint8Array(buffer, pixels.pixels_output(), pixels.pixels_strip_bytes());
  const palette = new Uint8Array(buffer, pixels.pixels_palette(), 1024);
  for (let i = 0; i < palette.length; i++) palette[i] = random();
});

let state = 1;
/** A byte, the same ones in each run (xorshift32); every fourth is 0 or 255. */
function random(): number {
  state ^= state << 13;
  state ^= state >>> 17;
  state ^= state << 5;
  const kind = (state >>> 8) & 7;
  return kind === 0 ? 0 : kind === 1 ? 255 : state >>> 24;
}

/**
 * The strip at `input` as the SIMD or the scalar routines convert it, with one byte more than was to be
 * written.
 */
function convert(source: PixelFormat, target: PixelFormat, flags: number, width: number): Buffer {
  const length = rowBytes(target, width);
  output.fill(flags & SCALAR ? 0x5a : 0xa5, 0, length);
  output[length] = 0x77;
  pixels.pixels_begin(PIXEL_LAYOUTS[source].id, PIXEL_LAYOUTS[target].id, flags, 0xfb800a);
  pixels.pixels_convert(width, 1, rowBytes(source, width));
  return Buffer.from(output.slice(0, length + 1));
}

describe('SIMD equals scalar', () => {
  describe.each(PIXEL_FORMATS)('from %s', (source) => {
    const targets = PIXEL_FORMATS.filter((target) => target !== 'indexed8' || source === 'indexed8');
    it.each(targets)('to %s, 0 to 200 pixels', (target) => {
      for (let flags = 0; flags < SCALAR; flags++) {
        for (let width = 0; width <= 200; width++) {
          for (let i = rowBytes(source, width) - 1; i >= 0; i--) input[i] = random();
          const simd = convert(source, target, flags, width);
          const scalar = convert(source, target, flags | SCALAR, width);
          if (simd.compare(scalar) !== 0 || simd.at(-1) !== 0x77)
            expect.fail(`${width} pixels, flags ${flags}: ${simd.toString('hex')} ${scalar.toString('hex')}`);
        }
      }
    });
  });

  it.each(PIXEL_FORMATS)('in whether %s is opaque or gray', (source) => {
    const rgba = PIXEL_LAYOUTS[PIXEL_LAYOUTS[source].sampleBits === 16 ? 'rgba16' : 'rgba8'].id;
    for (let width = 0; width <= 70; width++) {
      const length = rowBytes(source, width);
      for (let at = 0; at <= length; at++) {
        input.fill(255, 0, length);
        if (at < length) input[at] = 254;
        for (const question of [0, 1]) {
          pixels.pixels_begin(PIXEL_LAYOUTS[source].id, rgba, 0, 0);
          const simd = pixels.pixels_inspect(question, 0, width, 1, 0);
          pixels.pixels_begin(PIXEL_LAYOUTS[source].id, rgba, SCALAR, 0);
          const scalar = pixels.pixels_inspect(question, 1, width, 1, 0);
          if (simd !== scalar) expect.fail(`question ${question}, ${width} pixels, byte ${at}`);
        }
      }
    }
  });
});

describe('the module', () => {
  it('has a memory that cannot grow', () => {
    expect(() => pixels.memory.grow(1)).toThrow(RangeError);
  });

  it('traps before it reads or writes beyond a strip', () => {
    const { gray8, rgba16 } = PIXEL_LAYOUTS;
    const strip = pixels.pixels_strip_bytes();
    pixels.pixels_begin(gray8.id, rgba16.id, 0, 0);
    pixels.pixels_convert(strip / 8, 1, 0);
    expect(() => pixels.pixels_convert(strip / 8 + 1, 1, 0)).toThrow(WebAssembly.RuntimeError);
    expect(() => pixels.pixels_convert(1, 0xffffffff, 0xffffffff)).toThrow(WebAssembly.RuntimeError);
    expect(() => pixels.pixels_convert(0xffffffff, 0xffffffff, 0xffffffff)).toThrow(WebAssembly.RuntimeError);
    pixels.pixels_begin(rgba16.id, gray8.id, 0, 0);
    expect(() => pixels.pixels_convert(strip / 8 + 1, 1, 0)).toThrow(WebAssembly.RuntimeError);
    expect(() => pixels.pixels_convert(1, 2, strip)).toThrow(WebAssembly.RuntimeError);
  });

  it('knows no format beyond those that exist', () => {
    const count = PIXEL_FORMATS.length;
    expect(pixels.pixels_begin(count, 0, 0, 0)).toBe(-1);
    expect(pixels.pixels_begin(0, count, 0, 0)).toBe(-1);
  });
});
