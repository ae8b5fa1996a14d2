import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { CodecError } from '../../../src/errors.js';
import { spawnWebWorkers } from '../../../src/platform/web/spawn-worker.js';
import type { SpawnWorker } from '../../../src/platform/worker-link.js';
import { workOn } from '../../../src/pool/task-runner.js';
import { WorkerRunner } from '../../../src/pool/worker-runner.js';

const SCRIPT = 'https://page.example/assets/pool-worker.web.js';

/** The `Worker` of a browser, whose events the test sends. */
class FakeWorker extends EventTarget {
  static started: FakeWorker[] = [];
  /** What each does as soon as it is started. */
  static begin = (_worker: FakeWorker) => {};
  readonly posted: Array<{ message: unknown; transfer: unknown }> = [];
  terminated = 0;

  constructor(
    readonly address: string,
    readonly options: unknown,
  ) {
    super();
    FakeWorker.started.push(this);
    FakeWorker.begin(this);
  }

  postMessage(message: unknown, transfer: unknown) {
    this.posted.push({ message, transfer });
  }

  terminate() {
    this.terminated++;
  }

  send(type: string, fields: object = {}) {
    const event = new Event(type, { cancelable: true });
    this.dispatchEvent(Object.assign(event, fields));
    return event;
  }
}

