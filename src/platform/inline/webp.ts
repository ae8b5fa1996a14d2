import type { WasmSources } from '../platform.js';
import { compileBase64 } from './base64.js';

export const webp: WasmSources = {
  vp8l: () => compileBase64(import('wasm-base64:vp8l')),
  vp8: () => compileBase64(import('wasm-base64:vp8')),
  'libwebp-dec': () => compileBase64(import('wasm-base64:libwebp-dec')),
};
