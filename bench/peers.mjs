// The codecs that pixbytes is measured against, set up to run in one thread unless told otherwise. Each is imported by the call that
// opens it, so that a process can time that as well.

import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

/** @typedef {import('./photographs.mjs').Pixels} Pixels */

const require = createRequire(import.meta.url);

/** Samples a pixel and bits a sample. */
export const LAYOUTS = {
  gray8: { channels: 1, depth: 8 },
  graya8: { channels: 2, depth: 8 },
  rgb8: { channels: 3, depth: 8 },
  rgba8: { channels: 4, depth: 8 },
  rgb16: { channels: 3, depth: 16 },
};

/**
 * Native sharp.
 *
 * @param {number} [concurrency] threads that may work on one image
 * @returns {Promise<(pixels: Pixels) => import('sharp').Sharp>}
 */
export async function openSharp(concurrency = 1) {
  const { default: sharp } = await import('sharp');
  sharp.concurrency(concurrency);
  sharp.cache(false);
  return ({ data, width, height, pixelFormat }) => {
    const { channels, depth } = LAYOUTS[pixelFormat];
    const image = sharp(data, { raw: { width, height, channels } });
    return depth === 16 ? image.toColourspace('rgb16') : image;
  };
}

/**
 * An encoder of jSquash as published, given its module by hand: no other way works in Node. It sets a global ImageData.
 *
 * @param {string} name of the package
 * @param {string} wasm the module in its folder `codec`
 * @returns {Promise<(pixels: Pixels, options?: object) => Promise<ArrayBuffer>>} for RGBA
 */
export async function openJsquash(name, wasm) {
  const module = await WebAssembly.compile(await readFile(require.resolve(`@jsquash/${name}/codec/${wasm}`)));
  const { default: encode, init } = await import(`@jsquash/${name}/encode.js`);
  await init(module);
  return ({ data, width, height }, options) =>
    encode(
      { data: new Uint8ClampedArray(data.buffer, data.byteOffset, data.length), width, height },
      options,
    );
}

/**
 * libvips as WebAssembly. Its workers keep the process alive: end it by `process.exit()`.
 *
 * @returns {Promise<(pixels: Pixels, suffix: string, options?: object) => Uint8Array>}
 */
export async function openWasmVips() {
  const { default: startVips } = await import('wasm-vips');
  const vips = await startVips({ dynamicLibraries: [] });
  vips.concurrency(1);
  vips.Cache.max(0);
  return ({ data, width, height, pixelFormat }, suffix, options) => {
    const { channels, depth } = LAYOUTS[pixelFormat];
    const bits = depth === 16 ? 'ushort' : 'uchar';
    const samples = vips.Image.newFromMemory(data, width, height, channels, bits);
    const image = samples.copy({ interpretation: channels < 3 ? 'b-w' : depth === 16 ? 'rgb16' : 'srgb' });
    try {
      return image.writeToBuffer(suffix, options);
    } finally {
      image.delete();
      samples.delete();
    }
  };
}

/** The versions of packages that the project pins, on one line. */
export async function describeVersions(...names) {
  const { devDependencies } = JSON.parse(await readFile(new URL('../package.json', import.meta.url), 'utf8'));
  return names.map((name) => `${name} ${devDependencies[name]}`).join(', ');
}
