import { parentPort } from 'node:worker_threads';
import { serve } from './serve.js';

const port = parentPort;
if (port) {
  serve({
    post: (reply, transfer) => port.postMessage(reply, transfer),
    onRequest: (listener) => {
      port.on('message', listener);
      // Or the call would wait for ever.
      port.on('messageerror', (error) => {
        throw error;
      });
    },
  });
}
