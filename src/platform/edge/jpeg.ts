import type { WasmSources } from '../platform.js';

export const jpeg: WasmSources = {
  jpeg: () => import('wasm-module:jpeg').then((file) => file.default),
  'mozjpeg-enc': () => import('wasm-module:mozjpeg-enc').then((file) => file.default),
  'mozjpeg-dec': () => import('wasm-module:mozjpeg-dec').then((file) => file.default),
};
