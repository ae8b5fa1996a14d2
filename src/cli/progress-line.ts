import type { Colors } from './colors.js';
import { printable } from './printable.js';
import { columnsOf, fitEnd } from './text-width.js';

/** How far a run has come. */
export interface ProgressState {
  readonly files: number;
  /** Files that are through, the failed ones included. */
  readonly through: number;
  readonly failed: number;
  /** Of the images written; 0 where there are none yet. */
  readonly megapixelsPerSecond: number;
  /** Seconds to go; nothing where they cannot be told yet. */
  readonly secondsLeft: number | undefined;
  /** Path of the file that has been at work for longest. */
  readonly path: string | undefined;
}

/** Widths of the bar itself, by the least width of the terminal. */
const BAR_COLUMNS: readonly (readonly [terminal: number, bar: number])[] = [
  [90, 24],
  [60, 16],
  [36, 8],
];

/** A shorter beginning of a path tells nothing. */
const LEAST_PATH_COLUMNS = 12;

/** What is less would be shown as 0. */
const LEAST_RATE = 0.005;

const GAP = '  ';

function clock(seconds: number): string {
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, Math.floor(seconds) % 60];
  const two = (value: number) => String(value).padStart(2, '0');
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

function bar({ files, through }: ProgressState, width: number, colors: Colors): string {
  const full = Math.floor((width * through) / files);
  return colors.green('█'.repeat(full)) + colors.dim('░'.repeat(width - full));
}

/**
 * The line of a progress bar: bar, count, failures, time to go, rate, file. What there is no room for is left out, from the end on.
 *
 * @param columns of the terminal; the last one stays free, as some terminals go on to the next line when it is filled
 */
export function progressLine(state: ProgressState, columns: number, colors: Colors): string {
  const { files, through, failed, megapixelsPerSecond: rate, secondsLeft, path } = state;
  const shown: string[] = [];
  let left = columns - 1;
  const add = (text: string, color: (text: string) => string = String) => {
    const width = columnsOf(text);
    if (width > left) return;
    shown.push(color(text));
    left -= width + GAP.length;
  };
  const barColumns = BAR_COLUMNS.find(([least]) => columns >= least)?.[1] ?? 0;
  if (barColumns > 0) add('█'.repeat(barColumns), () => bar(state, barColumns, colors));
  add(`${String(through).padStart(String(files).length)}/${files}`);
  if (failed > 0) add(`${failed} failed`, colors.red);
  if (secondsLeft !== undefined) add(`${clock(secondsLeft)} left`);
  if (rate >= LEAST_RATE) add(`${rate.toFixed(rate < 1 ? 2 : rate < 100 ? 1 : 0)} MP/s`, colors.dim);
  if (path !== undefined && left >= LEAST_PATH_COLUMNS) add(fitEnd(printable(path), left), colors.dim);
  return shown.join(GAP);
}
