// Conversions of 2 megapixels: the kernel with its copies in and out, the copies alone, the kernel's scalar
// routines, and a plain loop in JavaScript. Run by `node bench/pixels.bench.mjs`, after the WASM build.
// Arguments choose conversions by a part of their name.

import { readFile } from 'node:fs/promises';
import { describeMachine, formatTimings, takeTurns } from './turns.mjs';

const WIDTH = 1920;
const HEIGHT = 1080;
const PIXELS = WIDTH * HEIGHT;

/** By id, as in src/pixel-format.ts. */
const FORMATS = {
  gray8: { id: 0, bits: 8 },
  graya8: { id: 1, bits: 16 },
  rgb8: { id: 2, bits: 24 },
  rgba8: { id: 3, bits: 32 },
  bgr8: { id: 4, bits: 24 },
  bgra8: { id: 5, bits: 32 },
  gray16: { id: 9, bits: 16 },
  rgb16: { id: 11, bits: 48 },
  rgba16: { id: 12, bits: 64 },
  gray1: { id: 13, bits: 1 },
  indexed8: { id: 14, bits: 8 },
};
const FLAGS = { sourcePremultiplied: 1, targetPremultiplied: 2, scalar: 4 };

const file = new URL('../build/wasm/pixels.wasm', import.meta.url);
const { instance } = await WebAssembly.instantiate(await readFile(file));
const kernel = instance.exports;
const capacity = kernel.pixels_strip_bytes();
const view = (address, length) => new Uint8Array(kernel.memory.buffer, address, length);
const input = view(kernel.pixels_input(), capacity);
const output = view(kernel.pixels_output(), capacity);
const palette = view(kernel.pixels_palette(), 1024);

/** Strips of adjacent pixels, as src/engines/kernels/pixels.ts hands them over. */
function convert(from, to, bytes, flags, call = kernel.pixels_convert) {
  const out = new Uint8Array((PIXELS * to.bits) / 8);
  kernel.pixels_begin(from.id, to.id, flags, 0xffffff);
  const columns = Math.floor(capacity / Math.max(from.bits, to.bits)) * 8;
  for (let x = 0; x < PIXELS; x += columns) {
    const width = Math.min(columns, PIXELS - x);
    input.set(bytes.subarray((x * from.bits) / 8, ((x + width) * from.bits) / 8));
    call(width, 1, 0);
    out.set(output.subarray(0, (width * to.bits) / 8), (x * to.bits) / 8);
  }
  return out;
}

const sum = (a) => (r, g, b) => (r * a[0] + g * a[1] + b * a[2] + 0x8000) >>> 16;
const luma = sum([19595, 38470, 7471]);

/** What a program without the kernel would write; 8 bits, indices hoisted, no closures in the loop. */
const loops = {
  'bgra8 to rgba8': (bytes) => {
    const out = new Uint8Array(PIXELS * 4);
    for (let i = 0; i < out.length; i += 4) {
      out[i] = bytes[i + 2];
      out[i + 1] = bytes[i + 1];
      out[i + 2] = bytes[i];
      out[i + 3] = bytes[i + 3];
    }
    return out;
  },
  'rgba8 to rgb8, half transparent': (bytes) => {
    const out = new Uint8Array(PIXELS * 3);
    for (let i = 0, o = 0; o < out.length; i += 4, o += 3) {
      const a = bytes[i + 3];
      const behind = 255 * (255 - a) + 127;
      out[o] = (bytes[i] * a + behind) / 255;
      out[o + 1] = (bytes[i + 1] * a + behind) / 255;
      out[o + 2] = (bytes[i + 2] * a + behind) / 255;
    }
    return out;
  },
  'rgb8 to rgba8': (bytes) => {
    const out = new Uint8Array(PIXELS * 4);
    for (let i = 0, o = 0; o < out.length; i += 3, o += 4) {
      out[o] = bytes[i];
      out[o + 1] = bytes[i + 1];
      out[o + 2] = bytes[i + 2];
      out[o + 3] = 255;
    }
    return out;
  },
  'gray8 to rgba8': (bytes) => {
    const out = new Uint8Array(PIXELS * 4);
    for (let i = 0, o = 0; o < out.length; i++, o += 4) {
      out[o] = bytes[i];
      out[o + 1] = bytes[i];
      out[o + 2] = bytes[i];
      out[o + 3] = 255;
    }
    return out;
  },
  'rgb8 to gray8': (bytes) => {
    const out = new Uint8Array(PIXELS);
    for (let i = 0, o = 0; o < out.length; i += 3, o++) out[o] = luma(bytes[i], bytes[i + 1], bytes[i + 2]);
    return out;
  },
  'rgba8 to premultiplied': (bytes) => {
    const out = new Uint8Array(PIXELS * 4);
    for (let i = 0; i < out.length; i += 4) {
      const a = bytes[i + 3];
      out[i] = (bytes[i] * a + 127) / 255;
      out[i + 1] = (bytes[i + 1] * a + 127) / 255;
      out[i + 2] = (bytes[i + 2] * a + 127) / 255;
      out[i + 3] = a;
    }
    return out;
  },
  'premultiplied to rgba8': (bytes) => {
    const out = new Uint8Array(PIXELS * 4);
    for (let i = 0; i < out.length; i += 4) {
      const a = bytes[i + 3];
      const half = a >> 1;
      if (a > 0) {
        out[i] = Math.min(255, (bytes[i] * 255 + half) / a);
        out[i + 1] = Math.min(255, (bytes[i + 1] * 255 + half) / a);
        out[i + 2] = Math.min(255, (bytes[i + 2] * 255 + half) / a);
      }
      out[i + 3] = a;
    }
    return out;
  },
  'rgb16 to rgb8': (bytes) => {
    const samples = new Uint16Array(bytes.buffer);
    const out = new Uint8Array(PIXELS * 3);
    for (let i = 0; i < out.length; i++) out[i] = (samples[i] * 255 + 32767) / 65535;
    return out;
  },
  'rgb8 to rgb16': (bytes) => {
    const out = new Uint16Array(PIXELS * 3);
    for (let i = 0; i < out.length; i++) out[i] = bytes[i] * 257;
    return new Uint8Array(out.buffer);
  },
  'indexed8 to rgba8': (bytes) => {
    const out = new Uint32Array(PIXELS);
    const entries = new Uint32Array(palette.slice().buffer);
    for (let i = 0; i < out.length; i++) out[i] = entries[bytes[i]];
    return new Uint8Array(out.buffer);
  },
  'gray1 to gray8': (bytes) => {
    const out = new Uint8Array(PIXELS);
    for (let i = 0; i < out.length; i++) out[i] = (bytes[i >> 3] >> (7 - (i & 7))) & 1 ? 255 : 0;
    return out;
  },
};

