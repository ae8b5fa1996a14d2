// PNG encoders behind one face: `prepare(picture)` gives a function that encodes it, or nothing where the encoder
// does not take such pictures. What prepares the pixels (RGBA for encoders that take nothing else) is not timed.

import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { encode as encodeFastPng } from 'fast-png';
import { PNG } from 'pngjs';
import UPNG from 'upng-js';
import { LAYOUTS, openJsquash, openSharp, openWasmVips } from './peers.mjs';

/** @typedef {import('./pictures.mjs').Picture} Picture */
/** @typedef {() => Uint8Array | ArrayBuffer | Promise<Uint8Array | ArrayBuffer>} Run */
/**
 * @typedef {object} Encoder
 * @property {string} name
 * @property {boolean} [lossy] whether pixels may change
 * @property {boolean} [slow] too slow for pictures of many megapixels
 * @property {(picture: Picture) => Run | undefined | Promise<Run | undefined>} prepare
 */

const require = createRequire(import.meta.url);

/** A picture for sharp. */
export const sharpOf = await openSharp();

const bySharp = (name, options, traits = {}) => ({
  name: `sharp ${name}`,
  ...traits,
  prepare: (picture) => () => sharpOf(picture).png(options).toBuffer(),
});

/** RGBA of 8 bits, in memory of its own; nothing for pictures of 16 bits. */
async function rgbaOf(picture) {
  if (LAYOUTS[picture.pixelFormat].depth === 16) return undefined;
  const data = await sharpOf(picture).toColourspace('srgb').ensureAlpha().raw().toBuffer();
  return new Uint8ClampedArray(data);
}

async function jsquash() {
  const encode = await openJsquash('png', 'pkg/squoosh_png_bg.wasm');
  return {
    name: 'jSquash',
    async prepare(picture) {
      const data = await rgbaOf(picture);
      return data && (() => encode({ ...picture, data }));
    },
  };
}

/** oxipng of one thread. It takes pixels of RGBA; of 16 bits a file, quickly made. */
async function oxipng(levels) {
  const { default: init, ...codec } = await import('@jsquash/oxipng/codec/pkg/squoosh_oxipng.js');
  await init(await readFile(require.resolve('@jsquash/oxipng/codec/pkg/squoosh_oxipng_bg.wasm')));
  return levels.map((level) => ({
    name: `oxipng ${level}`,
    slow: true,
    async prepare(picture) {
      const { width, height } = picture;
      const rgba = await rgbaOf(picture);
      if (rgba) return () => codec.optimise_raw(rgba, width, height, level, false, false);
      const file = await sharpOf(picture).png({ compressionLevel: 1 }).toBuffer();
      return () => codec.optimise(file, level, false, false);
    },
  }));
}

async function wasmVips() {
  const encode = await openWasmVips();
  return {
    name: 'wasm-vips 6',
    prepare: (picture) => () => encode(picture, '.png', { compression: 6 }),
  };
}

const fastPng = {
  name: 'fast-png',
  slow: true,
  prepare: ({ data, width, height, pixelFormat }) => {
    const image = { data, width, height, ...LAYOUTS[pixelFormat] };
    return () => encodeFastPng(image);
  },
};

/** PNG colour types of pixel formats. */
const COLOUR_TYPES = { gray8: 0, rgb8: 2, rgba8: 6, rgb16: 2 };

const pngjs = {
  name: 'pngjs',
  slow: true,
  prepare: ({ data, width, height, pixelFormat }) => {
    const colorType = COLOUR_TYPES[pixelFormat];
    const { channels, depth } = LAYOUTS[pixelFormat];
    const options = { colorType, inputColorType: colorType, inputHasAlpha: channels === 4, bitDepth: depth };
    return () => PNG.sync.write({ data, width, height }, options);
  },
};

const upng = {
  name: 'UPNG',
  slow: true,
  async prepare(picture) {
    const rgba = await rgbaOf(picture);
    return rgba && (() => UPNG.encode([rgba.buffer], picture.width, picture.height, 0));
  },
};

const EFFORTS = /** @type {const} */ (['fast', 'balanced', 'smallest']);

/**
 * All contenders.
 *
 * @param {string | URL} dist where `index.node.js` is
 * @returns {Promise<Encoder[]>} some with threads that keep the process alive
 */
export async function loadEncoders(dist) {
  const { encode } = await import(new URL('index.node.js', dist).href);
  return [
    bySharp('6', { compressionLevel: 6 }),
    bySharp('1', { compressionLevel: 1 }),
    bySharp('9', { compressionLevel: 9 }),
    bySharp('adaptive', { compressionLevel: 6, adaptiveFiltering: true }),
    bySharp('palette', { palette: true }, { lossy: true, slow: true }),
    ...EFFORTS.map((effort) => ({
      name: `pixbytes ${effort}`,
      slow: effort === 'smallest',
      prepare: ({ data, width, height, pixelFormat }) => {
        const image = { data, width, height, pixelFormat };
        return () => encode(image, 'png', { effort });
      },
    })),
    await jsquash(),
    ...(await oxipng([2, 4])),
    await wasmVips(),
    fastPng,
    pngjs,
    upng,
  ];
}
