import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { readdir, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';

// Names tell which process writes, so that what one left that was killed can be told from what another is writing. A number of a process
// means something only where it was given out: on a kernel, since it was started, in a namespace of its processes. Two containers with one
// host name on one volume, or a machine before and after a restart, are such places apart.

function orNothing(read: () => string): string {
  try {
    return read();
  } catch {
    // Only Linux has these files, and it alone has namespaces.
    return '';
  }
}

/** Where the numbers of this machine's processes are known, in 8 hexadecimal digits. */
export const PROCESS_SPACE = createHash('sha256')
  .update(
    JSON.stringify([
      hostname(),
      orNothing(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()),
      orNothing(() => readlinkSync('/proc/self/ns/pid')),
    ]),
  )
  .digest('hex')
  .slice(0, 8);

const TEMPORARY = /^\.pixbytes-([0-9a-f]{8})-(\d+)-[0-9a-f]{16}\.tmp$/;

/** A file is written in seconds at most. What nobody has written to for so long has no writer, wherever that was. */
const STALE_MS = 60 * 60 * 1000;

/** A path in a folder for a file that is being written: hidden, without an image's extension, so that no run takes it for an input. */
export function temporaryPath(folder: string): string {
  // Of its own length, not the file's: a name may be as long as file systems allow.
  return join(folder, `.pixbytes-${PROCESS_SPACE}-${process.pid}-${randomBytes(8).toString('hex')}.tmp`);
}

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

async function isStale(path: string): Promise<boolean> {
  const { mtimeMs } = await stat(path);
  return Date.now() - mtimeMs > STALE_MS;
}

/**
 * Removes what runs left in a folder that were killed outright; to be called before this one writes. Those of this machine are known at
 * once; those of other machines and containers, and from before a restart, when they are an hour old. What cannot be removed stays.
 */
export async function sweepTemporaries(folder: string): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    const [, space, pid] = TEMPORARY.exec(name) ?? [];
    if (space === undefined) continue;
    const path = join(folder, name);
    try {
      const dead = space === PROCESS_SPACE && !isAlive(Number(pid));
      if (dead || (await isStale(path))) await rm(path);
    } catch {
      // Of another user, or gone meanwhile.
    }
  }
}
