import { CodecError } from '../errors.js';
import type { WorkResult } from './posted-result.js';
import { transferList, type Work } from './protocol.js';

/** Work on bytes, which are read when it is its turn. */
export interface TaskInput {
  readonly bytes: Uint8Array;
  /** Of `bytes` when they were checked. */
  readonly byteLength: number;
  /**
   * What may become of their memory where the work is done on another thread: `keep` it; `move` it, where nothing else lies in it; or it is the
   * runner's `own`, that a result came in, and moves.
   */
  readonly memory: 'keep' | 'move' | 'own';
  /** The work, with these bytes or a copy of them. */
  workOf(bytes: ArrayBufferView): Work;
}

/** Work on bytes as they are now. */
export function workOn(
  bytes: Uint8Array,
  memory: TaskInput['memory'],
  workOf: (bytes: ArrayBufferView) => Work,
): TaskInput {
  return { bytes, byteLength: bytes.length, memory, workOf };
}

/** What concerns one task. */
export interface TaskOptions {
  /** Aborts it: where it waits it is taken back, where it runs its worker is ended. It rejects at once with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** How long it may run, in milliseconds, the wait for a worker apart; then it fails with `TIMEOUT`. Default: for ever. */
  readonly timeoutMs?: number | undefined;
  /** That it is one task of several that make one: the statistics do not count it, and only the first can find the queue full. */
  readonly part?: 'first' | 'other' | undefined;
  /** Called when it begins to run. */
  readonly onStart?: (() => void) | undefined;
}

/** What a pool has done and does. */
export interface PoolStats {
  /** Workers that live; 0 where the runtime has none. */
  readonly workers: number;
  /** Workers at work. */
  readonly busy: number;
  /** Tasks that wait, each band of an image for one. */
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
   * @throws CodecError `POOL_CLOSED`, `QUEUE_FULL`, `TIMEOUT`, `WORKER_DIED`, `CODEC_FAILED` where the bytes have another length by now; the
   * reason of an aborted signal; what the work itself throws
   */
  run(input: TaskInput, options?: TaskOptions): Promise<WorkResult>;
  /** Refuses further tasks and lets those that were accepted end. */
  close(): Promise<void>;
}

/** @throws CodecError `CODEC_FAILED` where the bytes have another length than when they were checked */
export function checkLength({ bytes, byteLength }: TaskInput): void {
  if (bytes.length === byteLength) return;
  throw new CodecError('CODEC_FAILED', "The source's memory was detached or resized meanwhile");
}

/** Gives memory away that was to be moved and was not: what becomes of it does not depend on how the work was done. */
export function dropMoved({ bytes, memory }: TaskInput): void {
  const own = memory === 'move' ? transferList(bytes) : [];
  // Also memory that is gone already lies alone.
  if (own.length > 0 && bytes.length > 0) structuredClone(bytes, { transfer: own });
}

/** The error of a task that ran too long. */
export function timedOut(timeoutMs: number): CodecError {
  return new CodecError('TIMEOUT', `It took longer than ${timeoutMs} ms (timeoutMs)`);
}
