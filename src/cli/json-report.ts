import type { CompressedFormat } from '../formats.js';
import type { Dropped, JobFailure, JobResult } from './convert.js';
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
  /** Only where the file failed. */
  readonly error?: JobFailure;
}

/** Puts a run in the schema of `--json`, files in the order of their paths. */
export function toJsonReport(
  results: readonly JobResult[],
  format: CompressedFormat,
  totals: Totals,
): JsonReport {
  const files = results.map(({ job, bytesIn, bytesOut, size, dropped, ms, failure }) => ({
    input: job.input.path,
    output: job.output.path,
    format,
    bytesIn,
    bytesOut,
    ...size,
    ms: Math.round(ms),
    ...(dropped.length === 0 ? {} : { dropped }),
    ...(failure === undefined ? {} : { error: failure }),
  }));
  files.sort((a, b) => (a.input < b.input ? -1 : a.input > b.input ? 1 : 0));
  return { version: SCHEMA_VERSION, files, totals: { ...totals, ms: Math.round(totals.ms) } };
}
