// The WebAssembly modules that the package ships, by the names of `WasmName` in src/platform/platform.ts.
import { KERNELS } from './kernels.mjs';

/**
 * Our names for the modules of jSquash, where they are, the exports that nothing calls (what only these need is left out), and the
 * pages of 64 kB that the memory begins with, where the published 256 are more than what lies in it from the start: it grows.
 *
 * @type {Record<string, { file: string, without?: string[], pages?: number }>}
 */
export const JSQUASH = {
  'jsquash-png': { file: '@jsquash/png/codec/pkg/squoosh_png_bg.wasm', without: ['encode'] },
  'mozjpeg-enc': { file: '@jsquash/jpeg/codec/enc/mozjpeg_enc.wasm' },
  'mozjpeg-dec': { file: '@jsquash/jpeg/codec/dec/mozjpeg_dec.wasm' },
  // Wiped between calls. Its data and its stack end at 78,832.
  'libwebp-dec': { file: '@jsquash/webp/codec/dec/webp_dec.wasm', pages: 2 },
};

/** Every name. */
export const WASM_NAMES = [...Object.keys(KERNELS), ...Object.keys(JSQUASH)];
