#!/usr/bin/env node
import { loadCodec } from '../codecs/registry.js';
import { probe } from '../probe.js';
import { Interruption, SIGNAL_EXIT_CODES } from './interruption.js';
import { printable } from './printable.js';
import { run } from './run.js';
import { createTranscoder } from './transcoder.js';

const controller = new AbortController();

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

try {
  const exitCode = await run(process.argv.slice(2), {
    transcode: createTranscoder(new URL('./cli-worker.js', import.meta.url)),
    checkOptions: async (format, options) => (await loadCodec(format)).checkOptions(options),
    probe,
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
