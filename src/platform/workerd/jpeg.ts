import type { WasmSources } from '../platform.js';

export const jpeg: WasmSources = {
  jpeg: () => import('wasm-file:jpeg').then((file) => file.default),
  'mozjpeg-enc': () => import('wasm-file:mozjpeg-enc').then((file) => file.default),
  'mozjpeg-dec': () => import('wasm-file:mozjpeg-dec').then((file) => file.default),
};
