import { resolve } from 'node:path';
import { CodecError } from '../errors.js';
import { type CliArguments, parseArguments } from './arguments.js';
import { type Conversion, convertFiles, type JobResult } from './convert.js';
import type { CliHost } from './host.js';
import { findInputs, type InputFile } from './inputs.js';
import { Interruption, SIGNAL_EXIT_CODES } from './interruption.js';
import { toJsonPlan, toJsonReport } from './json-report.js';
import { Manifest } from './manifest.js';
import { type Job, planJobs, planStandardOutput, STANDARD_STREAM } from './plan.js';
import { createProgress } from './progress.js';
import { describeSystemError } from './system-error.js';
import { droppedLines, errorLine, plannedLine, summaryTable } from './text-report.js';
import { addUp } from './totals.js';
import { UsageError } from './usage-error.js';

const STANDARD_INPUT: InputFile = Object.freeze({
  path: STANDARD_STREAM,
  absolute: STANDARD_STREAM,
  mirrored: STANDARD_STREAM,
  named: true,
});

/** Exit codes of a run that was not interrupted. */
const EXIT_CODES = Object.freeze({ allDone: 0, someFailed: 1, wrongUsage: 2 });

/** Lets the format itself judge the options, and names them as they were typed. */
async function checkOptions({ format, options }: CliArguments, host: CliHost): Promise<void> {
  try {
    await host.checkOptions(format, options);
  } catch (error) {
    const known = error instanceof TypeError || error instanceof RangeError || error instanceof CodecError;
    if (!known) throw error;
    throw new UsageError(
      error.message.replace(/ for (\w+) but received (.*) of type \w+$/, ' for --$1 but received $2'),
    );
  }
}

function isPiped({ inputs, out }: CliArguments): boolean {
  if (!inputs.includes(STANDARD_STREAM)) return false;
  if (inputs.length > 1) throw new UsageError('- is the standard input, and has to stand alone');
  if (out !== STANDARD_STREAM)
    throw new UsageError('The standard input goes to the standard output: use --out -');
  return true;
}

async function plan(args: CliArguments, host: CliHost): Promise<Job[]> {
  await checkOptions(args, host);
  const { cwd } = host;
  const { format, out, json, skipUnchanged, force } = args;
  const toStream = out === STANDARD_STREAM;
  if (toStream && skipUnchanged) throw new UsageError('--skip-unchanged and --out - do not go together');
  if (toStream && json) throw new UsageError('--json and --out - cannot both have the standard output');
  if (toStream && host.stdout.isTTY && !force) {
    throw new UsageError('The standard output is a terminal: send it to a file or a pipe, or --force it');
  }
  if (isPiped(args)) return planStandardOutput([STANDARD_INPUT]);
  const inputs = await findInputs(args.inputs, { cwd, out: toStream ? cwd : resolve(cwd, out) });
  return toStream ? planStandardOutput(inputs) : planJobs(inputs, format, { out, cwd, force });
}

async function convert(
  args: CliArguments,
  jobs: readonly Job[],
  host: CliHost,
): Promise<{ results: JobResult[]; remembered: boolean }> {
  const { stderr, env, cwd } = host;
  const { format, options, raw, out, skipUnchanged, skipIfLarger } = args;
  const how = { format, options, raw, skipIfLarger };
  const manifest = skipUnchanged ? await Manifest.load(resolve(cwd, out), how) : undefined;
  const conversion: Conversion = {
    host,
    format,
    options,
    raw,
    skipIfLarger,
    manifest,
    concurrency: args.concurrency ?? host.concurrency,
  };
  const progress = createProgress(args, jobs.length, host);
  const begin = (job: Job) => progress.begin(job);
  const end = (result: JobResult) => {
    const { job, failure } = result;
    progress.end(result);
    if (failure === undefined) return;
    progress.print(errorLine(job.input.path, `${failure.code}: ${failure.message}`, stderr, env));
  };
  const results = await convertFiles(jobs, conversion, { begin, end }).finally(() => progress.close());
  const changed = results.some(({ bytesOut, skipped }) => bytesOut > 0 || skipped === 'larger');
  if (manifest === undefined || !changed) return { results, remembered: true };
  try {
    await manifest.save();
  } catch (error) {
    stderr.write(
      errorLine(out, `What was done cannot be remembered: ${describeSystemError(error)}`, stderr, env),
    );
    return { results, remembered: false };
  }
  return { results, remembered: true };
}

function report(args: CliArguments, results: JobResult[], files: number, ms: number, host: CliHost): void {
  const { stdout, stderr, env, signal } = host;
  const totals = addUp(results, files, ms);
  if (signal.aborted) {
    const message = `interrupted, with ${totals.done} of ${files} files done`;
    stderr.write(errorLine('pixbytes', message, stderr, env));
  }
  if (args.out === STANDARD_STREAM) {
    // There the image is.
    if (!args.quiet) stderr.write(droppedLines(results, stderr, env));
    return;
  }
  if (args.json) stdout.write(`${JSON.stringify(toJsonReport(results, args.format, totals), null, 2)}\n`);
  else if (!args.quiet) stdout.write(summaryTable(totals, stdout, env) + droppedLines(results, stdout, env));
}

function tellPlan({ format, json, quiet }: CliArguments, jobs: readonly Job[], { stdout }: CliHost): void {
  if (json) stdout.write(`${JSON.stringify(toJsonPlan(jobs, format), null, 2)}\n`);
  else if (!quiet) for (const job of jobs) stdout.write(`${plannedLine(job)}\n`);
}

function interruptedCode({ signal: { reason } }: CliHost): number {
  return reason instanceof Interruption ? reason.exitCode : SIGNAL_EXIT_CODES.SIGINT;
}

function tellUsage(error: UsageError, { stderr, env }: CliHost): void {
  for (const line of error.message.split('\n')) stderr.write(errorLine('pixbytes', line, stderr, env));
  stderr.write('pixbytes --help tells how to use it.\n');
}

/**
 * Runs the command line from end to end.
 *
 * @param argv what follows the program's name
 * @param host the world around it
 * @returns the exit code: 0 all done, 1 some failed and the rest are written, 2 wrong usage and nothing is written, 130 (143, 129)
 * interrupted. It rejects only where the program itself is at fault.
 */
export async function run(argv: readonly string[], host: CliHost): Promise<number> {
  const begin = performance.now();
  try {
    const args = parseArguments(argv, host.stdout);
    if (args === undefined) return EXIT_CODES.allDone;
    const jobs = await plan(args, host);
    if (args.dryRun) {
      tellPlan(args, jobs, host);
      return EXIT_CODES.allDone;
    }
    const { results, remembered } = await convert(args, jobs, host);
    report(args, results, jobs.length, performance.now() - begin, host);
    if (host.signal.aborted) return interruptedCode(host);
    const failed = !remembered || results.some(({ failure }) => failure !== undefined);
    return failed ? EXIT_CODES.someFailed : EXIT_CODES.allDone;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    tellUsage(error, host);
    return EXIT_CODES.wrongUsage;
  }
}
