import type { WasmSources } from '../platform.js';

export const webp: WasmSources = {
  vp8l: () => import('wasm-module:vp8l').then((file) => file.default),
  vp8: () => import('wasm-module:vp8').then((file) => file.default),
  'libwebp-dec': () => import('wasm-module:libwebp-dec').then((file) => file.default),
};
