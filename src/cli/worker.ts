import { parentPort } from 'node:worker_threads';
import { transcode } from '../entry/index.node.js';
import { toPosted, transferList, type WorkerReply, type WorkerRequest } from './worker-protocol.js';

function reply(message: WorkerReply): void {
  parentPort?.postMessage(message, message.kind === 'done' ? transferList(message.bytes) : []);
}

parentPort?.on('message', async ({ bytes, format, options }: WorkerRequest) => {
  try {
    reply({ kind: 'done', bytes: await transcode(bytes, format, options) });
  } catch (error) {
    reply({ kind: 'failed', error: toPosted(error) });
  }
});
