import type { DecodedImage } from '../codecs/codec.js';
import type { EncodeFormat } from '../formats.js';
import type { DecodeOptions, EncodeOptionsByFormat } from '../options.js';
import type { ImageSource } from '../source.js';
import type { TranscodeOptions } from '../transcode.js';
import type { PoolStats } from './task-runner.js';

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

/** What concerns one `encode` of a pool. */
export interface PoolEncodeOptions extends PoolCallOptions {
  /**
   * Whether a PNG, or a JPEG that is not progressive, of four megapixels or more is cut into bands, which the workers encode side by
   * side. The file has the same pixels and other bytes than that of `encode`: a JPEG has restart markers between the bands. It
   * does not depend on the number of workers. Default true.
   */
  parallel?: boolean;
}

/** Workers that encode and decode, with the results of the verbs of the same names: byte for byte, but of large images that are encoded in parallel. */
export interface Pool extends AsyncDisposable {
  /**
   * `encode` on a worker. Pixels are read when it is their turn; do not change them until the promise settles.
   *
   * @throws TypeError, RangeError, CodecError as `encode`; the signal's reason at once where it is aborted, also in the middle
   * @throws CodecError `QUEUE_FULL`, `TIMEOUT`, `POOL_CLOSED`, and `WORKER_DIED` where the worker at it ended of itself or cannot
   * be started
   */
  encode<F extends EncodeFormat>(
    source: ImageSource,
    format: F,
    options?: EncodeOptionsByFormat[F] & PoolEncodeOptions,
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
  /** Workers at most; 1 where the runtime has none. */
  readonly size: number;
  /** What it has done and does, at this moment. */
  readonly stats: PoolStats;
  /** Refuses further calls, with `POOL_CLOSED`, lets those that were accepted end, and ends the workers. */
  close(): Promise<void>;
}
