import type { WasmSources } from '../platform.js';

export const pixels: WasmSources = {
  pixels: () => import('wasm-module:pixels').then((file) => file.default),
};
