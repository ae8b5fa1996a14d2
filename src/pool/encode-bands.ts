import type { BandCodec } from '../codecs/codec.js';
import type { Band, BandFindings } from '../engines/kernels/bands.js';
import type { EncodeFormat } from '../formats.js';
import type { PixelSource } from '../image.js';
import type { EncodeOptions, EncodeOptionsByFormat } from '../options.js';
import { rowsBytes } from '../pixel-format.js';
import type { WorkResult } from './posted-result.js';
import { type BandWork, viewOf } from './protocol.js';
import { type TaskInput, type TaskOptions, type TaskRunner, timedOut, workOn } from './task-runner.js';

/** An image that is to be encoded in bands. */
export interface BandedImage<F extends EncodeFormat> {
  readonly codec: BandCodec<F>;
  readonly cut: NonNullable<ReturnType<BandCodec<F>['cut']>>;
  readonly image: PixelSource;
  readonly format: F;
  readonly options: Omit<EncodeOptions, 'signal'>;
}

/** A band, and what it is written from: its pixels, or what was found of it. */
interface Share extends Pick<TaskInput, 'bytes' | 'memory'> {
  readonly band: Band;
}

/**
 * Has an image encoded in bands by as many workers as are free, and puts its file together. Where one of them fails the others are
 * stopped.
 *
 * @returns `undefined` where it turns out that the image is better encoded in one piece
 * @throws as `TaskRunner.run`; `timeoutMs` is that of the image, from its first band on
 */
export async function encodeBands<F extends EncodeFormat>(
  { codec, cut, image, format, options }: BandedImage<F>,
  runner: TaskRunner,
  { signal, timeoutMs }: TaskOptions,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  signal?.throwIfAborted();
  const group = new AbortController();
  const onAbort = () => group.abort(signal?.reason);
  signal?.addEventListener('abort', onAbort);
  let timer: ReturnType<typeof setTimeout> | undefined;
  let begun = Number.POSITIVE_INFINITY;
  const onStart = () => {
    if (timeoutMs === undefined || timer !== undefined) return;
    begun = performance.now();
    timer = setTimeout(() => group.abort(timedOut(timeoutMs)), timeoutMs);
  };
  // Where bands are encoded in place no timer goes off before the last of them.
  const checkTime = () => {
    if (timeoutMs !== undefined && performance.now() - begun > timeoutMs) throw timedOut(timeoutMs);
  };
  const { bytes: pixels, metadata: _, ...layout } = image;
  const { width, pixelFormat, strideBytes } = layout;
  const rowsAt = (row: number, rows: number) => {
    const start = row * strideBytes;
    return pixels.subarray(start, start + rowsBytes(pixelFormat, width, strideBytes, rows));
  };
  let part: TaskOptions['part'] = 'first';

  /** Does the same with all shares, which wait for workers like any task. */
  const forAll = async <R extends WorkResult>(
    shares: readonly Share[],
    workOf: (source: BandWork['source']) => BandWork,
  ) => {
    const tasks = shares.map(({ band, bytes, memory }) => {
      const task = workOn(bytes, memory, (handed) => workOf({ layout, band, bytes: handed }));
      const running = runner.run(task, { signal: group.signal, part, onStart }) as Promise<R>;
      part = 'other';
      return running;
    });
    try {
      const results = await Promise.all(tasks);
      checkTime();
      return results;
    } catch (error) {
      group.abort(error);
      await Promise.allSettled(tasks);
      throw error;
    }
  };

  try {
    let shares = cut.bands.map((band): Share => {
      const bytes = rowsAt(band.row - band.above, band.above + band.rows);
      return { band, bytes, memory: 'keep' };
    });
    const findings: Uint8Array<ArrayBuffer>[] = [];
    if (cut.findsFirst) {
      const found = await forAll<BandFindings>(shares, (source) => ({
        kind: 'find-band',
        format,
        source,
        options,
      }));
      shares = found.map(({ findings: each, carry }, i): Share => {
        findings.push(each);
        return { band: cut.bands[i]!, bytes: carry, memory: 'own' };
      });
    }
    const settled = await codec.settle(layout, findings, options as EncodeOptionsByFormat[F], rowsAt);
    if (settled === undefined) return undefined;
    const parts = await forAll<Uint8Array<ArrayBuffer>>(shares, (source) => ({
      kind: 'write-band',
      format,
      source,
      settled: viewOf(settled),
      options,
    }));
    return codec.join(parts);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
  }
}
