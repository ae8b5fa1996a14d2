import { stat } from 'node:fs/promises';
import { join, parse, resolve } from 'node:path';
import type { CompressedFormat } from '../formats.js';
import { EXTENSIONS } from '../sniff.js';
import type { InputFile } from './inputs.js';
import { pathKey } from './path-key.js';
import { UsageError } from './usage-error.js';

/** In the place of a file: the standard input, or the standard output. A file of that name is `./-`. */
export const STANDARD_STREAM = '-';

/** A file to convert, and where to. */
export interface Job {
  readonly input: InputFile;
  readonly output: {
    /** Its path, relative where `--out` was. */
    readonly path: string;
    /** Its absolute path. */
    readonly absolute: string;
  };
}

/** More would hide the first ones. */
const MAX_TOLD = 10;

function refuse(problems: readonly string[]): void {
  if (problems.length === 0) return;
  const more = problems.length - MAX_TOLD;
  const told = problems.slice(0, MAX_TOLD);
  throw new UsageError([...told, ...(more > 0 ? [`and ${more} more like these`] : [])].join('\n'));
}

function mirror(input: InputFile, format: CompressedFormat, out: string, cwd: string): Job {
  const { dir, name } = parse(input.mirrored);
  if (dir.split(/[\\/]/).includes('..')) {
    throw new UsageError(`${input.path} would be written outside of ${out}; name its folder instead`);
  }
  const path = join(out, dir, `${name}.${EXTENSIONS[format]}`);
  return { input, output: { path, absolute: resolve(cwd, path) } };
}

function refuseCollisions(jobs: readonly Job[]): void {
  const first = new Map<string, Job>();
  const problems: string[] = [];
  for (const job of jobs) {
    const key = pathKey(job.output.absolute);
    const other = first.get(key);
    if (other === undefined) first.set(key, job);
    else problems.push(`${other.input.path} and ${job.input.path} would both become ${job.output.path}`);
  }
  refuse(problems);
}

/** What tells a file from every other, by whatever name: links and names in other cases lead to the same. */
async function identify(path: string): Promise<string | undefined> {
  try {
    const { dev, ino } = await stat(path, { bigint: true });
    // Some network drives number nothing.
    return ino === 0n ? pathKey(path) : `${dev}:${ino}`;
  } catch {
    return undefined;
  }
}

async function refuseOverwrittenInputs(jobs: readonly Job[]): Promise<void> {
  const inputs = new Map<string, Job>();
  for (const job of jobs) {
    const identity = await identify(job.input.absolute);
    if (identity !== undefined) inputs.set(identity, job);
  }
  const problems: string[] = [];
  for (const job of jobs) {
    const identity = await identify(job.output.absolute);
    const overwritten = identity === undefined ? undefined : inputs.get(identity);
    if (overwritten === undefined) continue;
    problems.push(
      overwritten === job
        ? `${job.input.path} would be overwritten by its own output; choose another --out`
        : `${overwritten.input.path} is an input and would be overwritten by the output of ${job.input.path}`,
    );
  }
  refuse(problems);
}

async function refuseFileAsFolder(out: string, cwd: string): Promise<void> {
  const stats = await stat(resolve(cwd, out)).catch(() => undefined);
  if (stats !== undefined && !stats.isDirectory()) throw new UsageError(`--out ${out} is not a folder`);
}

/**
 * Decides where each file goes: below `out` as it lies below the argument it was found by, with the format's extension.
 *
 * @param out the output folder, as it was typed
 * @param cwd absolute path that `out` starts from
 * @throws UsageError where two files would get one output, or an output would be written over an input
 */
export async function planJobs(
  inputs: readonly InputFile[],
  format: CompressedFormat,
  out: string,
  cwd: string,
): Promise<Job[]> {
  await refuseFileAsFolder(out, cwd);
  const jobs = inputs.map((input) => mirror(input, format, out, cwd));
  refuseCollisions(jobs);
  await refuseOverwrittenInputs(jobs);
  return jobs;
}

/**
 * The one job of a run that ends on the standard output.
 *
 * @throws UsageError where there are several
 */
export function planStandardOutput(inputs: readonly InputFile[]): Job[] {
  if (inputs.length > 1) throw new UsageError(`--out - takes one file, and here are ${inputs.length}`);
  return inputs.map((input) => ({
    input,
    output: { path: STANDARD_STREAM, absolute: STANDARD_STREAM },
  }));
}
