import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';

// Names tell which process of which machine writes, so that what one left that was killed can be told from what another is writing.
const MACHINE = createHash('sha256').update(hostname()).digest('hex').slice(0, 8);
const TEMPORARY = new RegExp(`^\\.pixbytes-${MACHINE}-(\\d+)-[0-9a-f]{16}\\.tmp$`);

function isAlive(pid: number): boolean {
  // One of the same number before: this run has written nothing yet.
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Of another user.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Removes what runs on this machine left in a folder that were killed outright; to be called before this one writes. What cannot be removed stays. */
export async function sweepTemporaries(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  for (const name of names) {
    const [, pid] = TEMPORARY.exec(name) ?? [];
    if (pid !== undefined && !isAlive(Number(pid)))
      await rm(join(folder, name), { force: true }).catch(() => {});
  }
}

/**
 * Writes a file that is there whole or not at all, and replaces the one that was there: under a temporary name in the same
 * folder, then renamed. Only a process that is killed outright leaves the temporary file, for `sweepTemporaries`. It is hidden and has
 * no image's extension, so that no later run takes it for an input. Nothing is forced to the disk: a power cut is not guarded against.
 *
 * @param path absolute; its folder is made where it does not exist
 * @param signal stops the writing and rejects with `signal.reason`
 */
export async function writeFileWhole(path: string, bytes: Uint8Array, signal: AbortSignal): Promise<void> {
  const folder = dirname(path);
  await mkdir(folder, { recursive: true });
  // Of its own length, not the name's: a name may be as long as file systems allow.
  const temporary = join(folder, `.pixbytes-${MACHINE}-${process.pid}-${randomBytes(8).toString('hex')}.tmp`);
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