beforeEach(() => {
  FakeWorker.started = [];
  FakeWorker.begin = () => {};
  vi.stubGlobal('Worker', FakeWorker);
  vi.stubGlobal('origin', 'https://page.example');
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

/** A worker of that script, and all that is told of it. */
function start(script = SCRIPT) {
  const link = spawnWebWorkers<unknown, unknown>(() => new URL(script))();
  const [worker] = FakeWorker.started as [FakeWorker];
  const replies: unknown[] = [];
  const reasons: Array<{ why: string; cause: unknown }> = [];
  link.onReply((reply) => replies.push(reply));
  link.onGone((why, cause) => reasons.push({ why, cause }));
  return { link, worker, replies, reasons };
}

describe('a worker', () => {
  test('is a module worker of the script, and messages go both ways', () => {
    const { link, worker, replies, reasons } = start();
    expect(worker).toMatchObject({ address: SCRIPT, options: { type: 'module' } });
    const memory = new ArrayBuffer(8);
    link.post('a request', [memory]);
    worker.send('message', { data: 'a reply' });
    expect(worker.posted).toEqual([{ message: 'a request', transfer: [memory] }]);
    expect(replies).toEqual(['a reply']);
    expect(reasons).toEqual([]);
  });

  test('is looked for where the package is when Vite moved the code alone', () => {
    const { worker } = start(
      'https://page.example/node_modules/.vite/deps_temp_1/pool-worker.web.js?v=0a1b2c3d',
    );
    expect(worker.address).toBe(
      'https://page.example/node_modules/pixbytes/dist/pool-worker.web.js?v=0a1b2c3d',
    );
  });

  test('whose script cannot be loaded is gone, with what to do about it', () => {
    const { worker, reasons } = start();
    const event = worker.send('error');
    expect(reasons).toEqual([{ why: expect.any(String), cause: event }]);
    expect(reasons[0]?.why).toContain(`its script ${SCRIPT} could not be loaded`);
    expect(reasons[0]?.why).toContain('pixbytes/dist/pool-worker.web.js beside the bundle');
    expect(reasons[0]?.why).toContain("worker-src 'self'");
    expect(worker.terminated).toBeGreaterThan(0);
  });

  test('with an error that nobody caught is ended, gone once, and heard no more', async () => {
    const { link, worker, replies, reasons } = start();
    worker.send('message', { data: 'a reply' });
    const event = worker.send('error', { message: 'Uncaught RangeError: out of luck' });
    expect(event.defaultPrevented).toBe(true);
    expect(worker.terminated).toBeGreaterThan(0);
    worker.send('error', { message: 'another' });
    worker.send('messageerror');
    worker.send('message', { data: 'too late' });
    await link.end();
    expect(reasons).toEqual([{ why: 'Uncaught RangeError: out of luck', cause: event }]);
    expect(replies).toEqual(['a reply']);
  });

  test('that answered and has an error without a message was loaded all the same', () => {
    const { worker, reasons } = start();
    worker.send('message', { data: 'a reply' });
    worker.send('error');
    expect(reasons.map(({ why }) => why)).toEqual(['an error without a message']);
  });

  test('whose answer cannot be read is gone', () => {
    const { worker, reasons } = start();
    const event = worker.send('messageerror');
    expect(reasons).toEqual([{ why: 'its answer could not be read', cause: event }]);
    expect(worker.terminated).toBeGreaterThan(0);
  });

  test('is ended at once, which is told once and not before the call returns', async () => {
    const { link, worker, reasons } = start();
    const ended = link.end();
    expect(worker.terminated).toBe(1);
    expect(reasons).toEqual([]);
    await ended;
    await link.end();
    expect(reasons).toEqual([{ why: 'it was ended', cause: undefined }]);
  });
});

describe('a script of another origin', () => {
  const CDN = 'https://cdn.example/pixbytes/dist/pool-worker.web.js';

  test('is imported by a blob of the page, one for all workers', async () => {
    const createObjectURL = vi.spyOn(URL, 'createObjectURL');
    const spawn = spawnWebWorkers(() => new URL(CDN));
    spawn();
    spawn();
    expect(createObjectURL).toHaveBeenCalledTimes(1);
    const [blob] = createObjectURL.mock.calls[0] as [Blob];
    expect(blob.type).toBe('text/javascript');
    expect(await blob.text()).toBe(`import "${CDN}";`);
    expect(new Set(FakeWorker.started.map(({ address }) => address)).size).toBe(1);
    expect(FakeWorker.started[0]?.address).toMatch(/^blob:/);
  });

  test('that cannot be loaded says which policy it needs', () => {
    const { worker, reasons } = start(CDN);
    worker.send('error');
    expect(reasons[0]?.why).toContain('worker-src blob: https://cdn.example');
  });
});

describe('a pool of them', () => {
  const work = workOn(new Uint8Array(1), 'keep', (bytes) => ({
    kind: 'transcode',
    bytes,
    format: 'webp',
    options: {},
  }));
  const poolOf = (spawn: SpawnWorker<never, never>) =>
    new WorkerRunner({ size: 2 }, spawn, () => Promise.reject(new Error('no module')));
  const failuresOf = async (pool: WorkerRunner, tasks: number) => {
    const settled = await Promise.allSettled(Array.from({ length: tasks }, () => pool.run(work)));
    return settled.map((result) => (result as PromiseRejectedResult).reason as CodecError);
  };

  test('fails each task once where the script cannot be loaded, and starts no more workers than tasks', async () => {
    FakeWorker.begin = (worker) => setTimeout(() => worker.send('error'));
    const pool = poolOf(spawnWebWorkers(() => new URL(SCRIPT)));
    for (const error of await failuresOf(pool, 5)) {
      expect(error.code).toBe('WORKER_DIED');
      expect(error.message).toContain('could not be loaded');
      expect(error.cause).toBeInstanceOf(Event);
    }
    expect(FakeWorker.started).toHaveLength(5);
    expect(pool.stats).toMatchObject({ workers: 0, busy: 0, queued: 0, failed: 5 });
    await pool.close();
  });

  test('fails each task where the browser refuses at once to start a worker', async () => {
    const refusal = new DOMException('Access to the script is denied', 'SecurityError');
    FakeWorker.begin = () => {
      throw refusal;
    };
    const pool = poolOf(spawnWebWorkers(() => new URL(SCRIPT)));
    for (const error of await failuresOf(pool, 3)) {
      expect(error.code).toBe('WORKER_DIED');
      expect(error.message).toContain(`its script ${SCRIPT} could not be loaded`);
      expect((error.cause as Error).cause).toBe(refusal);
    }
    await pool.close();
  });

  test('fails each task where the bundle is no module and so has no address', async () => {
    const pool = poolOf(spawnWebWorkers(() => new URL('./pool-worker.web.js', undefined)));
    const [error] = await failuresOf(pool, 1);
    expect(error?.code).toBe('WORKER_DIED');
    expect(error?.message).toContain('bundle as an ES module');
    await pool.close();
  });

  test('closes while workers are at work and idle', async () => {
    const reply = { kind: 'done', result: new Uint8Array(1), memoryBytes: 0 };
    FakeWorker.begin = (worker) => setTimeout(() => worker.send('message', { data: reply }));
    const pool = poolOf(spawnWebWorkers(() => new URL(SCRIPT)));
    await pool.run(work);
    const last = pool.run(work);
    const closed = pool.close();
    FakeWorker.started[0]?.send('message', { data: reply });
    await last;
    await closed;
    expect(pool.stats).toMatchObject({ workers: 0, done: 2, failed: 0, started: 1 });
    expect(FakeWorker.started[0]?.terminated).toBeGreaterThan(0);
  });
});
