import type { WasmSources } from '../platform.js';
import { compileFrom } from './fetch.js';

export const png: WasmSources = {
  png: () => compileFrom(new URL('./wasm/png.wasm', import.meta.url)),
  'jsquash-png': () => compileFrom(new URL('./wasm/jsquash-png.wasm', import.meta.url)),
};
