import type { decode as decodeImage } from '../../src/decode.js';
import type { encode as encodeImage } from '../../src/encode.js';
import type { CodecError } from '../../src/errors.js';
import type { createPool as startPool } from '../../src/pool.js';
import type { transcode as transcodeImage } from '../../src/transcode.js';
import { random } from '../codecs/random-image.js';
import { callOf, largeImage, makeFiles, type SoakCall, type Verbs } from './soak-calls.js';

/** What is soaked, as it is published. */
export interface Published {
  readonly encode: typeof encodeImage;
  readonly decode: typeof decodeImage;
  readonly transcode: typeof transcodeImage;
  readonly createPool: typeof startPool;
}

/** How a soak is done. */
export interface SoakSettings {
  readonly calls: number;
  /** Calls before memory is looked at. */
  readonly warmup: number;
  /** Calls between two looks at memory; a look waits for all that are on their way. */
  readonly every: number;
  readonly seed: number;
  /** Default: all. */
  readonly ways?: readonly string[] | undefined;
  /** Collects garbage. */
  readonly collect: () => void;
  /** Gets every result. */
  readonly onResult?: (result: Uint8Array | { data: Uint8Array | Uint16Array }) => void;
  /** Told at each look. */
  readonly onSample?: (sample: MemorySample) => void;
}

/** Memory in bytes, while nothing is on its way and after garbage was collected. */
export interface MemorySample {
  readonly calls: number;
  /** Of the process. It wavers by some megabytes: heaps of workers, and what the allocator keeps. */
  readonly rss: number;
  /** That objects, buffers and WebAssembly of the calling thread hold. It hardly wavers, and does not tell of workers. */
  readonly held: number;
}

/** What came of the calls. */
export interface SoakReport {
  done: number;
  refused: number;
  aborted: number;
  timedOut: number;
  /** Calls in place and on the pool whose results differ, and calls that ended as they must not. */
  readonly faults: string[];
  readonly samples: MemorySample[];
  /** Workers in all, those that aborts ended included. */
  workersStarted: number;
}

/** Calls on their way at one time: some wait for a worker. */
const IN_FLIGHT = 6;
const WORKERS = 2;

const after = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

function bytesOf(result: Uint8Array | { data: Uint8Array | Uint16Array }): Uint8Array {
  const { buffer, byteOffset, byteLength } = result instanceof Uint8Array ? result : result.data;
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/**
 * Which of the verbs are used for a call, and what befalls it; how many of 38. The last two are rare, as a thread that is ended early costs
 * Node itself some kilobytes, whatever ran on it.
 */
const WAYS = { 'in place': 16, pool: 16, both: 4, abort: 1, timeout: 1 } as const;
type Way = keyof typeof WAYS;

const isWay = (name: string): name is Way => Object.hasOwn(WAYS, name);

/** As often as they are to be chosen. */
function waysOf(names: readonly string[] = Object.keys(WAYS)): Way[] {
  return names.filter(isWay).flatMap((name) => new Array<Way>(WAYS[name]).fill(name));
}

class Soak {
  readonly report: SoakReport = {
    done: 0,
    refused: 0,
    aborted: 0,
    timedOut: 0,
    faults: [],
    samples: [],
    workersStarted: 0,
  };
  readonly #here: Verbs;
  readonly #pool: Verbs;
  readonly #harried: Verbs;
  readonly #onResult: SoakSettings['onResult'];

  /** @param harried for the calls that end its workers; those of `pool` live on, and what they gather shows */
  constructor(here: Verbs, pool: Verbs, harried: Verbs, onResult: SoakSettings['onResult']) {
    this.#here = here;
    this.#pool = pool;
    this.#harried = harried;
    this.#onResult = onResult;
  }

  async call(call: SoakCall, way: Way, next: () => number): Promise<void> {
    const delay = next() % 6;
    if (way === 'both') await this.#compare(call);
    else if (way === 'abort') await this.#abort(call, delay);
    else if (way === 'timeout') await this.#watch(call, this.#harried, { timeoutMs: delay });
    else await this.#watch(call, way === 'pool' ? this.#pool : this.#here, {});
  }

  /** @returns the bytes, where there are any */
  async #watch(
    call: SoakCall,
    verbs: Verbs,
    options: Parameters<SoakCall['run']>[1],
  ): Promise<Uint8Array | undefined> {
    try {
      const result = await call.run(verbs, options);
      this.#onResult?.(result);
      if (call.wrong) this.report.faults.push(`${call.name}: nothing thrown`);
      if (bytesOf(result).length === 0) this.report.faults.push(`${call.name}: nothing in it`);
      this.report.done++;
      return bytesOf(result);
    } catch (error) {
      const { name, code } = error as CodecError;
      if (options.signal?.aborted && error === options.signal.reason) this.report.aborted++;
      else if (options.timeoutMs !== undefined && code === 'TIMEOUT') this.report.timedOut++;
      else if (call.errors.includes(code ?? name)) this.report.refused++;
      else this.report.faults.push(`${call.name}: ${error}`);
      return undefined;
    }
  }

  async #compare(call: SoakCall): Promise<void> {
    const [here, there] = [await this.#watch(call, this.#here, {}), await this.#watch(call, this.#pool, {})];
    const same = here === there || (here && there && Buffer.compare(here, there) === 0);
    if (!same) this.report.faults.push(`${call.name}: the pool has another result`);
  }

  async #abort(call: SoakCall, delay: number): Promise<void> {
    const controller = new AbortController();
    const ended = this.#watch(call, this.#harried, { signal: controller.signal });
    await Promise.race([after(delay), ended]);
    controller.abort(new Error('It is not wanted any more'));
    await ended;
  }
}

