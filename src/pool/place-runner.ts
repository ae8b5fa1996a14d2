import { CodecError } from '../errors.js';
import { perform } from './perform.js';
import type { WorkResult } from './protocol.js';
import type { PoolStats, PreparedWork, TaskOptions, TaskRunner } from './task-runner.js';

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

  async run(prepare: () => PreparedWork, options: TaskOptions = {}): Promise<WorkResult> {
    options.signal?.throwIfAborted();
    if (this.#closed) throw new CodecError('POOL_CLOSED', 'The pool is closed');
    if (this.#accepted > this.#maxQueue) {
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
        this.#failed++;
        reject(signal?.reason);
      };
      signal?.addEventListener('abort', takeBack, { once: true });
      this.#last = this.#last.then(async () => {
        signal?.removeEventListener('abort', takeBack);
        if (!waits) return;
        waits = false;
        await this.#perform(prepare, options).then(resolve, reject);
      });
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#last;
  }

  async #perform(prepare: () => PreparedWork, { signal, timeoutMs }: TaskOptions): Promise<WorkResult> {
    const begin = performance.now();
    try {
      signal?.throwIfAborted();
      const result = await perform(prepare().work, signal);
      signal?.throwIfAborted();
      if (timeoutMs !== undefined && performance.now() - begin > timeoutMs) {
        throw new CodecError('TIMEOUT', `It took longer than ${timeoutMs} ms (timeoutMs)`);
      }
      this.#done++;
      return result;
    } catch (error) {
      this.#failed++;
      throw error;
    } finally {
      this.#accepted--;
    }
  }
}
