import { CodecError } from '../errors.js';

/** The WebAssembly modules that the package ships, each a file `wasm/<name>.wasm` beside the built code. */
export const WASM_NAMES = [
  'pixels',
  'jpeg',
  'png',
  'vp8l',
  'vp8',
  'jsquash-png',
  'mozjpeg-enc',
  'mozjpeg-dec',
  'libwebp-dec',
] as const;

export type WasmName = (typeof WASM_NAMES)[number];

/** How a runtime gets at the modules that an entry carries. */
export type WasmSources = Partial<Readonly<Record<WasmName, () => Promise<WebAssembly.Module>>>>;

const sources: Partial<Record<WasmName, () => Promise<WebAssembly.Module>>> = {};
const modules = new Map<WasmName, Promise<WebAssembly.Module>>();

/** Tells the code below where the modules are. Entry files call it, and nothing is loaded by it. */
export function bindWasm(...tables: readonly WasmSources[]): void {
  Object.assign(sources, ...tables);
}

/**
 * The compiled module of that name, loaded once. A load that failed is tried again by the next call.
 *
 * @throws CodecError `WASM_LOAD_FAILED`
 */
export function loadWasm(name: WasmName): Promise<WebAssembly.Module> {
  const loading = modules.get(name);
  if (loading) return loading;
  const load = sources[name];
  const started = (
    load ? Promise.resolve().then(load) : Promise.reject(new Error('no entry carries it'))
  ).catch((cause: unknown) => {
    modules.delete(name);
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new CodecError('WASM_LOAD_FAILED', `Could not load ${name}.wasm: ${reason}`, { cause });
  });
  modules.set(name, started);
  return started;
}
