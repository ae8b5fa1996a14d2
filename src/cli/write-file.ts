import { mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { temporaryPath } from './temporaries.js';

/**
 * Makes a folder, and those above it. Not by `mkdir`'s `recursive`, which tries for ever where a file system says of a new folder that it
 * does not exist, as /proc does.
 */
async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const parent = dirname(folder);
    if (code === 'ENOENT' && parent !== folder) {
      await makeFolder(parent);
      // Another file's folder may be the same.
      await mkdir(folder).catch((again) => throwUnlessFolder(folder, again));
      return;
    }
    await throwUnlessFolder(folder, error);
  }
}

async function throwUnlessFolder(path: string, error: unknown): Promise<void> {
  const stats = await stat(path).catch(() => undefined);
  if (!stats?.isDirectory()) throw error;
}

/**
 * Writes a file that is there whole or not at all, and replaces the one that was there: under a temporary name in the same
 * folder, then renamed. Only a process that is killed outright leaves the temporary file, for `sweepTemporaries`. Nothing is forced to
 * the disk: a power cut is not guarded against.
 *
 * @param path absolute; its folder is made where it does not exist
 * @param signal stops the writing and rejects with `signal.reason`
 */
export async function writeFileWhole(path: string, bytes: Uint8Array, signal: AbortSignal): Promise<void> {
  const folder = dirname(path);
  await makeFolder(folder);
  const temporary = temporaryPath(folder);
  try {
    await writeFile(temporary, bytes, { flag: 'wx', signal });
    signal.throwIfAborted();
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    signal.throwIfAborted();
    throw error;
  }
}
