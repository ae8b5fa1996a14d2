import type { DecodedImage } from './codecs/codec.js';
import { loadCodec } from './codecs/registry.js';
import { checkEncodeFormat } from './encode.js';
import { CodecError, wrongKind } from './errors.js';
import type { EncodeFormat } from './formats.js';
import { asBytes, type PixelSource, type RawImage } from './image.js';
import { resolveLimits } from './limits.js';
import {
  checkOptionsKind,
  DECODE_OPTIONS,
  type DecodeOptions,
  type EncodeOptionsByFormat,
  flag,
  type OptionTable,
  oneOf,
  range,
  resolveOptions,
} from './options.js';
import { loadWasm } from './platform/platform.js';
import { boundWorkers } from './platform/workers.js';
import { type BatchItems, type BatchOptions, type BatchResult, runBatch } from './pool/batch.js';
import { type BandedImage, encodeBands } from './pool/encode-bands.js';
import { PlaceRunner } from './pool/place-runner.js';
import type { Pool, PoolCallOptions, PoolEncodeOptions } from './pool/pool.js';
import type { WorkResult } from './pool/posted-result.js';
import type { Work } from './pool/protocol.js';
import {
  dropMoved,
  type PoolStats,
  type TaskInput,
  type TaskOptions,
  type TaskRunner,
  workOn,
} from './pool/task-runner.js';
import { WorkerRunner } from './pool/worker-runner.js';
import { type ImageSource, readSource } from './source.js';
import type { TranscodeOptions } from './transcode.js';

export * from './codec-entry.js';
export type {
  EncodeOptionsByFormat,
  JpegEncodeOptions,
  JpegQuantTables,
  PngEncodeOptions,
  RawEncodeOptions,
  WebpEncodeOptions,
} from './options.js';
export type { BatchItem, BatchItems, BatchOptions, BatchProgress, BatchResult } from './pool/batch.js';
export type { Pool, PoolCallOptions, PoolEncodeOptions } from './pool/pool.js';
export type { PoolStats } from './pool/task-runner.js';
export type { ImageSource } from './source.js';
export type { TranscodeOptions } from './transcode.js';

/** How a pool works. */
export interface PoolOptions {
  /** Workers at most, 1 to 1024; they are started when there is work for them. Default: the cores there are, 4 in a browser that does not tell. */
  size?: number;
  /** Tasks that may wait for a worker, 0 or more. Default: 4 for each worker. */
  maxQueue?: number;
  /** What becomes of a call when as many wait: it waits too (the default), or fails with `QUEUE_FULL`. */
  whenFull?: 'wait' | 'fail';
  /** A worker whose codecs hold more bytes than that is replaced when its task is done. Default 256 MB. */
  maxWorkerMemoryBytes?: number;
  /** How long a worker without work lives, in milliseconds. Default 30,000. It never keeps the process alive. */
  idleTimeoutMs?: number;
}

/** The longest that timers take. */
const MOST_MS = 0x7fffffff;
const ANY_NUMBER = Number.POSITIVE_INFINITY;

const POOL_OPTIONS: OptionTable<PoolOptions> = {
  size: range(1, 1024),
  maxQueue: range(0, ANY_NUMBER),
  whenFull: oneOf(['wait', 'fail']),
  maxWorkerMemoryBytes: range(0, ANY_NUMBER),
  idleTimeoutMs: range(0, MOST_MS, { integer: false }),
};

const POOL_CALL_OPTIONS: OptionTable<PoolEncodeOptions> = {
  transfer: flag(),
  timeoutMs: range(0, MOST_MS, { integer: false }),
  parallel: flag(),
};

function checkOption<O>(table: OptionTable<O>, name: keyof O & string, value: unknown): void {
  if (value !== undefined) table[name].check(value, name);
}

function checkPoolOptions(options: PoolOptions): void {
  checkOptionsKind(options);
  for (const [name, value] of Object.entries(options)) {
    if (!Object.hasOwn(POOL_OPTIONS, name)) {
      throw wrongKind(`one of ${Object.keys(POOL_OPTIONS).join(', ')}`, 'an option', name);
    }
    checkOption(POOL_OPTIONS, name as keyof PoolOptions, value);
  }
}

function createRunner(options: PoolOptions): { runner: TaskRunner; size: number } {
  const workers = boundWorkers();
  const size = workers === undefined ? 1 : (options.size ?? workers.cores());
  // A call that waits holds nothing but its arguments, whichever of both it waits for.
  const maxQueue = options.whenFull === 'fail' ? (options.maxQueue ?? 4 * size) : Number.POSITIVE_INFINITY;
  if (workers === undefined) return { runner: new PlaceRunner(maxQueue), size };
  return { runner: new WorkerRunner({ ...options, size, maxQueue }, workers.spawn, loadWasm), size };
}

