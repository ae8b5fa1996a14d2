import { readFile } from 'node:fs/promises';
import type { WasmName, WasmSources } from '../platform.js';

// In a name of its own, as bundlers would take `new URL(…, import.meta.url)` for an asset that they must find.
const here = import.meta.url;

/**
 * Modules read from the file beside the built code.
 *
 * @param inlined where to turn when there is no such file, as in server code that was bundled
 */
export function fromFiles(inlined: WasmSources): WasmSources {
  const names = Object.keys(inlined) as WasmName[];
  const load = async (name: WasmName) => {
    let bytes: Uint8Array<ArrayBuffer>;
    try {
      bytes = await readFile(new URL(`wasm/${name}.wasm`, here));
    } catch {
      return inlined[name]!();
    }
    return WebAssembly.compile(bytes);
  };
  return Object.fromEntries(names.map((name) => [name, () => load(name)]));
}
