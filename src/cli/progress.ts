import type { CliArguments } from './arguments.js';
import { colorsFor } from './colors.js';
import type { JobResult } from './convert.js';
import type { CliHost } from './host.js';
import { type Job, STANDARD_STREAM } from './plan.js';
import { ProgressBar } from './progress-bar.js';
import { resultLine } from './text-report.js';

/** What a person sees of a run while it goes on, on the standard error. */
export interface Progress {
  begin(job: Job): void;
  end(result: JobResult): void;
  /** Prints a line, which ends with a line feed. */
  print(line: string): void;
  /** Takes away what is not to stay. To be called once, and nothing after it. */
  close(): void;
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && !['', '0', 'false'].includes(value);
}

/**
 * A bar on a terminal; where a terminal cannot go back on a line, or keeps all that is printed, as those of CI services do, a line for
 * each file. Nothing elsewhere, and where nothing but errors is wanted.
 */
export function createProgress(args: CliArguments, files: number, { stderr, env }: CliHost): Progress {
  const watched = stderr.isTTY && !args.quiet && !args.json && args.out !== STANDARD_STREAM;
  const print = (line: string) => {
    stderr.write(line);
  };
  if (!watched) return { begin() {}, end() {}, print, close() {} };
  if (env.TERM !== 'dumb' && !isSet(env.CI)) return new ProgressBar(files, stderr, colorsFor(stderr, env));
  let through = 0;
  const end = (result: JobResult) => {
    through++;
    if (result.failure === undefined) print(resultLine(result, through, files, stderr, env));
  };
  return { begin() {}, end, print, close() {} };
}
