import { heldMemoryBytes } from '../engines/instance-slot.js';
import { bindWasm, WASM_NAMES, type WasmName, type WasmSources } from '../platform/platform.js';
import { perform } from './perform.js';
import { fromPosted, toPosted } from './posted-error.js';
import { toPostedResult, type WorkResult } from './posted-result.js';
import { transferList, type Work, type WorkerReply, type WorkerRequest } from './protocol.js';

/** The other end of a `WorkerLink`. */
interface WorkerPort {
  post(reply: WorkerReply, transfer: readonly ArrayBuffer[]): void;
  onRequest(listener: (request: WorkerRequest) => void): void;
}

/** Modules that come over the port when they are wanted: the pool has them compiled, once for all of its workers. */
class PortModules {
  readonly #port: WorkerPort;
  readonly #wanted = new Map<WasmName, PromiseCallbacks>();

  constructor(port: WorkerPort) {
    this.#port = port;
  }

  get sources(): WasmSources {
    return Object.fromEntries(WASM_NAMES.map((name) => [name, () => this.#want(name)]));
  }

  settle(answer: Exclude<WorkerRequest, Work>): void {
    const wanted = this.#wanted.get(answer.name);
    this.#wanted.delete(answer.name);
    if (answer.kind === 'module') wanted?.resolve(answer.module);
    else wanted?.reject(fromPosted(answer.error));
  }

  #want(name: WasmName): Promise<WebAssembly.Module> {
    return new Promise((resolve, reject) => {
      this.#wanted.set(name, { resolve, reject });
      this.#port.post({ kind: 'want-module', name }, []);
    });
  }
}

interface PromiseCallbacks {
  readonly resolve: (module: WebAssembly.Module) => void;
  readonly reject: (error: Error) => void;
}

/** What moves with a result. What is carried on is nobody else's, whatever lies around it; the findings are few. */
function memoryOf(result: WorkResult): ArrayBuffer[] {
  if (result instanceof Uint8Array) return transferList(result);
  if ('data' in result) return transferList(result.data);
  const { buffer } = result.carry;
  return buffer instanceof ArrayBuffer ? [buffer] : [];
}

/** Serves a pool from inside of a worker, for as long as that lives. */
export function serve(port: WorkerPort): void {
  const modules = new PortModules(port);
  bindWasm(modules.sources);
  port.onRequest(async (request) => {
    if (request.kind === 'module' || request.kind === 'no-module') {
      modules.settle(request);
      return;
    }
    const { lent, ...work } = request;
    try {
      const result = await perform(work);
      const moved = memoryOf(result);
      // What is carried on may lie in it, and is back with the result then.
      const back = lent && !moved.includes(lent) ? [lent] : [];
      const memoryBytes = heldMemoryBytes();
      port.post({ kind: 'done', result: toPostedResult(result), memoryBytes, lent: back[0] }, [
        ...moved,
        ...back,
      ]);
    } catch (error) {
      const memoryBytes = heldMemoryBytes();
      port.post({ kind: 'failed', error: toPosted(error), memoryBytes, lent }, lent ? [lent] : []);
    }
  });
}