/** Splits off what concerns the pool. */
function splitOptions<T extends PoolCallOptions & { signal?: AbortSignal | undefined }>(
  options: T | undefined,
) {
  checkOptionsKind(options);
  const { transfer = false, timeoutMs, signal, ...rest } = options ?? ({} as T);
  checkOption(POOL_CALL_OPTIONS, 'transfer', transfer);
  checkOption(POOL_CALL_OPTIONS, 'timeoutMs', timeoutMs);
  return { transfer, task: { signal, timeoutMs }, rest };
}

function toRawImage({ bytes, palette, metadata, ...layout }: PixelSource, data: ArrayBufferView): RawImage {
  return {
    ...layout,
    data,
    ...(palette ? { palette: { data: palette, channels: 4 } } : {}),
    ...(metadata ? { metadata } : {}),
  };
}

class WorkerPool implements Pool {
  readonly size: number;
  readonly #runner: TaskRunner;
  /** Calls that have not ended. */
  readonly #calls = new Set<Promise<unknown>>();
  #closed = false;
  /** Images in bands that ended, which the runner counts nothing of. */
  readonly #banded = { done: 0, failed: 0 };

  constructor(options: PoolOptions) {
    const { runner, size } = createRunner(options);
    this.#runner = runner;
    this.size = size;
  }

