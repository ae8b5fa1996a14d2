import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test, vi } from 'vitest';
import type { CodecError } from '../../src/errors.js';
import type { CompressedFormat } from '../../src/formats.js';
import type { EncodeOptions, WebpEncodeOptions } from '../../src/options.js';
import { spawnThreads } from '../../src/platform/node/spawn-worker.js';
import { loadWasm, type WasmName } from '../../src/platform/platform.js';
import type { Work } from '../../src/pool/protocol.js';
import { type TaskOptions, workOn } from '../../src/pool/task-runner.js';
import { WorkerRunner, type WorkerSettings } from '../../src/pool/worker-runner.js';
import { transcode as transcodeInPlace } from '../../src/transcode.js';
import { photograph } from '../cli/photographs.js';

/** The worker as it is published. */
const WORKER = new URL('../../dist/pool-worker.js', import.meta.url);
if (!existsSync(WORKER)) throw new Error('The worker is missing: run npm run build first');

/** What the stand-in for a worker does, by the first byte that it gets; the second is given back behind its thread's number. */
const ANSWER = 0;
const NEVER_END = 1;
const EXIT = 2;
const THROW = 3;
const ANSWER_AND_EXIT = 4;
const ANSWER_LATE = 5;
const FAIL = 6;
const GROW = 7;

const STAND_IN = new URL(
  `data:text/javascript,${encodeURIComponent(`
    import { parentPort, threadId } from 'node:worker_threads';
    import { setTimeout as sleep } from 'node:timers/promises';
    parentPort.on('message', async ({ bytes }) => {
      const [order, mark] = [bytes.getUint8(0), bytes.getUint8(1)];
      if (order === ${NEVER_END}) for (;;);
      if (order === ${EXIT}) process.exit(7);
      if (order === ${THROW}) { setTimeout(() => { throw new Error('out of luck'); }); return; }
      if (order === ${ANSWER_LATE}) await sleep(20);
      const memoryBytes = order === ${GROW} ? 1001 : 1000;
      if (order === ${FAIL}) {
        parentPort.postMessage({ kind: 'failed', error: { class: 'RangeError', message: String(mark) }, memoryBytes });
        return;
      }
      const result = { kind: 'file', bytes: new DataView(Uint8Array.of(threadId, mark).buffer) };
      parentPort.postMessage({ kind: 'done', result, memoryBytes });
      if (order === ${ANSWER_AND_EXIT}) process.exit(0);
    });
  `)}`,
);

/** Work whose bytes the caller keeps. */
const keep = (work: Extract<Work, { kind: 'transcode' }> & { bytes: Uint8Array }) =>
  workOn(work.bytes, 'keep', (bytes) => ({ ...work, bytes }));

const noModule = (name: WasmName): Promise<never> => Promise.reject(new Error(name));

function standIn(settings: Partial<WorkerSettings> = {}) {
  const pool = new WorkerRunner({ size: 2, ...settings }, spawnThreads(STAND_IN), noModule);
  const ask = async (order: number, options: TaskOptions & { mark?: number } = {}) => {
    const bytes = Uint8Array.of(order, options.mark ?? 0);
    const work = { kind: 'transcode', bytes, format: 'webp', options: {} } as const;
    const [thread, mark] = (await pool.run(keep(work), options)) as Uint8Array;
    return { thread, mark };
  };
  return { pool, ask, thread: async () => (await ask(ANSWER)).thread };
}

/** What a promise rejects with; it must. */
function failureOf(promise: Promise<unknown>): Promise<CodecError> {
  return promise.then(
    () => Promise.reject(new Error('It did not fail')),
    (error) => error,
  );
}