const conversions = [
  { name: 'bgra8 to rgba8', from: 'bgra8', to: 'rgba8' },
  { name: 'rgba8 to rgb8, opaque', from: 'rgba8', to: 'rgb8', opaque: true },
  { name: 'rgba8 to rgb8, half transparent', from: 'rgba8', to: 'rgb8' },
  { name: 'rgb8 to rgba8', from: 'rgb8', to: 'rgba8' },
  { name: 'gray8 to rgba8', from: 'gray8', to: 'rgba8' },
  { name: 'rgb8 to gray8', from: 'rgb8', to: 'gray8' },
  { name: 'rgba8 to premultiplied', from: 'rgba8', to: 'rgba8', flags: FLAGS.targetPremultiplied },
  { name: 'premultiplied to rgba8', from: 'rgba8', to: 'rgba8', flags: FLAGS.sourcePremultiplied },
  { name: 'rgb16 to rgb8', from: 'rgb16', to: 'rgb8' },
  { name: 'rgb8 to rgb16', from: 'rgb8', to: 'rgb16' },
  { name: 'rgba16 to rgb16, opaque', from: 'rgba16', to: 'rgb16', opaque: true },
  { name: 'rgba16 to gray8, half transparent', from: 'rgba16', to: 'gray8' },
  { name: 'premultiplied to rgba16', from: 'rgba16', to: 'rgba16', flags: FLAGS.sourcePremultiplied },
  { name: 'indexed8 to rgba8', from: 'indexed8', to: 'rgba8' },
  { name: 'gray1 to gray8', from: 'gray1', to: 'gray8' },
];

function noise(length, opaqueBits = 0) {
  const bytes = new Uint8Array(length);
  for (let i = 0; i < length; i++) bytes[i] = Math.imul(i, 2654435761) >>> 24;
  if (opaqueBits === 32) for (let i = 3; i < length; i += 4) bytes[i] = 255;
  if (opaqueBits === 64) for (let i = 6; i < length; i += 8) bytes.fill(255, i, i + 2);
  return bytes;
}

process.stdout.write(`${describeMachine()}\n${WIDTH}x${HEIGHT}, ms, ratios to the kernel\n\n`);
palette.set(noise(1024).map((value, i) => (i % 4 === 3 ? 255 : value)));
for (const { name, from, to, flags = 0, opaque = false } of conversions) {
  if (process.argv.length > 2 && !process.argv.slice(2).some((part) => name.includes(part))) continue;
  const source = FORMATS[from];
  const target = FORMATS[to];
  const bytes = noise((PIXELS * source.bits) / 8, opaque ? source.bits : 0);
  const expected = convert(source, target, bytes, flags | FLAGS.scalar);
  const check = (out) => Buffer.compare(out, expected) === 0;
  const contenders = [
    { name: 'kernel', run: () => convert(source, target, bytes, flags), check },
    { name: 'copies alone', run: () => convert(source, target, bytes, flags, () => {}) },
    { name: 'kernel, scalar', run: () => convert(source, target, bytes, flags | FLAGS.scalar), check },
  ];
  const loop = loops[name.replace(', opaque', ', half transparent')];
  if (loop) contenders.push({ name: 'JavaScript', run: () => loop(bytes), check });
  process.stdout.write(`${formatTimings(name, await takeTurns(contenders))}\n`);
}
