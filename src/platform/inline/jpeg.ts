import type { WasmSources } from '../platform.js';
import { compileBase64 } from './base64.js';

export const jpeg: WasmSources = {
  jpeg: () => compileBase64(import('wasm-base64:jpeg')),
  'mozjpeg-enc': () => compileBase64(import('wasm-base64:mozjpeg-enc')),
  'mozjpeg-dec': () => compileBase64(import('wasm-base64:mozjpeg-dec')),
};