describe('workers', () => {
  test('are started when there is work, serve again, and are no more than the size', async () => {
    const { pool, ask, thread } = standIn();
    expect(pool.stats).toEqual({ workers: 0, busy: 0, queued: 0, done: 0, failed: 0, started: 0 });
    const first = await thread();
    expect(await thread()).toBe(first);
    expect(pool.stats.started).toBe(1);
    const many = Array.from({ length: 9 }, (_, mark) => ask(ANSWER_LATE, { mark }));
    expect(pool.stats).toMatchObject({ workers: 2, busy: 2, queued: 7 });
    const answers = await Promise.all(many);
    expect(answers.map(({ mark }) => mark)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
    expect(new Set(answers.map((answer) => answer.thread)).size).toBe(2);
    expect(pool.stats).toEqual({ workers: 2, busy: 0, queued: 0, done: 11, failed: 0, started: 2 });
  });

  test('take tasks in the order in which they came', async () => {
    const { ask } = standIn({ size: 1 });
    const ended: number[] = [];
    await Promise.all(
      [3, 1, 2].map(async (mark) => {
        await ask(ANSWER, { mark });
        ended.push(mark);
      }),
    );
    expect(ended).toEqual([3, 1, 2]);
  });

  test('whose codecs hold too much are replaced between two tasks', async () => {
    const { pool, ask, thread } = standIn({ size: 1, maxWorkerMemoryBytes: 1000 });
    const first = await thread();
    const [grown, next] = await Promise.all([ask(GROW), ask(ANSWER)]);
    expect(grown.thread).toBe(first);
    expect(next.thread).not.toBe(first);
    expect(pool.stats).toMatchObject({ workers: 1, done: 3, failed: 0, started: 2 });
  });

  test('without work end after a while', async () => {
    const { pool, thread } = standIn({ idleTimeoutMs: 30 });
    const first = await thread();
    await vi.waitFor(() => expect(pool.stats.workers).toBe(0));
    expect(await thread()).not.toBe(first);
  });

  test('one that dies between two tasks is replaced', async () => {
    const { pool, ask, thread } = standIn({ size: 1 });
    const { thread: first } = await ask(ANSWER_AND_EXIT);
    // A task may still reach it while it dies: that one fails, none hangs.
    const next = await vi.waitFor(thread, 10_000);
    expect(next).not.toBe(first);
    expect(pool.stats.workers).toBe(1);
  });
});

describe('a full queue', () => {
  test('refuses further tasks', async () => {
    const { pool, ask } = standIn({ size: 1, maxQueue: 2 });
    const accepted = [ask(ANSWER_LATE), ask(ANSWER), ask(ANSWER)];
    expect(await failureOf(ask(ANSWER))).toMatchObject({ code: 'QUEUE_FULL' });
    await Promise.all(accepted);
    await ask(ANSWER);
    expect(pool.stats).toMatchObject({ done: 4, queued: 0 });
  });
});

describe('an abort', () => {
  test('of a running task rejects at once with the reason, and ends its worker alone', async () => {
    const { pool, ask, thread } = standIn();
    const first = await thread();
    const controller = new AbortController();
    const call = failureOf(ask(NEVER_END, { signal: controller.signal }));
    const other = ask(ANSWER_LATE, { mark: 5 });
    await sleep(10);
    const reason = new Error('enough');
    controller.abort(reason);
    // Before any other event: the thread's end is not waited for.
    const winner = await Promise.race([call, new Promise((resolve) => setImmediate(resolve, 'late'))]);
    expect(winner).toBe(reason);
    expect((await other).mark).toBe(5);
    expect(pool.stats).toMatchObject({ workers: 1, done: 2, failed: 1 });
    const [one, two] = await Promise.all([thread(), thread()]);
    expect([one, two]).not.toContain(first);
  });

  test('of a waiting task takes it back', async () => {
    const { pool, ask } = standIn({ size: 1 });
    const controller = new AbortController();
    const running = ask(ANSWER_LATE, { mark: 1 });
    const waiting = failureOf(ask(NEVER_END, { signal: controller.signal }));
    const behind = ask(ANSWER, { mark: 2 });
    const reason = new Error('enough');
    controller.abort(reason);
    expect(await waiting).toBe(reason);
    expect([(await running).mark, (await behind).mark]).toEqual([1, 2]);
    expect(pool.stats).toMatchObject({ done: 2, failed: 1, started: 1 });
  });

  test('that was there before begins nothing', async () => {
    const { pool, ask } = standIn();
    const reason = new Error('enough');
    expect(await failureOf(ask(ANSWER, { signal: AbortSignal.abort(reason) }))).toBe(reason);
    expect(pool.stats.started).toBe(0);
  });

  test('after the end does nothing', async () => {
    const { pool, ask } = standIn();
    const controller = new AbortController();
    await ask(ANSWER, { signal: controller.signal });
    controller.abort();
    expect(pool.stats).toMatchObject({ workers: 1, done: 1, failed: 0 });
  });
});

test('a task that takes too long fails, and its worker is replaced', async () => {
  const { pool, ask, thread } = standIn({ size: 1 });
  const begin = performance.now();
  const failure = failureOf(ask(NEVER_END, { timeoutMs: 50 }));
  const next = ask(ANSWER, { timeoutMs: 10_000, mark: 9 });
  expect(await failure).toMatchObject({ code: 'TIMEOUT' });
  expect(performance.now() - begin).toBeGreaterThan(45);
  expect((await next).mark).toBe(9);
  await thread();
  expect(pool.stats).toMatchObject({ done: 2, failed: 1, started: 2 });
});

describe('a worker that dies', () => {
  test.each([
    ['by process.exit', EXIT, /: exit code 7$/],
    ['of an error that nobody caught', THROW, /: out of luck$/],
  ])('%s fails its own task alone', async (_, order, message) => {
    const { pool, ask, thread } = standIn();
    const first = await thread();
    const [failure, other] = await Promise.all([failureOf(ask(order)), ask(ANSWER_LATE, { mark: 3 })]);
    expect(failure).toMatchObject({ name: 'CodecError', code: 'WORKER_DIED' });
    expect(failure.message).toMatch(message);
    expect(other.mark).toBe(3);
    expect(pool.stats).toMatchObject({ done: 2, failed: 1 });
    expect(await thread()).not.toBe(first);
  });

  test('because its script is not there is told', async () => {
    const missing = new URL('./missing.js', import.meta.url);
    const pool = new WorkerRunner({ size: 1 }, spawnThreads(missing), noModule);
    const work = { kind: 'transcode', bytes: new Uint8Array(1), format: 'webp', options: {} } as const;
    const run = () => pool.run(keep(work));
    const failures = await Promise.all([failureOf(run()), failureOf(run())]);
    for (const failure of failures) {
      expect(failure).toMatchObject({
        code: 'WORKER_DIED',
        message: expect.stringContaining('Cannot find module'),
      });
    }
    expect(pool.stats).toMatchObject({ workers: 0, failed: 2 });
  });
});

test('what cannot be posted fails its own task alone', async () => {
  const { pool, ask } = standIn({ size: 1 });
  const options = { quality: () => 80 } as unknown as EncodeOptions;
  const work = { kind: 'transcode', bytes: Uint8Array.of(0), format: 'webp', options } as const;
  expect(await failureOf(pool.run(keep(work)))).toMatchObject({ name: 'DataCloneError' });
  expect((await ask(ANSWER, { mark: 4 })).mark).toBe(4);
});

describe('bytes that are copied in several turns', () => {
  const large = () => {
    const bytes = new Uint8Array(40 * 1024 * 1024);
    bytes[1] = 5;
    return bytes;
  };
  const workOnLarge = (bytes: Uint8Array) => keep({ kind: 'transcode', bytes, format: 'webp', options: {} });

  test('reach the worker, and the caller keeps them', async () => {
    const { pool } = standIn({ size: 1 });
    const bytes = large();
    expect(((await pool.run(workOnLarge(bytes))) as Uint8Array)[1]).toBe(5);
    expect(bytes[1]).toBe(5);
  });

  test('are left where the task is aborted meanwhile, and the next task has another worker', async () => {
    const { pool, ask } = standIn({ size: 1 });
    const controller = new AbortController();
    const failure = failureOf(pool.run(workOnLarge(large()), { signal: controller.signal }));
    controller.abort();
    expect(await failure).toBe(controller.signal.reason);
    expect((await ask(ANSWER, { mark: 3 })).mark).toBe(3);
    expect(pool.stats).toMatchObject({ done: 1, failed: 1, started: 2 });
  });

  test('that are moved away meanwhile fail their own task alone', async () => {
    const { pool, ask } = standIn({ size: 1 });
    const bytes = large();
    const failure = failureOf(pool.run(workOnLarge(bytes)));
    structuredClone(bytes, { transfer: [bytes.buffer] });
    expect(await failure).toMatchObject({ code: 'CODEC_FAILED' });
    expect((await ask(ANSWER, { mark: 3 })).mark).toBe(3);
    expect(pool.stats).toMatchObject({ done: 1, failed: 1, started: 1 });
  });

  test('are waited for by close()', async () => {
    const { pool } = standIn({ size: 1 });
    const result = pool.run(workOnLarge(large()));
    await pool.close();
    expect(((await result) as Uint8Array)[1]).toBe(5);
  });
});

describe('a worker that cannot be started', () => {
  test('fails its own task, and an abort afterwards takes no other one back', async () => {
    const spawn = spawnThreads(STAND_IN);
    let refuse = true;
    const pool = new WorkerRunner(
      { size: 1 },
      () => {
        if (refuse) throw new Error('no threads left');
        return spawn() as never;
      },
      noModule,
    );
    const run = (mark: number, signal?: AbortSignal) => {
      const work = {
        kind: 'transcode',
        bytes: Uint8Array.of(ANSWER, mark),
        format: 'webp',
        options: {},
      } as const;
      return pool.run(keep(work), { signal });
    };
    const controller = new AbortController();
    const failure = await failureOf(run(1, controller.signal));
    expect(failure).toMatchObject({
      code: 'WORKER_DIED',
      message: expect.stringContaining('no threads left'),
    });
    refuse = false;
    const others = [run(2), run(3)];
    controller.abort();
    expect((await Promise.all(others)).map((bytes) => (bytes as Uint8Array)[1])).toEqual([2, 3]);
    await pool.close();
  });
});

test('many tasks of one signal have one listener, and none when they ended', async () => {
  const { pool, ask } = standIn({ size: 2 });
  const controller = new AbortController();
  const { signal } = controller;
  let listeners = 0;
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  signal.addEventListener = (...call: Parameters<typeof add>) => {
    listeners++;
    add(...call);
  };
  signal.removeEventListener = (...call: Parameters<typeof remove>) => {
    listeners--;
    remove(...call);
  };
  const calls = Array.from({ length: 30 }, (_, mark) => ask(ANSWER, { mark, signal }));
  expect(listeners).toBe(1);
  await Promise.all(calls);
  expect(listeners).toBe(0);
  const aborted = Array.from({ length: 30 }, () => failureOf(ask(NEVER_END, { signal })));
  controller.abort(new Error('enough'));
  for (const error of await Promise.all(aborted)) expect(error.message).toBe('enough');
  await pool.close();
});

describe('closed', () => {
  test('a pool lets its tasks end, refuses others, and ends its workers', async () => {
    const { pool, ask } = standIn({ size: 1 });
    const accepted = [ask(ANSWER_LATE, { mark: 1 }), ask(ANSWER_LATE, { mark: 2 })];
    const closed = pool.close();
    expect(await failureOf(ask(ANSWER))).toMatchObject({ code: 'POOL_CLOSED' });
    await closed;
    expect(await Promise.all(accepted)).toMatchObject([{ mark: 1 }, { mark: 2 }]);
    expect(pool.stats).toMatchObject({ workers: 0, queued: 0, done: 2 });
    await pool.close();
  });

  test('a pool that never worked is closed at once', async () => {
    await standIn().pool.close();
  });

  test('a pool whose last tasks are aborted is closed', async () => {
    const { pool, ask } = standIn({ size: 1 });
    const controller = new AbortController();
    const { signal } = controller;
    const calls = [failureOf(ask(NEVER_END, { signal })), failureOf(ask(ANSWER, { signal }))];
    const closed = pool.close();
    controller.abort();
    await closed;
    await Promise.all(calls);
    expect(pool.stats).toMatchObject({ workers: 0, failed: 2 });
  });
});

test('of a thousand tasks among deaths, aborts and timeouts each ends once, with its own answer or its own error', async () => {
  let state = 20_261_125;
  const random = (below: number) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return (state >>> 8) % below;
  };
  const { pool, ask } = standIn({ size: 4 });
  const orders = [ANSWER, ANSWER, ANSWER, ANSWER_LATE, FAIL, EXIT, THROW, NEVER_END, NEVER_END];
  const ends = await Promise.all(
    Array.from({ length: 1000 }, async (_, index) => {
      const order = orders[random(orders.length)]!;
      const mark = index & 255;
      const reason = new Error(`abort ${index}`);
      const controller = new AbortController();
      const timed = order === NEVER_END && random(2) === 0;
      if (order === NEVER_END && !timed) setTimeout(() => controller.abort(reason), random(2000));
      const options = { mark, signal: controller.signal, ...(timed ? { timeoutMs: 1 + random(30) } : {}) };
      let settled = 0;
      const end = await ask(order, options).then(
        (answer) => ({ answer, error: undefined }),
        (error: unknown) => ({ answer: undefined, error: error as CodecError }),
      );
      settled++;
      if (order === ANSWER || order === ANSWER_LATE) expect(end.answer?.mark).toBe(mark);
      else if (order === FAIL) expect(end.error).toMatchObject({ name: 'RangeError', message: `${mark}` });
      else if (order !== NEVER_END) expect(end.error?.code).toBe('WORKER_DIED');
      else if (timed) expect(end.error?.code).toBe('TIMEOUT');
      else expect(end.error).toBe(reason);
      return settled;
    }),
  );
  expect(ends).toEqual(Array.from({ length: 1000 }, () => 1));
  await pool.close();
  const { done, failed, workers, queued } = pool.stats;
  expect({ ended: done + failed, workers, queued }).toEqual({ ended: 1000, workers: 0, queued: 0 });
});

