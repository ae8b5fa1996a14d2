import { stripVTControlCharacters } from 'node:util';
import Table from 'cli-table3';
import prettyBytes from 'pretty-bytes';
import { colorsFor } from './colors.js';
import type { Dropped, JobResult, Skipped } from './convert.js';
import type { CliHost, TextOutput } from './host.js';
import type { Job } from './plan.js';
import { printable } from './printable.js';
import { columnsOf } from './text-width.js';
import { change, saved, type Totals } from './totals.js';

function duration(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(ms < 10_000 ? 2 : 1)} s`;
}

/** Where a file goes. */
export function plannedLine({ input, output }: Job): string {
  return `${printable(input.path)} → ${printable(output.path)}`;
}

const SKIPPED_WORDS: Readonly<Record<Skipped, string>> = {
  larger: 'it would be larger',
  unchanged: 'it is there, unchanged',
};

/** A line of a file that is done, with its place in the run. */
export function resultLine(
  result: JobResult,
  place: number,
  files: number,
  stderr: TextOutput,
  env: CliHost['env'],
) {
  const colors = colorsFor(stderr, env);
  const { job, bytesIn, bytesOut, skipped, ms } = result;
  const count = `[${String(place).padStart(String(files).length)}/${files}]`;
  const paths = plannedLine(job);
  if (skipped !== undefined)
    return `${colors.dim(count)} ${paths}  ${colors.yellow(`skipped: ${SKIPPED_WORDS[skipped]}`)} ${colors.dim(duration(ms))}\n`;
  const sizes = `${prettyBytes(bytesIn)} → ${prettyBytes(bytesOut)} (${change(bytesIn, bytesOut)})`;
  return `${colors.dim(count)} ${paths}  ${colors.green(sizes)} ${colors.dim(duration(ms))}\n`;
}

/** A line of what is wrong: with a file, or with the whole run. */
export function errorLine(subject: string, message: string, stderr: TextOutput, env: CliHost['env']): string {
  return `${colorsFor(stderr, env).red(printable(subject))}: ${printable(message)}\n`;
}

const DROPPED_NAMES: Readonly<Record<Dropped, string>> = {
  icc: 'a colour profile',
  animation: 'more than one frame',
};

/** A line for each thing that sources have and outputs have not. */
export function droppedLines(results: readonly JobResult[], stdout: TextOutput, env: CliHost['env']): string {
  const { yellow } = colorsFor(stdout, env);
  const lines = (Object.keys(DROPPED_NAMES) as Dropped[]).map((kind) => {
    const count = results.filter(({ dropped }) => dropped.includes(kind)).length;
    if (count === 0) return '';
    const files = count === 1 ? '1 file has' : `${count} files have`;
    return `${yellow('note')}: ${files} ${DROPPED_NAMES[kind]}, which the output goes without\n`;
  });
  return lines.join('');
}

/** The table at the end of a run. */
export function summaryTable(totals: Totals, stdout: TextOutput, env: CliHost['env']): string {
  const colors = colorsFor(stdout, env);
  const { done, failed, skipped, bytesIn, bytesOut, ms } = totals;
  const columns: [head: string, cell: string][] = [
    ['files done', colors.green(String(done))],
    ['failed', failed > 0 ? colors.red(String(failed)) : '0'],
    ...(skipped > 0 ? [['skipped', colors.yellow(String(skipped))] as [string, string]] : []),
    ['bytes in', prettyBytes(bytesIn)],
    ['bytes out', prettyBytes(bytesOut)],
    ['saved', saved(bytesIn, bytesOut)],
    ['time', duration(ms)],
  ];
  // Its own colours know nothing of the environment above.
  const style = { head: [], border: [] };
  const colAligns = columns.map(() => 'right' as const);
  const table = new Table({ head: columns.map(([head]) => colors.bold(head)), colAligns, style });
  table.push(columns.map(([, cell]) => cell));
  const text = table.toString();
  const width = columnsOf(stripVTControlCharacters(text.split('\n')[0]!));
  if (width <= (stdout.columns || Number.POSITIVE_INFINITY)) return `${text}\n`;
  // Turned on its side, without lines between the rows.
  const chars = { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' };
  const narrow = new Table({ colAligns: ['left', 'right'], style, chars });
  narrow.push(...columns.map(([head, cell]) => [colors.bold(head), cell]));
  return `${narrow.toString()}\n`;
}
