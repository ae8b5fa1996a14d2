import { Worker } from 'node:worker_threads';
import type { SpawnWorker } from '../worker-link.js';

/**
 * Workers as threads of Node.
 *
 * @param script a module that answers each `Request` with one `Reply` or several
 */
export function spawnThreads<Request, Reply>(script: URL): SpawnWorker<Request, Reply> {
  return () => {
    // Without the flags of this process: `--input-type`, for one, would make a worker fail that is a file.
    const worker = new Worker(script, { execArgv: [] });
    let cause: unknown;
    // A message that cannot be read is an answer that never comes.
    worker.on('messageerror', (error) => {
      cause = error;
      void worker.terminate();
    });
    // What nobody listens to would end the process.
    worker.on('error', (error) => {
      cause = error;
    });
    const gone = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
    return {
      post: (message, transfer) => worker.postMessage(message, transfer),
      onReply: (listener) => {
        worker.on('message', (reply: Reply) => listener(reply));
      },
      onGone: (listener) => {
        worker.once('exit', (exitCode) => {
          listener(cause instanceof Error ? cause.message : `exit code ${exitCode}`, cause);
        });
      },
      hold: (alive) => {
        if (alive) worker.ref();
        else worker.unref();
      },
      end: async () => {
        await worker.terminate();
        await gone;
      },
    };
  };
}
