// What a page does with `pixbytes/pool`, by the word in its address. It gives a report to `report`, which the program that opened the page
// put there.
import { encode } from 'pixbytes';
import { picture } from '../pictures.mjs';
import { runPool } from '../pool.mjs';
import { runResponsive } from './responsive.mjs';

const loadPool = () => import('pixbytes/pool');

/** Runs something and gives what it posts to workers beside its own result. */
async function watchPosts(run) {
  const { postMessage } = Worker.prototype;
  const posted = [];
  Worker.prototype.postMessage = function (message, ...rest) {
    posted.push(message);
    return postMessage.call(this, message, ...rest);
  };
  try {
    return { result: await run(), posted };
  } finally {
    Worker.prototype.postMessage = postMessage;
  }
}

/** Every piece of memory that a message holds. */
function* memoryIn(value) {
  if (ArrayBuffer.isView(value)) yield value.buffer;
  else if (Object.prototype.toString.call(value) === '[object Object]' || Array.isArray(value))
    for (const part of Object.values(value)) yield* memoryIn(part);
}

/** Pixels in shared memory, which has to reach the worker as it is. */
async function runShared() {
  const name = 'shared memory';
  if (!globalThis.crossOriginIsolated)
    return {
      [name]: typeof SharedArrayBuffer === 'undefined' ? 'ok' : 'is there in a page that is not isolated',
    };
  const source = picture('rgba8', 40, 30);
  const data = new Uint8Array(new SharedArrayBuffer(source.data.length));
  data.set(source.data);
  const { createPool } = await loadPool();
  const pool = createPool({ size: 1 });
  const { result, posted } = await watchPosts(() => pool.encode({ ...source, data }, 'png'));
  await pool.close();
  const expected = await encode(source, 'png');
  if (result.join() !== expected.join()) return { [name]: 'gives other bytes' };
  const memory = posted.flatMap((message) => [...memoryIn(message)]);
  const shared = memory.some((buffer) => buffer === data.buffer);
  const copied = memory.some((buffer) => buffer !== data.buffer && buffer.byteLength >= data.length);
  return { [name]: shared && !copied ? 'ok' : 'was copied' };
}

async function worksInPlace() {
  // As in browsers that have none; before the pool looks for it.
  delete globalThis.Worker;
  const { createPool } = await loadPool();
  const pool = createPool({ size: 4 });
  const source = picture('rgba8', 40, 30);
  const files = await Promise.all([1, 2, 3].map(() => pool.encode(source, 'webp')));
  const expected = (await encode(source, 'webp')).join();
  const { size, stats } = pool;
  await pool.close();
  return {
    'the bytes of the pool': files.every((file) => file.join() === expected) ? 'ok' : 'are others',
    'a pool in place': size === 1 && stats.started === 0 && stats.done === 3 ? 'ok' : JSON.stringify(stats),
  };
}

/** Tasks for workers that all fail: each has to end with an error, soon and once. */
async function failWith(pattern) {
  const { CodecError, createPool } = await loadPool();
  const pool = createPool({ size: 2 });
  const begin = performance.now();
  const run = () =>
    pool.encode(picture('rgba8', 40, 30), 'png').then(
      () => 'it did not fail',
      (error) => {
        if (!(error instanceof CodecError) || error.code !== 'WORKER_DIED' || !error.cause)
          return String(error);
        return pattern.test(error.message) ? 'ok' : error.message;
      },
    );
  const results = await Promise.all([1, 2, 3, 4, 5].map(run));
  const last = await run();
  const seconds = (performance.now() - begin) / 1000;
  const { started, workers, failed } = pool.stats;
  await pool.close();
  return {
    'tasks at once': results.find((result) => result !== 'ok') ?? 'ok',
    'a task after them': last,
    'the time of all': seconds < 10 ? 'ok' : `${seconds} s`,
    // Where the browser refuses at once, none counts as started.
    workers: started <= 6 && workers === 0 && failed === 6 ? 'ok' : JSON.stringify(pool.stats),
  };
}

const NOT_LOADED = /could not be loaded.*pixbytes\/dist\/pool-worker\.web\.js.*Content-Security-Policy/;

const acts = {
  works: async () => ({ ...(await runPool({ encode })), ...(await runShared()) }),
  'works-in-place': worksInPlace,
  'is-not-loaded': () => failWith(NOT_LOADED),
  dies: () => failWith(/RangeError: out of luck/),
  'stays-responsive': async () => runResponsive(await loadPool(), encode),
};

const what = new URLSearchParams(location.search).get('what');
const local = await acts[what]();
await globalThis.report([{ place: `the pool ${what.replaceAll('-', ' ')}`, local, complaints: [] }]);
