import type { EncodeFormat } from '../formats.js';
import type { EncodeOptionsByFormat } from '../options.js';
import type { ImageSource } from '../source.js';
import type { Pool, PoolEncodeOptions } from './pool.js';

/** Images of a batch, from anything that can be gone through, also while they come. */
export type BatchItems = Iterable<BatchItem> | AsyncIterable<BatchItem>;

/** An image of a batch. */
export interface BatchItem {
  /** What its result is told by, beside its place. */
  id?: unknown;
  /** As for `encode`. */
  image: ImageSource;
  /** Instead of the batch's. */
  format?: EncodeFormat;
  /** Instead of the batch's options of the same names. */
  options?: EncodeOptionsByFormat[EncodeFormat] & PoolEncodeOptions;
}

/** What became of an image: its file, or why there is none. */
export type BatchResult =
  | {
      readonly index: number;
      readonly id: unknown;
      readonly bytes: Uint8Array<ArrayBuffer>;
      readonly error?: undefined;
    }
  | { readonly index: number; readonly id: unknown; readonly bytes?: undefined; readonly error: unknown };

/** How far a batch is. */
export interface BatchProgress {
  /** Items that ended, either way. */
  readonly done: number;
  /** Those of them that failed. */
  readonly failed: number;
  /** Items in all, where the batch can tell before its end: it is an array or another collection with a length or size. */
  readonly total: number | undefined;
}

/** How a batch is encoded. */
export interface BatchOptions<F extends EncodeFormat = EncodeFormat> {
  /** Of items that have none of their own. */
  format: F;
  /** Of all items, as for `encode`. */
  options?: EncodeOptionsByFormat[F] & PoolEncodeOptions;
  /** Where they are encoded; it stays open. Default: one of its own for the batch. */
  pool?: Pool;
  /** Items on their way at one time, results that nobody took included. Default: 2 for each worker, so that none waits for pixels. */
  concurrency?: number;
  /** The order of results: as they are done (the default), or as the items came. */
  order?: 'completion' | 'input';
  /** Ends the batch: items on their way are aborted, and it throws the signal's reason. */
  signal?: AbortSignal;
  /** Told after every item. */
  onProgress?: (progress: BatchProgress) => void;
}

/** Options of a batch with those that have a default. */
export type BatchSettings = BatchOptions & Required<Pick<BatchOptions, 'pool' | 'concurrency' | 'order'>>;

/** Lets those who wait go on, all at once. */
class Bell {
  #ring = () => {};
  #rung = this.#next();

  wait(): Promise<void> {
    return this.#rung;
  }

  ring(): void {
    const ring = this.#ring;
    this.#rung = this.#next();
    ring();
  }

  #next(): Promise<void> {
    return new Promise((resolve) => {
      this.#ring = resolve;
    });
  }
}

function countOf(items: BatchItems): number | undefined {
  const { length, size } = items as { length?: unknown; size?: unknown };
  return typeof length === 'number' ? length : typeof size === 'number' ? size : undefined;
}

/** A batch on its way: items are pulled while there is room for them, and results wait to be taken. */
class Batch {
  readonly #options: BatchSettings;
  readonly #bell = new Bell();
  readonly #running = new Map<number, { readonly abort: AbortController; readonly ended: Promise<void> }>();
  /** By place, until they are taken. */
  readonly #results = new Map<number, BatchResult>();
  #pulled = 0;
  #taken = 0;
  #exhausted = false;
  #stopped = false;
  #fault: { readonly error: unknown } | undefined;

  constructor(options: BatchSettings) {
    this.#options = options;
  }

  /** Takes items until there are none, or the batch is stopped. What the source throws is kept for the end. */
  async pull(source: Iterator<BatchItem> | AsyncIterator<BatchItem>): Promise<void> {
    try {
      for (;;) {
        while (!this.#stopped && this.#running.size + this.#results.size >= this.#options.concurrency) {
          await this.#bell.wait();
        }
        if (this.#stopped) break;
        const { value, done } = await source.next();
        if (done || this.#stopped) break;
        this.#start(value, this.#pulled++);
      }
    } catch (error) {
      this.#fault = { error };
    }
    this.#exhausted = true;
    this.#bell.ring();
  }

  /** The next result, when it is there; nothing behind the last. */
  async take(signal: AbortSignal | undefined): Promise<BatchResult | undefined> {
    for (;;) {
      signal?.throwIfAborted();
      const next =
        this.#options.order === 'input'
          ? this.#results.get(this.#taken)
          : this.#results.values().next().value;
      if (next) {
        this.#results.delete(next.index);
        this.#taken++;
        this.#bell.ring();
        return next;
      }
      if (this.#exhausted && this.#running.size === 0) {
        if (this.#fault) throw this.#fault.error;
        return undefined;
      }
      await this.#bell.wait();
    }
  }

  /** Aborts what is on its way, and settles when that has ended. */
  async stop(reason: unknown): Promise<void> {
    this.#stopped = true;
    const running = [...this.#running.values()];
    for (const { abort } of running) abort.abort(reason);
    this.#bell.ring();
    await Promise.all(running.map(({ ended }) => ended));
  }

  #start(item: BatchItem, index: number): void {
    const abort = new AbortController();
    const ended = this.#encode(item, index, abort).then((result) => {
      this.#running.delete(index);
      this.#results.set(index, result);
      this.#bell.ring();
    });
    this.#running.set(index, { abort, ended });
  }

  async #encode(item: BatchItem, index: number, abort: AbortController): Promise<BatchResult> {
    const { pool, format, options } = this.#options;
    let forget = () => {};
    let id: unknown;
    try {
      id = item.id;
      const own: unknown = item.options?.signal ?? options?.signal;
      if (own instanceof AbortSignal) {
        const onAbort = () => abort.abort(own.reason);
        if (own.aborted) onAbort();
        own.addEventListener('abort', onAbort);
        forget = () => own.removeEventListener('abort', onAbort);
      }
      // What is no signal is for the pool to refuse.
      const signal = own === undefined || own instanceof AbortSignal ? abort.signal : (own as AbortSignal);
      const merged = { ...options, ...item.options, signal };
      const bytes = await pool.encode(item.image, item.format ?? format, merged);
      return { index, id, bytes };
    } catch (error) {
      return { index, id, error };
    } finally {
      forget();
    }
  }
}

/**
 * Goes through a batch; `encodeBatch` without its checks.
 *
 * @param settings all settled but the signal and `onProgress`
 */
export async function* runBatch(
  items: BatchItems,
  settings: BatchSettings,
): AsyncGenerator<BatchResult, void, undefined> {
  const { signal, onProgress } = settings;
  const batch = new Batch(settings);
  const source = Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
  const total = countOf(items);
  const onAbort = () => void batch.stop(signal?.reason);
  signal?.addEventListener('abort', onAbort);
  let [done, failed] = [0, 0];
  try {
    void batch.pull(source);
    for (;;) {
      const result = await batch.take(signal);
      if (result === undefined) return;
      done++;
      if (result.bytes === undefined) failed++;
      onProgress?.({ done, failed, total });
      yield result;
    }
  } finally {
    signal?.removeEventListener('abort', onAbort);
    await batch.stop(signal?.aborted ? signal.reason : new Error('The batch was left'));
    // Not waited for: it may be in the middle of a `next` that never comes.
    void Promise.resolve(source.return?.()).catch(() => {});
  }
}
