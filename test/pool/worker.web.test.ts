import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { WorkerReply } from '../../src/pool/protocol.js';

type Post = (reply: WorkerReply, options: { transfer: ArrayBuffer[] }) => void;

/** What a worker's global scope has that the worker uses. */
const listeners = new Map<string, (event: { data?: unknown }) => void>();
const postMessage = vi.fn<Post>();

beforeAll(async () => {
  vi.stubGlobal('self', {
    postMessage,
    addEventListener: (type: string, listener: () => void) => listeners.set(type, listener),
  });
  await import('../../src/pool/worker.web.js');
});
afterAll(() => vi.unstubAllGlobals());

test('a request that cannot be done is answered by its error', async () => {
  const data = { kind: 'transcode', bytes: new Uint8Array(3), format: 'png', options: {} };
  listeners.get('message')?.({ data });
  await vi.waitFor(() => expect(postMessage).toHaveBeenCalled());
  const [reply, options] = postMessage.mock.calls[0]!;
  expect(reply).toMatchObject({ kind: 'failed', error: { class: 'CodecError' } });
  expect(options).toEqual({ transfer: [] });
});

test('a request that cannot be read is an error that nobody catches, or its call would wait for ever', () => {
  expect(() => listeners.get('messageerror')?.({})).toThrow('A request could not be read');
});
