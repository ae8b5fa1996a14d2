import { existsSync, readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { bindWasm, type WasmSources } from '../../src/platform/platform.js';

const folder = new URL('../../build/wasm/', import.meta.url);

/** The module `build/wasm/<name>.wasm`, freshly compiled. */
export async function compileWasm(name: string): Promise<WebAssembly.Module> {
  return WebAssembly.compile(await readFile(new URL(`${name}.wasm`, folder)));
}

if (!existsSync(folder)) throw new Error('build/wasm is missing: run the WASM build first');

/** Every module that the build left there, by its name; read when the first test asks for it. */
const sources: WasmSources = Object.fromEntries(
  readdirSync(folder)
    .filter((file) => file.endsWith('.wasm'))
    .map((file) => file.slice(0, -'.wasm'.length))
    .map((name) => [name, () => compileWasm(name)]),
);

bindWasm(sources);
