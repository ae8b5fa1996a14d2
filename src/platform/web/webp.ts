import type { WasmSources } from '../platform.js';
import { compileFrom } from './fetch.js';

export const webp: WasmSources = {
  vp8l: () => compileFrom(new URL('./wasm/vp8l.wasm', import.meta.url)),
  vp8: () => compileFrom(new URL('./wasm/vp8.wasm', import.meta.url)),
  'libwebp-dec': () => compileFrom(new URL('./wasm/libwebp-dec.wasm', import.meta.url)),
};
