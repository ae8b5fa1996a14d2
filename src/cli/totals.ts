import type { JobResult } from './convert.js';

/** A run in numbers. */
export interface Totals {
  /** Files that were to be converted. */
  readonly files: number;
  readonly done: number;
  readonly failed: number;
  /** Files that were left out. */
  readonly skipped: number;
  /** Bytes read and written of the files that are done. */
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** Time of the whole run. */
  readonly ms: number;
}

/** Adds a run up. Where it was interrupted, `done`, `failed` and `skipped` do not make up `files`. */
export function addUp(results: readonly JobResult[], files: number, ms: number): Totals {
  const done = results.filter(({ failure, skipped }) => failure === undefined && skipped === undefined);
  const failed = results.filter(({ failure }) => failure !== undefined).length;
  return {
    files,
    done: done.length,
    failed,
    skipped: results.length - done.length - failed,
    bytesIn: done.reduce((sum, { bytesIn }) => sum + bytesIn, 0),
    bytesOut: done.reduce((sum, { bytesOut }) => sum + bytesOut, 0),
    ms,
  };
}

/** What became of the bytes, such as `-71.9 %`; a dash where there were none. */
export function change(bytesIn: number, bytesOut: number): string {
  return bytesIn === 0 ? '–' : percent(bytesOut / bytesIn - 1);
}

/** What was saved of the bytes, such as `71.9 %`: below 0 where they grew. */
export function saved(bytesIn: number, bytesOut: number): string {
  return bytesIn === 0 ? '–' : percent(1 - bytesOut / bytesIn);
}

function percent(ratio: number): string {
  return `${(ratio * 100).toFixed(1)} %`;
}
