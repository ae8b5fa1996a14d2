import { rmSync } from 'node:fs';
import fs from 'node:fs/promises';
import process from 'node:process';

/** Windows refuses while somebody holds a file open: up to 5 more tries in 0.75 s. */
const REMOVAL = { recursive: true, force: true, maxRetries: 5, retryDelay: 50 };

/** Those whose default is to end the process without an 'exit' event, and that a person or a supervisor sends. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

const folders = new Set<string>();

/** From now on the folder is removed when the process ends, unless it is removed before. */
export function ownFolder(folder: string): void {
  folders.add(folder);
  if (folders.size > 1) return;
  process.on('exit', removeAll);
  for (const signal of SIGNALS) process.prependListener(signal, endBySignal);
}

/** Removes a folder that this process owns, with what is in it. What the system refuses now is tried again at exit. */
export async function removeFolder(folder: string): Promise<void> {
  // Once removed, the name is free for others: it must never be removed again.
  if (!folders.has(folder)) return;
  await fs.rm(folder, REMOVAL).then(
    () => disown(folder),
    () => undefined,
  );
}

/** As `removeFolder`, before it returns. */
export function removeFolderSync(folder: string): void {
  if (!folders.has(folder)) return;
  try {
    rmSync(folder, REMOVAL);
  } catch {
    return;
  }
  disown(folder);
}

function disown(folder: string): void {
  folders.delete(folder);
  if (folders.size > 0) return;
  process.off('exit', removeAll);
  for (const signal of SIGNALS) process.off(signal, endBySignal);
}

function removeAll(): void {
  for (const folder of folders) removeFolderSync(folder);
}

/** How many listeners a signal has from the package signal-exit (version 4, then 3), which end the process where they are alone. */
function signalExitCount(): number {
  const current = (globalThis as Record<symbol, unknown>)[Symbol.for('signal-exit emitter')];
  const former = (process as { __signal_exit_emitter__?: unknown }).__signal_exit_emitter__;
  return [current, former].reduce<number>(
    (sum, emitter) => sum + ((emitter as { count?: number } | undefined)?.count ?? 0),
    0,
  );
}

/**
 * Stands in for a signal's default while there are folders: removes them, then ends the process by the same signal, so that its
 * parent sees what it would have seen.
 *
 * Where the program listens too, the signal is the program's, and the files stay until it exits. For the length of its
 * listeners this one steps aside: libraries that raise a signal again do so only where they listen alone. The usual one,
 * signal-exit, is known by its count; it ends the process without an 'exit' event.
 */
function endBySignal(signal: NodeJS.Signals): void {
  process.off(signal, endBySignal);
  const others = process.listenerCount(signal);
  if (others > signalExitCount()) {
    process.nextTick(() => {
      process.off(signal, endBySignal);
      if (folders.size > 0) process.prependListener(signal, endBySignal);
    });
    return;
  }
  removeAll();
  if (others === 0) process.kill(process.pid, signal);
}
