import type { WasmSources } from '../platform.js';

export const webp: WasmSources = {
  vp8l: () => import('wasm-file:vp8l').then((file) => file.default),
  vp8: () => import('wasm-file:vp8').then((file) => file.default),
  'libwebp-dec': () => import('wasm-file:libwebp-dec').then((file) => file.default),
};
