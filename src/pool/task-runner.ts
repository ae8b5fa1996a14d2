import type { Work, WorkResult } from './protocol.js';

/** Work, and the memory that moves to the worker with it. */
export interface PreparedWork {
  readonly work: Work;
  readonly transfer: readonly ArrayBuffer[];
}

/** What concerns one task. */
export interface TaskOptions {
  /** Aborts it: where it waits it is taken back, where it runs its worker is ended. It rejects at once with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** How long it may run, in milliseconds, the wait for a worker apart; then it fails with `TIMEOUT`. Default: for ever. */
  readonly timeoutMs?: number | undefined;
}

/** What a pool has done and does. */
export interface PoolStats {
  /** Workers that live; 0 where the runtime has none. */
  readonly workers: number;
  /** Workers at work. */
  readonly busy: number;
  /** Tasks that wait. */
  readonly queued: number;
  /** Tasks that gave a result. */
  readonly done: number;
  /** Tasks that ended otherwise: failed, were aborted, took too long. */
  readonly failed: number;
  /** Workers that were ever started. */
  readonly started: number;
}

/** Where tasks run, each to its end, once. */
export interface TaskRunner {
  readonly stats: PoolStats;
  /**
   * Has it done.
   *
   * @param prepare gives the work when it is its turn: what waits is not copied yet
   * @throws CodecError `POOL_CLOSED`, `QUEUE_FULL`, `TIMEOUT`, `WORKER_DIED`; the reason of an aborted signal; what the work itself throws
   */
  run(prepare: () => PreparedWork, options?: TaskOptions): Promise<WorkResult>;
  /** Refuses further tasks and lets those that were accepted end. */
  close(): Promise<void>;
}
