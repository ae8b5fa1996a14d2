import type { WasmSources } from '../platform.js';
import { compileFrom } from './fetch.js';

export const jpeg: WasmSources = {
  jpeg: () => compileFrom(new URL('./wasm/jpeg.wasm', import.meta.url)),
  'mozjpeg-enc': () => compileFrom(new URL('./wasm/mozjpeg-enc.wasm', import.meta.url)),
  'mozjpeg-dec': () => compileFrom(new URL('./wasm/mozjpeg-dec.wasm', import.meta.url)),
};
