import { access, constants, stat } from 'node:fs/promises';
import { dirname, join, parse, relative, resolve } from 'node:path';
import type { CompressedFormat } from '../formats.js';
import { EXTENSIONS } from '../sniff.js';
import type { InputFile } from './inputs.js';
import { pathKey } from './path-key.js';
import { describeSystemError } from './system-error.js';
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
    /** Whether a file that stands there may be a source: it lies where inputs do. Then it is not replaced by other content. */
    readonly guarded: boolean;
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
  return { input, output: { path, absolute: resolve(cwd, path), guarded: false } };
}

/** Whether the output takes the place of its input. */
export function isInPlace({ input, output }: Job): boolean {
  return pathKey(input.absolute) === pathKey(output.absolute);
}

/**
 * Where outputs lie beside their sources, a search finds those of earlier runs too: `a.webp` beside `a.png`. They are no sources. Were
 * one a source nonetheless, it would be guarded.
 */
function withoutEarlierOutputs(jobs: readonly Job[]): Job[] {
  const outputs = new Set(
    jobs.filter((job) => !isInPlace(job)).map(({ output }) => pathKey(output.absolute)),
  );
  return jobs.filter(
    (job) => job.input.named || !isInPlace(job) || !outputs.has(pathKey(job.output.absolute)),
  );
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

async function refuseOverwrittenInputs(jobs: readonly Job[], force: boolean): Promise<void> {
  const inputs = new Map<string, Job>();
  for (const job of jobs) {
    const identity = await identify(job.input.absolute);
    if (identity !== undefined) inputs.set(identity, job);
  }
  const problems: string[] = [];
  for (const job of jobs) {
    const identity = await identify(job.output.absolute);
    const overwritten = identity === undefined ? undefined : inputs.get(identity);
    if (overwritten === undefined || (overwritten === job && force)) continue;
    problems.push(
      overwritten === job
        ? `${job.input.path} would be overwritten by its own output; choose another --out, or --force it`
        : // Nor is that forced: which of the two files it is made from would be a matter of luck.
          `${overwritten.input.path} is an input and would be overwritten by the output of ${job.input.path}`,
    );
  }
  refuse(problems);
}

/** Marks the outputs in folders that hold inputs. */
async function guardSources(jobs: readonly Job[]): Promise<Job[]> {
  const identities = new Map<string, Promise<string | undefined>>();
  const identifyFolderOf = (path: string) => {
    const folder = dirname(path);
    const identity = identities.get(folder) ?? identify(folder);
    identities.set(folder, identity);
    return identity;
  };
  const ofInputs = new Set(await Promise.all(jobs.map(({ input }) => identifyFolderOf(input.absolute))));
  return Promise.all(
    jobs.map(async ({ input, output }) => {
      const identity = await identifyFolderOf(output.absolute);
      return { input, output: { ...output, guarded: identity !== undefined && ofInputs.has(identity) } };
    }),
  );
}

/** Refuses an output folder that nothing could be written to, as far as that can be told beforehand. */
async function checkFolder(out: string, cwd: string): Promise<void> {
  const folder = resolve(cwd, out);
  const stats = await stat(folder).catch((error: NodeJS.ErrnoException) => error);
  if (!(stats instanceof Error)) {
    if (!stats.isDirectory()) throw new UsageError(`--out ${out} is not a folder`);
    await access(folder, constants.W_OK).catch((error: unknown) => {
      throw new UsageError(`--out ${out} cannot be written to: ${describeSystemError(error)}`);
    });
    return;
  }
  const parent = dirname(folder);
  // It would be made.
  if (stats.code === 'ENOENT' && parent !== folder) await checkFolder(relative(cwd, parent) || '.', cwd);
  else throw new UsageError(`--out ${out} cannot be made: ${describeSystemError(stats)}`);
}

/** Where the outputs of a run go. */
export interface OutputPlace {
  /** The output folder, as it was typed. */
  readonly out: string;
  /** Absolute path that `out` starts from. */
  readonly cwd: string;
  /** Whether sources may be replaced: an input by its own output, and what lies beside inputs. */
  readonly force: boolean;
}

/**
 * Decides where each file goes: below `out` as it lies below the argument it was found by, with the format's extension.
 *
 * @throws UsageError where two files would get one output, an output would be written over an input, or the folder cannot be written to
 */
export async function planJobs(
  inputs: readonly InputFile[],
  format: CompressedFormat,
  { out, cwd, force }: OutputPlace,
): Promise<Job[]> {
  await checkFolder(out, cwd);
  const jobs = withoutEarlierOutputs(inputs.map((input) => mirror(input, format, out, cwd)));
  refuseCollisions(jobs);
  await refuseOverwrittenInputs(jobs, force);
  return force ? jobs : guardSources(jobs);
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
    output: { path: STANDARD_STREAM, absolute: STANDARD_STREAM, guarded: false },
  }));
}
