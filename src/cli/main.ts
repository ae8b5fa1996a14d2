#!/usr/bin/env node
import { setMaxListeners } from 'node:events';
import { availableParallelism } from 'node:os';
import { addAbortSignal } from 'node:stream';
import { arrayBuffer } from 'node:stream/consumers';
import { loadCodec } from '../codecs/registry.js';
import { probe } from '../entry/index.node.js';
import { spawnThreads } from '../platform/node/spawn-worker.js';
import { loadWasm } from '../platform/platform.js';
import type { Work } from '../pool/protocol.js';
import { workOn } from '../pool/task-runner.js';
import { WorkerRunner } from '../pool/worker-runner.js';
import { Interruption, SIGNAL_EXIT_CODES, type SignalName } from './interruption.js';
import { printable } from './printable.js';
import { run } from './run.js';

const controller = new AbortController();
// As many as there are files on their way.
setMaxListeners(0, controller.signal);

/** A second signal within this time is the first one, passed on by a wrapper, as npx does: it must not kill what is cleaning up. */
const SAME_SIGNAL_MS = 1000;

let interruptedAt: number | undefined;
for (const [signal, exitCode] of Object.entries(SIGNAL_EXIT_CODES) as [SignalName, number][]) {
  process.on(signal, () => {
    const now = performance.now();
    interruptedAt ??= now;
    if (now - interruptedAt < SAME_SIGNAL_MS) {
      controller.abort(new Interruption(signal));
      return;
    }
    // Something does not come to its end, such as a pipe that nobody reads, and a person will not wait for it.
    if (process.stderr.isTTY) process.stderr.write('\n');
    process.exit(exitCode);
  });
}

function fail(error: unknown): void {
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`pixbytes: ${printable(message)}\n`);
  process.exitCode = 1;
}

/** A reader that went away, as `head` does, wants no more; files are still written. */
function isGone(error: NodeJS.ErrnoException): boolean {
  return error.code === 'EPIPE';
}

for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (isGone(error)) return;
    if (stream === process.stdout) fail(error);
    else process.exitCode = 1;
  });
}

// WebAssembly runs to its end on the thread that calls it: on this one no signal would be heard before. The run tells how many work.
const pool = new WorkerRunner(
  { size: Number.POSITIVE_INFINITY },
  spawnThreads(new URL('./pool-worker.js', import.meta.url)),
  loadWasm,
);

/** Moves the bytes to a worker, where they lie alone in their memory. */
async function perform(
  bytes: Uint8Array,
  workOf: (bytes: ArrayBufferView) => Work,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  return (await pool.run(workOn(bytes, 'move', workOf), { signal })) as Uint8Array;
}

try {
  const exitCode = await run(process.argv.slice(2), {
    transcode: (file, format, { signal, ...options }) =>
      perform(file, (bytes) => ({ kind: 'transcode', bytes, format, options }), signal),
    encode: (source, format, { signal, ...options }) =>
      perform(
        source.data,
        (data) => ({ kind: 'encode', source: { ...source, data }, format, options }),
        signal,
      ),
    concurrency: availableParallelism(),
    checkOptions: async (format, options) => (await loadCodec(format)).checkOptions(options),
    probe,
    readInput: async (signal) => new Uint8Array(await arrayBuffer(addAbortSignal(signal, process.stdin))),
    writeOutput: (bytes) =>
      new Promise((resolve, reject) => {
        process.stdout.write(bytes, (error) => {
          if (error && !isGone(error)) reject(error);
          else resolve();
        });
      }),
    stdout: process.stdout,
    stderr: process.stderr,
    cwd: process.cwd(),
    env: process.env,
    signal: controller.signal,
  });
  // Not process.exit(): what is still on its way to a pipe would be lost.
  process.exitCode ??= exitCode;
} catch (error) {
  fail(error);
}
