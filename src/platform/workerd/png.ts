import type { WasmSources } from '../platform.js';

export const png: WasmSources = {
  'jsquash-png': () => import('wasm-file:jsquash-png').then((file) => file.default),
};
