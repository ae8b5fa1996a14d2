import type { WasmSources } from '../platform.js';
import { compileFrom } from './fetch.js';

export const pixels: WasmSources = {
  pixels: () => compileFrom(new URL('./wasm/pixels.wasm', import.meta.url)),
};
