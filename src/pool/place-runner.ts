import { CodecError } from '../errors.js';
import { perform } from './perform.js';
import type { WorkResult } from './posted-result.js';
import {
  checkLength,
  dropMoved,
  type PoolStats,
  type TaskInput,
  type TaskOptions,
  type TaskRunner,
  timedOut,
} from './task-runner.js';

/**
 * Tasks one after the other on the thread that asks for them, where a runtime has no workers. One that runs cannot be stopped in the middle
 * of WebAssembly: an abort or the end of its time is told as soon as it lets go.
 */
export class PlaceRunner implements TaskRunner {
  readonly #maxQueue: number;
  #last: Promise<unknown> = Promise.resolve();
  #closed = false;
  /** Tasks that have not ended: one of them is at it. */
  #accepted = 0;
  #done = 0;
  #failed = 0;

  constructor(maxQueue: number) {
    this.#maxQueue = maxQueue;
  }

  get stats(): PoolStats {
    return {
      workers: 0,
      busy: 0,
      queued: Math.max(this.#accepted - 1, 0),
      done: this.#done,
      failed: this.#failed,
      started: 0,
    };
  }

  async run(input: TaskInput, options: TaskOptions = {}): Promise<WorkResult> {
    options.signal?.throwIfAborted();
    if (this.#closed) throw new CodecError('POOL_CLOSED', 'The pool is closed');
    if (this.#accepted > this.#maxQueue && options.part !== 'other') {
      throw new CodecError('QUEUE_FULL', `${this.#accepted - 1} tasks wait already (maxQueue)`);
    }
    this.#accepted++;
    return new Promise((resolve, reject) => {
      const { signal } = options;
      let waits = true;
      const takeBack = () => {
        if (!waits) return;
        waits = false;
        this.#accepted--;
        if (!options.part) this.#failed++;
        reject(signal?.reason);
      };
      signal?.addEventListener('abort', takeBack, { once: true });
      this.#last = this.#last.then(async () => {
        signal?.removeEventListener('abort', takeBack);
        if (!waits) return;
        waits = false;
        await this.#perform(input, options).then(resolve, reject);
      });
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#last;
  }

  async #perform(input: TaskInput, { signal, timeoutMs, part, onStart }: TaskOptions): Promise<WorkResult> {
    const begin = performance.now();
    try {
      signal?.throwIfAborted();
      checkLength(input);
      onStart?.();
      const result = await perform(input.workOf(input.bytes), signal);
      signal?.throwIfAborted();
      if (timeoutMs !== undefined && performance.now() - begin > timeoutMs) {
        throw timedOut(timeoutMs);
      }
      if (!part) this.#done++;
      return result;
    } catch (error) {
      if (!part) this.#failed++;
      throw error;
    } finally {
      dropMoved(input);
      this.#accepted--;
    }
  }
}
