import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { temporaryPath } from './temporaries.js';

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
  await mkdir(folder, { recursive: true });
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
