import { randomBytes } from 'node:crypto';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/**
 * Writes a file that is there whole or not at all, and replaces the one that was there: under a temporary name in the same
 * folder, then renamed. Only a process that is killed outright leaves the temporary file. It is hidden and has no image's
 * extension, so that no later run takes it for an input. Nothing is forced to the disk: a power cut is not guarded against.
 *
 * @param path absolute; its folder is made where it does not exist
 * @param signal stops the writing and rejects with `signal.reason`
 */
export async function writeFileWhole(path: string, bytes: Uint8Array, signal: AbortSignal): Promise<void> {
  const folder = dirname(path);
  await mkdir(folder, { recursive: true });
  // Of its own length, not the name's: a name may be as long as file systems allow.
  const temporary = join(folder, `.pixbytes-${randomBytes(8).toString('hex')}.tmp`);
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
