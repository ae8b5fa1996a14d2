import { vi } from 'vitest';
import { WASM_NAMES, type WasmName, type WasmSources } from '../../src/platform/platform.js';
import { compileWasm } from './wasm.js';

/** The verbs as in a process that has made no call yet, and the names of the modules that they load, in order. */
export async function freshPixbytes(sources: WasmSources = {}) {
  vi.resetModules();
  const loads: WasmName[] = [];
  const { bindWasm } = await import('../../src/platform/platform.js');
  const { decode, EncoderStream, encode, probe, transcode } = await import('../../src/index.js');
  const counted = WASM_NAMES.map((name): [WasmName, () => Promise<WebAssembly.Module>] => [
    name,
    () => {
      loads.push(name);
      return (sources[name] ?? (() => compileWasm(name)))();
    },
  ]);
  bindWasm(Object.fromEntries(counted));
  return { decode, EncoderStream, encode, probe, transcode, loads };
}

/** What a promise rejects with; a failure of the test where it does not. */
export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => {
      throw new Error('Expected a rejection');
    },
    (reason: unknown) => reason,
  );
}
