import { Worker } from 'node:worker_threads';
import { CodecError } from '../errors.js';
import type { CliHost } from './host.js';
import { fromPosted, transferList, type WorkerReply, type WorkerRequest } from './worker-protocol.js';

/**
 * Makes a `transcode` that works in a thread of its own, as WebAssembly runs to its end on the thread that calls it: on the main
 * one no signal would be heard before. The thread starts with the first call and serves the calls that follow one another; a
 * call that comes while it works gets another. It keeps the process alive only while it works.
 *
 * An aborted call rejects at once, and its thread is ended in the middle of what it does. A thread that dies fails its call with
 * a `CodecError`, `WORKER_DIED`, and the next call starts another.
 *
 * @param script a module that answers each `WorkerRequest` with a `WorkerReply`
 */
export function createTranscoder(script: URL): CliHost['transcode'] {
  let idle: Worker | undefined;

  const start = () => {
    const worker = new Worker(script);
    // What nobody listens to would end the process; the call under way, if there is one, tells it.
    worker.on('error', () => {});
    worker.on('exit', () => {
      if (idle === worker) idle = undefined;
    });
    worker.unref();
    return worker;
  };

  const release = (worker: Worker) => {
    worker.unref();
    if (idle === undefined) idle = worker;
    else void worker.terminate();
  };

  return async (bytes, format, { signal, ...options }) => {
    signal?.throwIfAborted();
    idle ??= start();
    const worker = idle;
    const request: WorkerRequest = { kind: 'transcode', bytes, format, options };
    worker.postMessage(request, transferList(bytes));
    idle = undefined;
    worker.ref();
    const reply = await nextReply(worker, signal, release);
    if (reply.kind === 'failed') throw fromPosted(reply.error);
    return reply.bytes;
  };
}

/**
 * Rejects where the worker dies; where the signal is aborted, it ends the worker and rejects with the signal's reason.
 *
 * @param release gets the worker with its reply, not after it: a worker may die in the same turn of the event loop
 */
function nextReply(
  worker: Worker,
  signal: AbortSignal | undefined,
  release: (worker: Worker) => void,
): Promise<WorkerReply> {
  return new Promise((resolve, reject) => {
    let cause: unknown;
    const onMessage = (reply: WorkerReply) => {
      release(worker);
      settle(() => resolve(reply));
    };
    const onError = (error: unknown) => {
      cause = error;
    };
    const onExit = (exitCode: number) => {
      const why = cause instanceof Error ? cause.message : `exit code ${exitCode}`;
      const error = new CodecError('WORKER_DIED', `The thread at work on it died: ${why}`, { cause });
      settle(() => reject(error));
    };
    const onAbort = () => {
      settle(() => reject(signal?.reason));
      void worker.terminate();
    };
    const settle = (how: () => void) => {
      worker.off('message', onMessage).off('error', onError).off('exit', onExit);
      signal?.removeEventListener('abort', onAbort);
      how();
    };
    worker.on('message', onMessage).on('error', onError).on('exit', onExit);
    signal?.addEventListener('abort', onAbort);
  });
}
