import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import pLimit, { type LimitFunction } from 'p-limit';
import pMap from 'p-map';
import { CodecError } from '../errors.js';
import type { CompressedFormat } from '../formats.js';
import type { Limits } from '../limits.js';
import type { CliHost, ConversionOptions, RawLayout } from './host.js';
import type { Manifest } from './manifest.js';
import { type Job, STANDARD_STREAM } from './plan.js';
import { isPnm, readPnm } from './pnm.js';
import { describeSystemError } from './system-error.js';
import { sweepTemporaries } from './temporaries.js';
import { writeFileWhole } from './write-file.js';

/** Why a file was not converted. */
export interface JobFailure {
  /** That of a `CodecError`, or the operating system's, such as `ENOENT`; `UNEXPECTED` for a defect of this program. */
  readonly code: string;
  /** A sentence. */
  readonly message: string;
}

/** What changes how an image looks, and is not carried over: its colour profile, all frames of an animation but one. */
export type Dropped = 'icc' | 'animation';

/** Why a file was left out: it would be larger than its source, or is there already, made from the same source in the same way. */
export type Skipped = 'larger' | 'unchanged';

/** What became of a file. */
export interface JobResult {
  readonly job: Job;
  /** Bytes read: 0 where nothing could be. */
  readonly bytesIn: number;
  /** Bytes written: 0 where the conversion failed, or the file was left out. */
  readonly bytesOut: number;
  /** Why nothing was written, though nothing failed. */
  readonly skipped: Skipped | undefined;
  /** Of the image written, in pixels. */
  readonly size: { readonly width: number; readonly height: number } | undefined;
  /** What the source has that the image written has not. */
  readonly dropped: readonly Dropped[];
  /** Time it took, reading and writing included. */
  readonly ms: number;
  readonly failure: JobFailure | undefined;
}

/** How files are converted: the same for all of a run. */
export interface Conversion {
  readonly host: CliHost;
  readonly format: CompressedFormat;
  readonly options: ConversionOptions;
  /** What the files are, where they are bare pixels. */
  readonly raw: RawLayout | undefined;
  /** Leaves out what is larger than its source; what stands in its place stays. */
  readonly skipIfLarger: boolean;
  /** Leaves out what it holds. */
  readonly manifest: Manifest | undefined;
  /** Files at one time. */
  readonly concurrency: number;
}

/**
 * More memory than a call takes by default, which is meant for strangers' uploads: lossless WebP takes 768 MB of an ordinary
 * photograph of 24 megapixels. It is also the most that the codecs' own memory can grow to.
 */
const LIMITS: Limits = Object.freeze({ maxMemoryBytes: 2 * 1024 ** 3 });

function describe(error: unknown, action: string): JobFailure {
  if (error instanceof CodecError) return { code: error.code, message: error.message };
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
  if (code !== undefined) return { code, message: `${action}: ${describeSystemError(error)}` };
  // Pixels that are too few for what --raw tells.
  if (error instanceof RangeError) return { code: 'CORRUPT_INPUT', message: error.message };
  return { code: 'UNEXPECTED', message: error instanceof Error ? error.message : String(error) };
}

function read({ path, absolute }: Job['input'], host: CliHost): Promise<Uint8Array> {
  const { signal } = host;
  return path === STANDARD_STREAM ? host.readInput(signal) : readFile(absolute, { signal });
}

function write({ path, absolute }: Job['output'], bytes: Uint8Array, host: CliHost): Promise<void> {
  return path === STANDARD_STREAM ? host.writeOutput(bytes) : writeFileWhole(absolute, bytes, host.signal);
}

/** Whether a source may stand in the output's place: a file that is other than what is written, and was not written by a run that is remembered. */
async function isTaken(job: Job, bytes: Uint8Array, { manifest, host }: Conversion): Promise<boolean> {
  if (!job.output.guarded) return false;
  const { signal } = host;
  const existing = await readFile(job.output.absolute, { signal }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (existing === undefined || existing.equals(bytes)) return false;
  return !manifest?.wrote(job, existing);
}

/** Converts one file. A failure is a result too; it rejects only with the signal's reason. */
async function convertFile(job: Job, conversion: Conversion, inTurn: LimitFunction): Promise<JobResult> {
  const { host, format, options, raw, skipIfLarger, manifest } = conversion;
  const { signal } = host;
  const begin = performance.now();
  let action = 'It cannot be read';
  let bytesIn = 0;
  const result = (
    details: Partial<Pick<JobResult, 'bytesOut' | 'size' | 'dropped' | 'failure' | 'skipped'>>,
  ): JobResult => ({
    job,
    bytesIn,
    bytesOut: 0,
    skipped: undefined,
    size: undefined,
    dropped: [],
    failure: undefined,
    ms: performance.now() - begin,
    ...details,
  });
  try {
    const file = await read(job.input, host);
    bytesIn = file.length;
    const key = manifest?.keyOf(file) ?? '';
    if (await manifest?.holds(job, key, signal)) return result({ skipped: 'unchanged' });
    const how = { ...options, limits: LIMITS, signal };
    // Before the file's memory is taken over.
    const pixels = raw ? { ...raw, data: file } : isPnm(file) ? readPnm(file) : undefined;
    const { hasIcc = false, animated = false } = pixels ? {} : host.probe(file);
    const bytes = await inTurn(() =>
      pixels ? host.encode(pixels, format, how) : host.transcode(file, format, how),
    );
    if (skipIfLarger && bytes.length > bytesIn) {
      manifest?.note(job, key, undefined);
      return result({ skipped: 'larger' });
    }
    action = `${job.output.path} cannot be written`;
    const { width, height } = host.probe(bytes);
    if (await isTaken(job, bytes, conversion)) {
      const message = `${job.output.path} is there already, beside an input, and may be a source; --force replaces it`;
      return result({ failure: { code: 'EEXIST', message } });
    }
    const dropped = [...(hasIcc ? ['icc' as const] : []), ...(animated ? ['animation' as const] : [])];
    await write(job.output, bytes, host);
    manifest?.note(job, key, bytes);
    return result({ bytesOut: bytes.length, size: { width, height }, dropped });
  } catch (error) {
    signal.throwIfAborted();
    return result({ failure: describe(error, action) });
  }
}

/**
 * Converts files, several at a time, until the signal is aborted: then it ends, without the files that were under way, when nothing of
 * them is left.
 *
 * @param watcher is told when a file is begun, and its result when that is there
 * @returns results in the order of `jobs`
 */
export async function convertFiles(
  jobs: readonly Job[],
  conversion: Conversion,
  watcher: { begin(job: Job): void; end(result: JobResult): void },
): Promise<JobResult[]> {
  const { concurrency, manifest } = conversion;
  const { signal } = conversion.host;
  const inTurn = pLimit(concurrency);
  const results: (JobResult | undefined)[] = [];
  const folders = jobs.flatMap(({ output: { path, absolute } }) =>
    path === STANDARD_STREAM ? [] : [dirname(absolute)],
  );
  if (manifest) folders.push(manifest.folder);
  for (const folder of new Set(folders)) await sweepTemporaries(folder);
  const convert = async (job: Job, index: number) => {
    signal.throwIfAborted();
    watcher.begin(job);
    const result = await convertFile(job, conversion, inTurn);
    results[index] = result;
    watcher.end(result);
    manifest?.checkpoint();
  };
  try {
    // Some are read or written meanwhile, so that no core waits for a disk; one by one is one by one.
    await pMap(jobs, convert, { concurrency: 2 * concurrency - 1, stopOnError: false });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  return results.filter((result) => result !== undefined);
}
