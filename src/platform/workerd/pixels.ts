import type { WasmSources } from '../platform.js';

export const pixels: WasmSources = {
  pixels: () => import('wasm-file:pixels').then((file) => file.default),
};
