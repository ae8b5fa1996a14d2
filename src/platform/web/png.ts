import type { WasmSources } from '../platform.js';
import { compileFrom } from './fetch.js';

export const png: WasmSources = {
  'jsquash-png': () => compileFrom(new URL('./wasm/jsquash-png.wasm', import.meta.url)),
};
