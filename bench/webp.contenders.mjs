// Who encodes WebP, and how each is asked for the same: no metadata, one thread, colours under full transparency free to change.

import { openJsquash, openSharp, openWasmVips } from './peers.mjs';

/** @typedef {import('./photographs.mjs').Pixels} Pixels */
/** @typedef {(pixels: Pixels, quality: number) => Promise<ArrayBuffer | Uint8Array>} Encode lossless ones leave the quality alone */
/**
 * @typedef {object} WebpContender
 * @property {string} name
 * @property {string} [peer] the name of whom it is held against
 * @property {boolean} [rgbaOnly] reads no RGB
 * @property {() => Promise<Encode>} open imports what it needs
 */

const bySharp = (name, options) => ({
  name: `sharp ${name}`,
  open: async () => {
    const sharpOf = await openSharp();
    return (pixels, quality) =>
      sharpOf(pixels)
        .webp({ ...(options.lossless ? {} : { quality }), ...options })
        .toBuffer();
  },
});

const byJsquash = (name, options) => ({
  name: `jSquash ${name}`,
  rgbaOnly: true,
  open: async () => {
    const encode = await openJsquash('webp', 'enc/webp_enc_simd.wasm');
    return (pixels, quality) => encode(pixels, { quality, ...options });
  },
});

const byWasmVips = (name, options) => ({
  name: `wasm-vips ${name}`,
  open: async () => {
    const encode = await openWasmVips();
    return async (pixels, quality) => encode(pixels, '.webp', { Q: quality, keep: 'none', ...options });
  },
});

const byPixbytes = (name, peer, options) => ({
  name: `pixbytes ${name}`,
  peer: `sharp ${peer}`,
  open: async () => {
    const { encode } = await import('../dist/index.node.js');
    return (pixels, quality) =>
      encode(pixels, 'webp', { ...(options.lossless ? {} : { quality }), ...options });
  },
});

/** @type {readonly WebpContender[]} */
export const LOSSY = [
  bySharp('0', { effort: 0 }),
  bySharp('2', { effort: 2 }),
  bySharp('4', { effort: 4 }),
  bySharp('6', { effort: 6 }),
  byJsquash('0', { method: 0 }),
  byJsquash('4', { method: 4 }),
  byWasmVips('4', { effort: 4 }),
  byPixbytes('fast', '0', { effort: 'fast' }),
  byPixbytes('balanced', '4', { effort: 'balanced' }),
  byPixbytes('smallest', '6', { effort: 'smallest' }),
];

// Lossless, libwebp's quality is a second scale of effort. Where it is not said it is 75, or 80 of sharp.
/** @type {readonly WebpContender[]} */
export const LOSSLESS = [
  bySharp('lossless 0', { lossless: true, effort: 0, quality: 1 }),
  bySharp('lossless 4', { lossless: true, effort: 4 }),
  bySharp('lossless 6', { lossless: true, effort: 6 }),
  byJsquash('lossless 0', { lossless: 1, method: 0, quality: 0 }),
  byJsquash('lossless 4', { lossless: 1, method: 4, quality: 75 }),
  byWasmVips('lossless 4', { lossless: true, effort: 4, Q: 75 }),
  byPixbytes('lossless fast', 'lossless 0', { lossless: true, effort: 'fast' }),
  byPixbytes('lossless balanced', 'lossless 4', { lossless: true, effort: 'balanced' }),
  byPixbytes('lossless smallest', 'lossless 6', { lossless: true, effort: 'smallest' }),
];

export const CONTENDERS = [...LOSSY, ...LOSSLESS];
