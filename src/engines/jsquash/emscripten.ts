import { loadWasm, type WasmName } from '../../platform/platform.js';
import type { Engine } from '../engine.js';
import { instantiate } from '../instantiate.js';

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

/** An engine that can be made as new. */
export interface RenewableEngine<F> extends EmscriptenEngine<F> {
  /** The same instance, with nothing in its memory, or in its glue, of the calls before. This engine is not to be used again. */
  renew(): Promise<RenewableEngine<F>>;
}

/** Hands the instance on to the glue. */
type Receive = (instance: WebAssembly.Instance) => void;

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
  return runGlue(factory, verb, async (imports, receive) => receive(await instantiate(wasm, imports)));
}

/**
 * A fresh instance that can be renewed. An instance a call would be as safe, but each lasts until it is collected, and a process has
 * place for some hundred memories. Beside its memory an instance may have one global, the pointer of the stack, which is where it was
 * once a call has returned.
 */
export async function createRenewable<F>(
  factory: GlueFactory,
  name: WasmName,
  verb: 'encode' | 'decode',
): Promise<RenewableEngine<F>> {
  const wasm = await loadWasm(name);
  let served: WebAssembly.Imports = {};
  const forwards: WebAssembly.Imports = {};
  for (const { module, name: field } of WebAssembly.Module.imports(wasm)) {
    forwards[module] ??= {};
    forwards[module][field] = (...parameters: number[]) =>
      (served[module]![field] as (...parameters: number[]) => number)(...parameters);
  }
  const instance = await instantiate(wasm, forwards);
  const memory = Object.values(instance.exports).find((value) => value instanceof WebAssembly.Memory)!;
  const initial = new Uint8Array(memory.buffer).slice();
  const start = async (): Promise<RenewableEngine<F>> => {
    const engine = await runGlue<F>(factory, verb, async (imports, receive) => {
      served = imports;
      receive(instance);
    });
    return { ...engine, renew };
  };
  const renew = () => {
    new Uint8Array(memory.buffer).fill(0).set(initial);
    return start();
  };
  return start();
}

/** @param give gives the glue an instance, which gets its imports from it */
async function runGlue<F>(
  factory: GlueFactory,
  verb: 'encode' | 'decode',
  give: (imports: WebAssembly.Imports, receive: Receive) => Promise<void>,
): Promise<EmscriptenEngine<F>> {
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
    instantiateWasm(imports: WebAssembly.Imports, receive: Receive) {
      // `receive` runs the module's own set-up: where that throws, nobody else would hear of it.
      give(imports, receive).catch(fail);
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
