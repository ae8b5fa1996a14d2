import { Worker } from 'node:worker_threads';
import type { SpawnWorker } from '../worker-link.js';

/**
 * Workers as threads of Node.
 *
 * @param script a module that answers each `Request` with one `Reply` or several
 */
export function spawnThreads<Request, Reply>(script: URL): SpawnWorker<Request, Reply> {
  return () => {
    const worker = new Worker(script);
    let cause: unknown;
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
