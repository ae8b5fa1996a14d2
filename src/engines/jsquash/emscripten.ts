import { loadWasm, type WasmName } from '../../platform/platform.js';
import type { Engine } from '../engine.js';

/** The module objects of the jSquash glue, as far as they are used. */
interface EmscriptenModule {
  HEAPU8: Uint8Array;
}

/** A glue file's default export. Its own declarations lean on a global namespace that is not shipped. */
export type GlueFactory = (settings: Record<string, unknown>) => Promise<EmscriptenModule>;

/** An instance together with its functions, `encode` or `decode`. */
export interface EmscriptenEngine<F> extends Engine {
  readonly call: F;
  complaints(): string;
}

/**
 * A fresh instance from a compiled module, without any look-up of the glue's own. What it prints is kept for the error.
 *
 * @param name the module's file
 * @param verb the function that the module exports
 */
export async function createEmscripten<F>(
  factory: GlueFactory,
  name: WasmName,
  verb: 'encode' | 'decode',
): Promise<EmscriptenEngine<F>> {
  const wasm = await loadWasm(name);
  const printed: string[] = [];
  const print = (line: unknown) => {
    if (printed.length < 8) printed.push(String(line));
  };
  let fail: (reason: unknown) => void = () => {};
  const failed = new Promise<never>((_, reject) => {
    fail = reject;
  });
  const made = factory({
    noInitialRun: true,
    print,
    printErr: print,
    locateFile: (file: string) => file,
    instantiateWasm(imports: WebAssembly.Imports, done: (instance: WebAssembly.Instance) => void) {
      // `done` runs the module's own set-up: where that throws, nobody else would hear of it.
      WebAssembly.instantiate(wasm, imports).then(done).catch(fail);
      return {};
    },
  });
  const module = await Promise.race([made, failed]);
  const memoryBytes = () => module.HEAPU8.byteLength;
  let heapMax: number | undefined;
  let bytesBeforeGrowth: number | undefined;
  // The glue asks for it each time that the codec wants more memory, and not all codecs say so when they get none.
  Object.defineProperty(module, 'heapMax', {
    get() {
      bytesBeforeGrowth = memoryBytes();
      return heapMax;
    },
  });
  return {
    call: (module as unknown as Record<string, F>)[verb] as F,
    limitMemory: (bytes) => {
      heapMax = bytes;
    },
    memoryBytes,
    complaints: () => {
      if (bytesBeforeGrowth === memoryBytes()) printed.push('out of memory');
      bytesBeforeGrowth = undefined;
      return printed.splice(0).join('; ');
    },
  };
}
