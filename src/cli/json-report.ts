import type { CompressedFormat } from '../formats.js';
import type { Dropped, JobFailure, JobResult, Skipped } from './convert.js';
import type { Job } from './plan.js';
import type { Totals } from './totals.js';

/** Of the schema below: raised where a program that reads it would have to change. */
const SCHEMA_VERSION = 1;

/** What `--json` prints. Fields may be added; none is renamed or taken away under the same `version`. */
export interface JsonReport {
  readonly version: typeof SCHEMA_VERSION;
  /** One for each file that is done or failed; after an interruption the others are left out. */
  readonly files: readonly JsonFile[];
  readonly totals: Totals;
}

interface JsonFile {
  readonly input: string;
  readonly output: string;
  readonly format: CompressedFormat;
  /** Bytes read and written; 0 where none were. */
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** Of the image written, in pixels; only where it was. */
  readonly width?: number;
  readonly height?: number;
  /** Whole milliseconds. */
  readonly ms: number;
  /** What the source has that the image written has not; only where there is any. */
  readonly dropped?: readonly Dropped[];
  /** Only where nothing was written, though nothing failed, and why. */
  readonly skipped?: Skipped;
  /** Only where the file failed. */
  readonly error?: JobFailure;
}

/** What `--json --dry-run` prints: under the same rules. */
export interface JsonPlan {
  readonly version: typeof SCHEMA_VERSION;
  readonly dryRun: true;
  readonly files: readonly Pick<JsonFile, 'input' | 'output' | 'format'>[];
}

export function toJsonPlan(jobs: readonly Job[], format: CompressedFormat): JsonPlan {
  const files = jobs.map(({ input, output }) => ({ input: input.path, output: output.path, format }));
  return { version: SCHEMA_VERSION, dryRun: true, files };
}

/** Puts a run in the schema of `--json`, files in the order of their paths. */
export function toJsonReport(
  results: readonly JobResult[],
  format: CompressedFormat,
  totals: Totals,
): JsonReport {
  const files = results.map(({ job, bytesIn, bytesOut, size, dropped, ms, skipped, failure }) => ({
    input: job.input.path,
    output: job.output.path,
    format,
    bytesIn,
    bytesOut,
    ...size,
    ms: Math.round(ms),
    ...(dropped.length === 0 ? {} : { dropped }),
    ...(skipped === undefined ? {} : { skipped }),
    ...(failure === undefined ? {} : { error: failure }),
  }));
  files.sort((a, b) => (a.input < b.input ? -1 : a.input > b.input ? 1 : 0));
  return { version: SCHEMA_VERSION, files, totals: { ...totals, ms: Math.round(totals.ms) } };
}
