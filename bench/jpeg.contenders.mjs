// Who encodes JPEG, and how each is asked for the same: 4:2:0, no metadata, one thread.

import { openJsquash, openSharp, openWasmVips } from './peers.mjs';

/** @typedef {import('./photographs.mjs').Pixels} Pixels */
/** @typedef {(pixels: Pixels, quality: number) => Promise<ArrayBuffer | Uint8Array>} Encode */
/**
 * @typedef {object} JpegContender
 * @property {string} name
 * @property {string} [peer] the name of whom it is held against
 * @property {boolean} [slow] takes seconds for 16 megapixels
 * @property {boolean} [rgbaOnly] reads no RGB
 * @property {() => Promise<Encode>} open imports what it needs
 */

const bySharp = (name, options, details) => ({
  name: `sharp ${name}`,
  ...details,
  open: async () => {
    const sharpOf = await openSharp();
    return (pixels, quality) =>
      sharpOf(pixels)
        .jpeg({ quality, chromaSubsampling: '4:2:0', ...options })
        .toBuffer();
  },
});

const byJsquash = (name, options) => ({
  name: `jSquash ${name}`,
  slow: true,
  rgbaOnly: true,
  open: async () => {
    const encode = await openJsquash('jpeg', 'enc/mozjpeg_enc.wasm');
    // Left to itself it would keep all colour at high qualities.
    const chroma = { auto_subsample: false, chroma_subsample: 2 };
    return (pixels, quality) => encode(pixels, { quality, ...chroma, ...options });
  },
});

const byPixbytes = (name, options, peer, details) => ({
  name: `pixbytes ${name}`,
  peer,
  ...details,
  open: async () => {
    const { encode } = await import('../dist/index.node.js');
    return (pixels, quality) => encode(pixels, 'jpeg', { quality, chromaSubsampling: '4:2:0', ...options });
  },
});

/** @type {readonly JpegContender[]} */
export const CONTENDERS = [
  bySharp('default', {}),
  bySharp('optimizeCoding: false', { optimizeCoding: false }),
  bySharp('progressive', { progressive: true }),
  bySharp('mozjpeg', { mozjpeg: true }, { slow: true }),
  byJsquash('default', {}),
  byJsquash('baseline', { baseline: true, progressive: false, quant_table: 0 }),
  {
    name: 'wasm-vips',
    open: async () => {
      const encode = await openWasmVips();
      return async (pixels, quality) =>
        encode(pixels, '.jpg', { Q: quality, optimize_coding: true, subsample_mode: 'on', keep: 'none' });
    },
  },
  {
    // It has no other.
    name: 'jpeg-js, 4:4:4',
    slow: true,
    rgbaOnly: true,
    open: async () => {
      const { default: jpegJs } = await import('jpeg-js');
      return async (pixels, quality) => jpegJs.encode(pixels, quality).data;
    },
  },
  byPixbytes('fast', { effort: 'fast' }, 'sharp optimizeCoding: false'),
  byPixbytes('balanced', { effort: 'balanced' }, 'sharp default'),
  byPixbytes('progressive', { progressive: true }, 'sharp progressive'),
  byPixbytes('smallest', { effort: 'smallest' }, 'sharp mozjpeg', { slow: true }),
];
