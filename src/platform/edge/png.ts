import type { WasmSources } from '../platform.js';

export const png: WasmSources = {
  png: () => import('wasm-module:png').then((file) => file.default),
  'jsquash-png': () => import('wasm-module:jsquash-png').then((file) => file.default),
};
