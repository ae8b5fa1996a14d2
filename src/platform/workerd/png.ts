import type { WasmSources } from '../platform.js';

export const png: WasmSources = {
  png: () => import('wasm-file:png').then((file) => file.default),
  'jsquash-png': () => import('wasm-file:jsquash-png').then((file) => file.default),
};
