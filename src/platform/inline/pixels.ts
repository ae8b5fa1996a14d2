import type { WasmSources } from '../platform.js';
import { compileBase64 } from './base64.js';

export const pixels: WasmSources = {
  pixels: () => compileBase64(import('wasm-base64:pixels')),
};
