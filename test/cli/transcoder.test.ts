import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test, vi } from 'vitest';
import { Interruption } from '../../src/cli/interruption.js';
import { createTranscoder } from '../../src/cli/transcoder.js';
import type { CodecError } from '../../src/errors.js';
import { transcode as transcodeInPlace } from '../../src/transcode.js';
import { photograph, WORKER } from './photographs.js';

/** What the stand-in for the worker does, by the first byte that it gets. */
const TELL_THREAD = 0;
const NEVER_END = 1;
const EXIT = 2;
const THROW = 3;
const ANSWER_AND_EXIT = 4;

const STAND_IN = new URL(
  `data:text/javascript,${encodeURIComponent(`
    import { parentPort, threadId } from 'node:worker_threads';
    parentPort.on('message', ({ bytes: [order] }) => {
      if (order === ${NEVER_END}) for (;;);
      if (order === ${EXIT}) process.exit(7);
      if (order === ${THROW}) throw new Error('out of luck');
      parentPort.postMessage({ kind: 'done', bytes: Uint8Array.of(threadId) });
      if (order === ${ANSWER_AND_EXIT}) process.exit(0);
    });
  `)}`,
);

function standIn() {
  const transcode = createTranscoder(STAND_IN);
  return async (order: number, signal?: AbortSignal) => {
    const [thread] = await transcode(Uint8Array.of(order), 'webp', { signal });
    return thread;
  };
}

/** What a promise rejects with; it must. */
function failureOf(promise: Promise<unknown>): Promise<CodecError> {
  return promise.then(
    () => Promise.reject(new Error('It did not fail')),
    (error) => error,
  );
}

describe('the worker of the command line', () => {
  const transcode = createTranscoder(WORKER);
  const photo = () => new Uint8Array(readFileSync(photograph('rocket.jpg')));

  test.each(['png', 'jpeg', 'webp'] as const)('gives the bytes of the API: %s', async (format) => {
    const options = { effort: 'fast' } as const;
    expect(await transcode(photo(), format, options)).toEqual(
      await transcodeInPlace(photo(), format, options),
    );
  });

  test.each([
    ['an unknown format', () => new Uint8Array(100), {}],
    ['a file cut short', () => photo().slice(0, 1000), {}],
    ['too little memory', photo, { limits: { maxMemoryBytes: 1000 } }],
    ['an option of the wrong kind', photo, { quality: 'high' as never }],
    ['an option out of range', photo, { quality: 101 }],
  ] as const)('keeps class, code, format and message of an error: %s', async (_, bytes, options) => {
    const [thread, inPlace] = await Promise.all([
      failureOf(transcode(bytes(), 'webp', options)),
      failureOf(transcodeInPlace(bytes(), 'webp', options)),
    ]);
    const parts = (error: CodecError) => ({
      class: error.constructor,
      name: error.name,
      code: error.code,
      format: error.format,
      message: error.message,
    });
    expect(parts(thread)).toEqual(parts(inPlace));
  });

  test('takes over the memory of bytes that lie alone in it, and no other', async () => {
    const own = photo();
    const shared = new Uint8Array(own.length + 1);
    shared.set(own, 1);
    await transcode(own, 'jpeg', {});
    await transcode(shared.subarray(1), 'jpeg', {});
    expect(own.length).toBe(0);
    expect(shared.subarray(1)).toEqual(photo());
  });
});

test('one thread serves the calls that follow one another, and each at one time has its own', async () => {
  const ask = standIn();
  const first = await ask(TELL_THREAD);
  expect(await ask(TELL_THREAD)).toBe(first);
  const [one, other] = await Promise.all([ask(TELL_THREAD), ask(TELL_THREAD)]);
  expect(one).toBe(first);
  expect(other).not.toBe(first);
});

describe('an aborted call', () => {
  test('rejects at once with the reason, and the next one is served', async () => {
    const ask = standIn();
    const first = await ask(TELL_THREAD);
    const controller = new AbortController();
    const call = failureOf(ask(NEVER_END, controller.signal));
    await sleep(50);
    const reason = new Interruption('SIGINT');
    controller.abort(reason);
    // Before any other event: the thread's end is not waited for.
    const winner = await Promise.race([call, new Promise((resolve) => setImmediate(resolve, 'late'))]);
    expect(winner).toBe(reason);
    expect(await ask(TELL_THREAD)).not.toBe(first);
  });

  test('is not begun where the signal was aborted before', async () => {
    const reason = new Interruption('SIGTERM');
    expect(await failureOf(standIn()(NEVER_END, AbortSignal.abort(reason)))).toBe(reason);
  });
});

describe('a thread that dies', () => {
  test.each([
    ['by process.exit', EXIT, /: exit code 7$/],
    ['of an error that nobody caught', THROW, /: out of luck$/],
  ])('%s fails its own call, and the next one has another', async (_, order, message) => {
    const ask = standIn();
    const first = await ask(TELL_THREAD);
    const failure = await failureOf(ask(order));
    expect(failure).toMatchObject({ name: 'CodecError', code: 'WORKER_DIED' });
    expect(failure.message).toMatch(message);
    expect(await ask(TELL_THREAD)).not.toBe(first);
  });

  test('after its answer fails nothing', async () => {
    const ask = standIn();
    const first = await ask(ANSWER_AND_EXIT);
    // A call may still reach it while it dies: that one fails, none hangs.
    const next = await vi.waitFor(() => ask(TELL_THREAD), 10_000);
    expect(next).not.toBe(first);
  });

  test('because its script is not there is told', async () => {
    const transcode = createTranscoder(new URL('./missing.js', import.meta.url));
    const failure = await failureOf(transcode(new Uint8Array(1), 'webp', {}));
    expect(failure).toMatchObject({
      code: 'WORKER_DIED',
      message: expect.stringContaining('Cannot find module'),
    });
  });
});
