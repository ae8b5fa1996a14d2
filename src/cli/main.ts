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
import { Interruption, SIGNAL_EXIT_CODES } from './interruption.js';
import { printable } from './printable.js';
import { run } from './run.js';

const controller = new AbortController();
// As many as there are files on their way.
setMaxListeners(0, controller.signal);

// Every time, not once: a wrapper that passes the signal on must not kill what is cleaning up.
for (const signal of Object.keys(SIGNAL_EXIT_CODES) as (keyof typeof SIGNAL_EXIT_CODES)[]) {
  process.on(signal, () => controller.abort(new Interruption(signal)));
}

function fail(error: unknown): void {
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`pixbytes: ${printable(message)}\n`);
  process.exitCode = 1;
}

// A reader that went away, as `head` does, wants no more; the files are still written.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') return;
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
  workOf: (bytes: Uint8Array) => Work,
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
        process.stdout.write(bytes, (error) => (error ? reject(error) : resolve()));
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