  async encode<F extends EncodeFormat>(
    source: ImageSource,
    format: F,
    options?: EncodeOptionsByFormat[F] & PoolEncodeOptions,
  ): Promise<Uint8Array<ArrayBuffer>> {
    const result = await this.#run(async () => {
      checkEncodeFormat(format);
      const {
        transfer,
        task,
        rest: all,
      } = splitOptions<EncodeOptionsByFormat['raw'] & PoolEncodeOptions>(options);
      const { parallel = true, ...rest } = all;
      checkOption(POOL_CALL_OPTIONS, 'parallel', parallel);
      const { signal } = task;
      // Here, where a mistake costs nothing: what is wrong never waits.
      const read = readSource(source, format, resolveLimits(rest.limits));
      const [codec, image] = await Promise.all([loadCodec(format), read]);
      codec.checkOptions({ ...rest, ...(signal ? { signal } : {}) });
      // Metadata is for `encode` to refuse.
      const cut = parallel && !image.metadata ? codec.bands?.cut(image, rest) : undefined;
      const workOf = (data: ArrayBufferView): Work => ({
        kind: 'encode',
        source: toRawImage(image, data),
        format,
        options: rest,
      });
      const input = workOn(image.bytes, transfer ? 'move' : 'keep', workOf);
      const { bands } = codec;
      if (bands === undefined || cut === undefined) return () => this.#runner.run(input, task);
      const banded = { codec: bands, cut, image, format, options: rest };
      return () => this.#encodeBands(banded, input, task);
    });
    return result as Uint8Array<ArrayBuffer>;
  }

  async decode(
    bytes: ArrayBufferView | ArrayBufferLike,
    options?: DecodeOptions & PoolCallOptions,
  ): Promise<DecodedImage> {
    const result = await this.#run(async () => {
      const { transfer, task, rest } = splitOptions(options);
      const { signal } = task;
      resolveOptions(DECODE_OPTIONS, { ...rest, ...(signal ? { signal } : {}) }, undefined);
      const workOf = (file: ArrayBufferView): Work => ({ kind: 'decode', bytes: file, options: rest });
      const input = workOnFile(bytes, transfer, workOf);
      return () => this.#runner.run(input, task);
    });
    return result as DecodedImage;
  }

  async transcode<F extends EncodeFormat>(
    bytes: ArrayBufferView | ArrayBufferLike,
    format: F,
    options?: TranscodeOptions<F> & PoolCallOptions,
  ): Promise<Uint8Array<ArrayBuffer>> {
    const result = await this.#run(async () => {
      checkEncodeFormat(format);
      const { transfer, task, rest } = splitOptions<TranscodeOptions<'raw'> & PoolCallOptions>(options);
      const { signal } = task;
      const { autoOrient = true, ...encodeOptions } = rest;
      DECODE_OPTIONS.autoOrient.check(autoOrient, 'autoOrient');
      const codec = await loadCodec(format);
      codec.checkOptions({ ...encodeOptions, ...(signal ? { signal } : {}) });
      const workOf = (file: ArrayBufferView): Work => ({
        kind: 'transcode',
        bytes: file,
        format,
        options: rest,
      });
      const input = workOnFile(bytes, transfer, workOf);
      return () => this.#runner.run(input, task);
    });
    return result as Uint8Array<ArrayBuffer>;
  }

  get stats(): PoolStats {
    const { stats } = this.#runner;
    const { done, failed } = this.#banded;
    return { ...stats, done: stats.done + done, failed: stats.failed + failed };
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.allSettled(this.#calls);
    await this.#runner.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /**
   * Goes through with a call that is accepted, also where the pool is closed meanwhile.
   *
   * @param check checks it, which takes a while where a codec is loaded for it, and gives what is to be done then
   */
  async #run(check: () => Promise<() => Promise<WorkResult>>): Promise<WorkResult> {
    if (this.#closed) throw new CodecError('POOL_CLOSED', 'The pool is closed');
    const call = check().then((start) => start());
    this.#calls.add(call);
    try {
      return await call;
    } finally {
      this.#calls.delete(call);
    }
  }

  async #encodeBands<F extends EncodeFormat>(
    banded: BandedImage<F>,
    whole: TaskInput,
    task: TaskOptions,
  ): Promise<WorkResult> {
    try {
      const file = await encodeBands(banded, this.#runner, task);
      const result = file ?? (await this.#runner.run(whole, { ...task, part: 'other' }));
      this.#banded.done++;
      return result;
    } catch (error) {
      this.#banded.failed++;
      throw error;
    } finally {
      // Bands are copied, as memory cannot be moved in pieces; but what was to be moved is not to be there any more.
      dropMoved(whole);
    }
  }
}

/** Work on a file. */
function workOnFile(
  file: ArrayBufferView | ArrayBufferLike,
  transfer: boolean,
  workOf: (bytes: ArrayBufferView) => Work,
): TaskInput {
  const bytes = asBytes(file);
  if (bytes === undefined) throw wrongKind('an ArrayBuffer or a view of one', 'bytes', file);
  return workOn(bytes, transfer ? 'move' : 'keep', workOf);
}

/**
 * Workers that encode and decode off the calling thread: threads of Node, Bun and Deno, Web Workers of pages and of their workers. Where a
 * runtime has none (Cloudflare, edge functions) it is one task after the other, in place.
 *
 * @throws TypeError, RangeError for a wrong option
 * @example
 * await using pool = createPool();
 * const files = await Promise.all(images.map((image) => pool.encode(image, 'webp', { quality: 80 })));
 */
export function createPool(options: PoolOptions = {}): Pool {
  checkPoolOptions(options);
  return new WorkerPool(options);
}

const BATCH_OPTIONS = ['format', 'options', 'pool', 'concurrency', 'order', 'signal', 'onProgress'];
const concurrencyRule = range(1, 4096);
const orderRule = oneOf(['completion', 'input']);

function isIterable(items: unknown): items is BatchItems {
  return (
    typeof items === 'object' && items !== null && (Symbol.asyncIterator in items || Symbol.iterator in items)
  );
}

/**
 * Encodes many images, from an array or as they come, pulled only as fast as they are encoded and their results are taken. An item that
 * fails is a result too, and does not end the batch; leaving the loop does, and aborts what is on its way.
 *
 * @throws TypeError, RangeError at once, for a wrong option of the batch
 * @throws while it is gone through: the signal's reason where it is aborted; what `items` or `onProgress` throws
 * @example
 * for await (const { id, bytes, error } of encodeBatch(items, { format: 'webp', options: { quality: 80 } })) {
 *   if (bytes) await writeFile(`${id}.webp`, bytes);
 * }
 */
export function encodeBatch<F extends EncodeFormat>(
  items: BatchItems,
  options: BatchOptions<F>,
): AsyncGenerator<BatchResult, void, undefined> {
  if (!isIterable(items)) throw wrongKind('an iterable or async iterable', 'items', items);
  if (options === undefined) throw wrongKind('an object', 'options', options);
  checkOptionsKind(options);
  for (const name of Object.keys(options)) {
    if (!BATCH_OPTIONS.includes(name))
      throw wrongKind(`one of ${BATCH_OPTIONS.join(', ')}`, 'an option', name);
  }
  checkEncodeFormat(options.format);
  checkOptionsKind(options.options);
  const { concurrency, order = 'completion' } = options;
  if (concurrency !== undefined) concurrencyRule.check(concurrency, 'concurrency');
  orderRule.check(order, 'order');
  const { pool, signal, onProgress } = options;
  if (pool !== undefined && typeof pool?.encode !== 'function') throw wrongKind('a Pool', 'pool', pool);
  if (signal !== undefined) DECODE_OPTIONS.signal.check(signal, 'signal');
  if (onProgress !== undefined && typeof onProgress !== 'function') {
    throw wrongKind('a function', 'onProgress', onProgress);
  }
  return goThrough(items, { ...options, order });
}

async function* goThrough(
  items: BatchItems,
  options: BatchOptions & Required<Pick<BatchOptions, 'order'>>,
): AsyncGenerator<BatchResult, void, undefined> {
  const pool = options.pool ?? createPool();
  try {
    yield* runBatch(items, { ...options, pool, concurrency: options.concurrency ?? 2 * pool.size });
  } finally {
    if (options.pool === undefined) await pool.close();
  }
}