/** Memory once garbage is gone: what one collection frees may need another, and pages go back a little later. */
async function settle(collect: () => void): Promise<{ rss: number; held: number }> {
  for (let i = 0; i < 3; i++) {
    collect();
    await after(10);
  }
  const { rss, heapUsed, external } = process.memoryUsage();
  return { rss, held: heapUsed + external };
}

/** Makes calls of all kinds, in place and on a pool, and looks at memory between them. */
export async function soak(published: Published, settings: SoakSettings): Promise<SoakReport> {
  const { calls, warmup, every, seed, collect, onResult, onSample } = settings;
  const ways = waysOf(settings.ways);
  const next = random(seed);
  const files = await makeFiles(next, published.encode);
  await using pool = published.createPool({ size: WORKERS });
  await using harried = published.createPool({ size: 1 });
  const run = new Soak(published as Verbs, pool, harried, onResult);
  let begun = 0;
  const goOn = async (until: number) => {
    while (begun < until) {
      begun++;
      await run.call(callOf(next, files), ways[next() % ways.length]!, next);
    }
  };
  while (begun < calls) {
    const until = Math.min(calls, begun + every);
    await Promise.all(Array.from({ length: IN_FLIGHT }, () => goOn(until)));
    if (begun < warmup) continue;
    const sample = { calls: begun, ...(await settle(collect)) };
    run.report.samples.push(sample);
    onSample?.(sample);
  }
  run.report.workersStarted = pool.stats.started + harried.stats.started;
  return run.report;
}

/** Bytes by which memory grows in a call: the slope of a straight line through the samples with the least squares. */
export function growthOf(samples: readonly MemorySample[], key: 'rss' | 'held'): number {
  const mean = (of: (sample: MemorySample) => number) =>
    samples.reduce((sum, sample) => sum + of(sample), 0) / samples.length;
  const calls = mean((sample) => sample.calls);
  const bytes = mean((sample) => sample[key]);
  const covariance = mean((sample) => (sample.calls - calls) * (sample[key] - bytes));
  return covariance / mean((sample) => (sample.calls - calls) ** 2);
}

/** Memory before an image of 24 megapixels, and after it. */
export interface LargeReport {
  readonly name: string;
  readonly before: number;
  readonly after: number;
}

/**
 * Encodes 24 megapixels in several ways, each time on a warm pool, and looks at memory when they are gone.
 *
 * @param patience how long workers without work may take until so much is left, as a ratio
 */
export async function soakLarge(
  published: Published,
  collect: () => void,
  patience: { readonly most: number; readonly ms: number },
): Promise<LargeReport[]> {
  const small = { data: new Uint8Array(300 * 300 * 4).fill(99), width: 300, height: 300 };
  const ways = [
    ['jpeg', {}],
    ['jpeg', { effort: 'smallest' }],
    ['png', {}],
    ['png', { interlaced: true, effort: 'fast' }],
    ['raw', { pixelFormat: 'rgb8' }],
  ] as const;
  const reports: LargeReport[] = [];
  for (const where of ['in place', 'pool'] as const) {
    for (const [format, options] of ways) {
      await using pool = published.createPool({ size: WORKERS });
      const verbs = where === 'pool' ? pool : (published as Verbs);
      // So that modules, instances and workers are there before.
      for (let i = 0; i < 4; i++) await Promise.all([1, 2].map(() => verbs.encode(small, format, options)));
      const { rss: before } = await settle(collect);
      await verbs.encode(largeImage(), format, options);
      let { rss } = await settle(collect);
      for (let waited = 0; waited < patience.ms && rss > before * patience.most; waited += 100) {
        await after(100);
        ({ rss } = await settle(collect));
      }
      reports.push({ name: `${format} ${JSON.stringify(options)}, ${where}`, before, after: rss });
    }
  }
  return reports;
}
