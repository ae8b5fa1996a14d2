import type { WasmSources } from '../platform.js';
import { compileBase64 } from './base64.js';

export const png: WasmSources = {
  png: () => compileBase64(import('wasm-base64:png')),
  'jsquash-png': () => compileBase64(import('wasm-base64:jsquash-png')),
};
