// The WebAssembly modules that the package ships, by the names of `WasmName` in src/platform/platform.ts.
import { KERNELS } from './kernels.mjs';

/** Our names for the modules of jSquash, and where they are. */
export const JSQUASH = {
  'jsquash-png': '@jsquash/png/codec/pkg/squoosh_png_bg.wasm',
  'mozjpeg-enc': '@jsquash/jpeg/codec/enc/mozjpeg_enc.wasm',
  'mozjpeg-dec': '@jsquash/jpeg/codec/dec/mozjpeg_dec.wasm',
  'libwebp-enc': '@jsquash/webp/codec/enc/webp_enc_simd.wasm',
  'libwebp-dec': '@jsquash/webp/codec/dec/webp_dec.wasm',
};

/** Every name. */
export const WASM_NAMES = [...Object.keys(KERNELS), ...Object.keys(JSQUASH)];
