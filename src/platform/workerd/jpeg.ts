import type { WasmSources } from '../platform.js';

export const jpeg: WasmSources = {
  'mozjpeg-enc': () => import('wasm-file:mozjpeg-enc').then((file) => file.default),
  'mozjpeg-dec': () => import('wasm-file:mozjpeg-dec').then((file) => file.default),
};
