import type { Stats } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { glob, isDynamicPattern } from 'tinyglobby';
import { LinkLoops } from './link-loops.js';
import { pathKey } from './path-key.js';
import { describeSystemError } from './system-error.js';
import { UsageError } from './usage-error.js';

/** A file to convert. */
export interface InputFile {
  /** Its path, relative where the argument was: what people and reports see. */
  readonly path: string;
  /** Its absolute path. */
  readonly absolute: string;
  /** Its path below the folder or the glob's fixed part that it was found in; a named file's own name. */
  readonly mirrored: string;
  /** Whether it was named itself, not found in a folder or by a glob. */
  readonly named: boolean;
}

const EXTENSIONS = ['png', 'jpg', 'jpeg', 'webp', 'pgm', 'ppm', 'pam', 'pnm'];
const IMAGE_FILES = `**/*.{${EXTENSIONS.join(',')}}`;
const IMAGE_NAME = new RegExp(`\\.(?:${EXTENSIONS.join('|')})$`, 'i');
const EXTENSION_LIST = EXTENSIONS.map((extension) => `.${extension}`).join(', ');

/** The pattern in an argument: where paths are written with back slashes, these separate, else they escape. */
export function toPattern(argument: string, separator: string = sep): string {
  return separator === '\\' ? argument.replaceAll('\\', '/') : argument;
}

/**
 * Splits a pattern into the folder that it is rooted in and the rest. The folder is the longest beginning that exists as it
 * stands, so that one called `Holiday (2)` or `[old]` need not be escaped.
 */
export async function splitPattern(pattern: string, cwd: string): Promise<{ base: string; rest: string }> {
  const segments = pattern.split('/');
  let count = 0;
  while (count < segments.length - 1 && (await isFolder(resolve(cwd, joinBase(segments, count + 1))))) {
    count += 1;
  }
  return { base: joinBase(segments, count), rest: segments.slice(count).join('/') };
}

function joinBase(segments: readonly string[], count: number): string {
  if (count === 0) return '.';
  const base = segments.slice(0, count).join('/');
  // A root keeps its slash: `/` itself, and `C:/`, as `C:` alone is the current folder of that drive.
  return /^([a-z]:)?$/i.test(base) ? `${base}/` : base;
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() ?? false;
}

async function statOrNothing(path: string, argument: string): Promise<Stats | undefined> {
  try {
    return await stat(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new UsageError(`${argument} cannot be looked at: ${describeSystemError(error)}`);
  }
}

/** Whether a path lies below a folder, at any depth. */
function isBelow(path: string, folder: string): boolean {
  const way = relative(pathKey(folder), pathKey(path));
  return way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

async function search(
  base: string,
  pattern: string,
  caseSensitiveMatch: boolean,
  { cwd, out }: SearchPlaces,
): Promise<InputFile[]> {
  const folder = resolve(cwd, base);
  const found = await glob(pattern, {
    cwd: folder,
    caseSensitiveMatch,
    dot: false,
    expandDirectories: false,
  });
  const files = found
    .filter((path) => IMAGE_NAME.test(path))
    .map((path) => ({
      path: join(base, path),
      absolute: resolve(folder, path),
      mirrored: join(path),
      named: false,
    }));
  const loops = new LinkLoops(folder);
  const looping = await Promise.all(files.map(({ absolute }) => loops.isBelowOne(absolute)));
  return files.filter(
    // What an earlier run wrote below the folder is no input of the next one.
    ({ absolute }, index) => !looping[index] && !(isBelow(out, folder) && isBelow(absolute, out)),
  );
}

interface SearchPlaces {
  /** Absolute path that arguments start from. */
  readonly cwd: string;
  /** Absolute path of the output folder. */
  readonly out: string;
}

async function expand(argument: string, places: SearchPlaces): Promise<InputFile[]> {
  if (argument === '') throw new UsageError('An input is empty; use . for the current folder');
  const absolute = resolve(places.cwd, argument);
  const stats = await statOrNothing(absolute, argument);
  if (stats?.isFile()) {
    const path = join(dirname(argument), basename(argument));
    return [{ path, absolute, mirrored: basename(absolute), named: true }];
  }
  if (stats?.isDirectory()) {
    const files = await search(argument, IMAGE_FILES, false, places);
    if (files.length === 0) throw new UsageError(`No image (${EXTENSION_LIST}) is in the folder ${argument}`);
    return files;
  }
  if (stats !== undefined) throw new UsageError(`${argument} is neither a file nor a folder`);
  const pattern = toPattern(argument);
  if (!isDynamicPattern(pattern)) throw new UsageError(`No such file or folder: ${argument}`);
  const { base, rest } = await splitPattern(pattern, places.cwd);
  const files = await search(base, rest, process.platform !== 'win32', places);
  if (files.length === 0) throw new UsageError(`No image (${EXTENSION_LIST}) matches ${argument}`);
  return files;
}

/**
 * Finds the files that the arguments mean: files, folders with all images below them, globs. One that is meant twice counts
 * where it is first; hidden files and those below the output folder are only taken by name.
 *
 * @returns in the order of their paths, which is the same on every machine
 * @throws UsageError naming an argument that means nothing
 */
export async function findInputs(inputs: readonly string[], places: SearchPlaces): Promise<InputFile[]> {
  const files = new Map<string, InputFile>();
  for (const argument of inputs) {
    for (const file of await expand(argument, places)) {
      const key = pathKey(file.absolute);
      const first = files.get(key) ?? file;
      files.set(key, { ...first, named: first.named || file.named });
    }
  }
  // By code units, not by the language of the machine.
  return [...files.values()].sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
}
