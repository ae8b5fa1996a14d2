import type { DecodedImage } from './codecs/codec.js';
import { loadCodec } from './codecs/registry.js';
import { checkEncodeFormat } from './encode.js';
import { wrongKind } from './errors.js';
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
import { PlaceRunner } from './pool/place-runner.js';
import { transferList, type Work, type WorkResult } from './pool/protocol.js';
import type { PoolStats, PreparedWork, TaskRunner } from './pool/task-runner.js';
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
export type { PoolStats } from './pool/task-runner.js';
export type { TranscodeOptions } from './transcode.js';

/** How a pool works. */
export interface PoolOptions {
  /** Workers at most, 1 to 1024; they are started when there is work for them. Default: the cores there are. */
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

/** What concerns one call of a pool, beside the options of the verb. */
export interface PoolCallOptions {
  /**
   * Moves the memory of the pixels, or of the file, to the worker instead of copying it: it is gone afterwards. Memory that holds more than
   * that is copied all the same, and shared memory neither moved nor copied. Default false.
   */
  transfer?: boolean;
  /** How long it may run, in milliseconds, the wait for a worker apart; then it fails with `TIMEOUT`. Default: for ever. */
  timeoutMs?: number;
}

/** Workers that encode and decode, with the results of the verbs of the same names, byte for byte. */
export interface Pool extends AsyncDisposable {
  /**
   * `encode` on a worker. Pixels are read when it is their turn; do not change them until the promise settles.
   *
   * @throws TypeError, RangeError, CodecError as `encode`; the signal's reason at once where it is aborted, also in the middle
   * @throws CodecError `QUEUE_FULL`, `TIMEOUT`, `POOL_CLOSED`, and `WORKER_DIED` where the worker at it ended of itself
   */
  encode<F extends EncodeFormat>(
    source: ImageSource,
    format: F,
    options?: EncodeOptionsByFormat[F] & PoolCallOptions,
  ): Promise<Uint8Array<ArrayBuffer>>;
  /** `decode` on a worker; throws as `encode` does. */
  decode(
    bytes: ArrayBufferView | ArrayBufferLike,
    options?: DecodeOptions & PoolCallOptions,
  ): Promise<DecodedImage>;
  /** `transcode` on a worker; throws as `encode` does. */
  transcode<F extends EncodeFormat>(
    bytes: ArrayBufferView | ArrayBufferLike,
    format: F,
    options?: TranscodeOptions<F> & PoolCallOptions,
  ): Promise<Uint8Array<ArrayBuffer>>;
  /** What it has done and does, at this moment. */
  readonly stats: PoolStats;
  /** Refuses further calls, with `POOL_CLOSED`, lets those that were accepted end, and ends the workers. */
  close(): Promise<void>;
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

const POOL_CALL_OPTIONS: OptionTable<PoolCallOptions> = {
  transfer: flag(),
  timeoutMs: range(0, MOST_MS, { integer: false }),
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

function createRunner(options: PoolOptions): TaskRunner {
  const workers = boundWorkers();
  const size = options.size ?? workers?.cores() ?? 1;
  // A call that waits holds nothing but its arguments, whichever of both it waits for.
  const maxQueue = options.whenFull === 'fail' ? (options.maxQueue ?? 4 * size) : Number.POSITIVE_INFINITY;
  if (workers === undefined) return new PlaceRunner(maxQueue);
  return new WorkerRunner({ ...options, size, maxQueue }, workers.spawn, loadWasm);
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

/** Bytes that a worker can have: moved, shared, or copied once. */
function handOver(bytes: Uint8Array, transfer: boolean): { bytes: Uint8Array; transfer: ArrayBuffer[] } {
  if (!(bytes.buffer instanceof ArrayBuffer)) return { bytes, transfer: [] };
  const own = transferList(bytes);
  if (transfer && own.length > 0) return { bytes, transfer: own };
  const copy = bytes.slice();
  return { bytes: copy, transfer: [copy.buffer as ArrayBuffer] };
}

function toRawImage({ bytes, palette, metadata, ...layout }: PixelSource, data: Uint8Array): RawImage {
  return {
    ...layout,
    data,
    ...(palette ? { palette: { data: palette, channels: 4 } } : {}),
    ...(metadata ? { metadata } : {}),
  };
}

class WorkerPool implements Pool {
  readonly #runner: TaskRunner;

  constructor(runner: TaskRunner) {
    this.#runner = runner;
  }

  async encode<F extends EncodeFormat>(
    source: ImageSource,
    format: F,
    options?: EncodeOptionsByFormat[F] & PoolCallOptions,
  ): Promise<Uint8Array<ArrayBuffer>> {
    checkEncodeFormat(format);
    const { transfer, task, rest } = splitOptions<EncodeOptionsByFormat['raw'] & PoolCallOptions>(options);
    const { signal } = task;
    // Here, where a mistake costs nothing: what is wrong never waits.
    const read = readSource(source, format, resolveLimits(rest.limits));
    const [codec, image] = await Promise.all([loadCodec(format), read]);
    codec.checkOptions({ ...rest, ...(signal ? { signal } : {}) });
    const prepare = (): PreparedWork => {
      const handed = handOver(image.bytes, transfer);
      const work: Work = {
        kind: 'encode',
        source: toRawImage(image, handed.bytes),
        format,
        options: rest,
      };
      return { work, transfer: handed.transfer };
    };
    return (await this.#runner.run(prepare, task)) as Uint8Array<ArrayBuffer>;
  }

  async decode(
    bytes: ArrayBufferView | ArrayBufferLike,
    options?: DecodeOptions & PoolCallOptions,
  ): Promise<DecodedImage> {
    const { transfer, task, rest } = splitOptions(options);
    resolveOptions(DECODE_OPTIONS, { ...rest, ...(task.signal ? { signal: task.signal } : {}) }, undefined);
    const result = await this.#runFile(bytes, transfer, task, (file) => ({
      kind: 'decode',
      bytes: file,
      options: rest,
    }));
    return result as DecodedImage;
  }

  async transcode<F extends EncodeFormat>(
    bytes: ArrayBufferView | ArrayBufferLike,
    format: F,
    options?: TranscodeOptions<F> & PoolCallOptions,
  ): Promise<Uint8Array<ArrayBuffer>> {
    checkEncodeFormat(format);
    const { transfer, task, rest } = splitOptions<TranscodeOptions<'raw'> & PoolCallOptions>(options);
    const { autoOrient = true, ...encodeOptions } = rest;
    DECODE_OPTIONS.autoOrient.check(autoOrient, 'autoOrient');
    const codec = await loadCodec(format);
    codec.checkOptions({ ...encodeOptions, ...(task.signal ? { signal: task.signal } : {}) });
    const result = await this.#runFile(bytes, transfer, task, (file) => ({
      kind: 'transcode',
      bytes: file,
      format,
      options: rest,
    }));
    return result as Uint8Array<ArrayBuffer>;
  }

  get stats(): PoolStats {
    return this.#runner.stats;
  }

  close(): Promise<void> {
    return this.#runner.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #runFile(
    bytes: ArrayBufferView | ArrayBufferLike,
    transfer: boolean,
    task: { signal: AbortSignal | undefined; timeoutMs: number | undefined },
    workOf: (file: Uint8Array) => Work,
  ): Promise<WorkResult> {
    const view = asBytes(bytes);
    if (view === undefined) throw wrongKind('an ArrayBuffer or a view of one', 'bytes', bytes);
    return this.#runner.run(() => {
      const handed = handOver(view, transfer);
      return { work: workOf(handed.bytes), transfer: handed.transfer };
    }, task);
  }
}

/**
 * Workers that encode and decode off the calling thread, on threads of Node, Bun and Deno; in browsers and where a runtime has no
 * workers, for now, one task after the other in place.
 *
 * @throws TypeError, RangeError for a wrong option
 * @example
 * await using pool = createPool();
 * const files = await Promise.all(images.map((image) => pool.encode(image, 'webp', { quality: 80 })));
 */
export function createPool(options: PoolOptions = {}): Pool {
  checkPoolOptions(options);
  return new WorkerPool(createRunner(options));
}
