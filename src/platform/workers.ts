import type { SpawnWorker } from './worker-link.js';

/** How a runtime starts workers that serve a pool, and how many it has cores for. */
export interface Workers {
  readonly spawn: SpawnWorker<never, never>;
  cores(): number;
}

let workers: Workers | undefined;

/** Tells the code above how to start workers. Entry files call it where the runtime has any, and nothing is started by it. */
export function bindWorkers(bound: Workers): void {
  workers = bound;
}

/** What was bound, if anything. */
export function boundWorkers(): Workers | undefined {
  return workers;
}