describe('the published worker', () => {
  const loaded: WasmName[] = [];
  const pool = new WorkerRunner({ size: 2 }, spawnThreads(WORKER), (name) => {
    loaded.push(name);
    return loadWasm(name);
  });
  const transcode = (bytes: Uint8Array, format: CompressedFormat, options: WebpEncodeOptions = {}) =>
    pool.run(workOn(bytes, 'move', (moved) => ({ kind: 'transcode', bytes: moved, format, options })));
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
    await transcode(own, 'jpeg');
    await transcode(shared.subarray(1), 'jpeg');
    expect(own.length).toBe(0);
    expect(shared.subarray(1)).toEqual(photo());
  });

  test('gets each module once, compiled, from the pool', async () => {
    loaded.length = 0;
    const fresh = new WorkerRunner({ size: 1 }, spawnThreads(WORKER), (name) => {
      loaded.push(name);
      return loadWasm(name);
    });
    for (let i = 0; i < 3; i++) {
      const options = { effort: 'fast' } as const;
      const work = { kind: 'transcode', bytes: photo(), format: 'png', options } as const;
      await fresh.run(keep(work));
    }
    expect(loaded.sort()).toEqual([...new Set(loaded)]);
    expect(loaded).toContain('png');
    await fresh.close();
  });

  test('tells that a module cannot be had, and has it when it can', async () => {
    let refuse = true;
    const fresh = new WorkerRunner({ size: 1 }, spawnThreads(WORKER), (name) =>
      refuse ? Promise.reject(new Error('no network')) : loadWasm(name),
    );
    const work = { kind: 'transcode', bytes: photo(), format: 'png', options: {} } as const;
    const run = () => fresh.run(keep(work));
    expect(await failureOf(run())).toMatchObject({ code: 'WASM_LOAD_FAILED' });
    refuse = false;
    expect(await run()).toBeInstanceOf(Uint8Array);
    await fresh.close();
  });
});
