import { picture } from './pictures.mjs';

/** `pixbytes/pool` against the verbs, where the runtime has threads. */
export async function runPool({ encode }) {
  const { createPool } = await import('pixbytes/pool');
  const pool = createPool({ size: 2 });
  const results = {};
  const formats = ['png', 'jpeg', 'webp', 'raw'];
  const sources = ['rgba8', 'rgb16', 'gray8'].map((pixelFormat) => picture(pixelFormat, 40, 30));
  const pairs = sources.flatMap((source) => formats.map((format) => [source, format]));
  const [mine, theirs] = await Promise.all(
    [pool.encode, encode].map((call) => Promise.all(pairs.map((pair) => call.call(pool, ...pair)))),
  );
  const same = mine.every(
    (bytes, i) => bytes.length === theirs[i].length && bytes.every((byte, k) => byte === theirs[i][k]),
  );
  results['the bytes of the pool'] = same ? 'ok' : 'are others than those of encode';
  results['threads of the pool'] = pool.stats.started === 2 ? 'ok' : `${pool.stats.started} were started`;

  const controller = new AbortController();
  const data = Uint8Array.from({ length: 2000 * 2000 * 4 }, (_, i) => Math.imul(i, i) >>> 13);
  const options = { lossless: true, effort: 'smallest', signal: controller.signal };
  const long = pool.encode({ data, width: 2000, height: 2000 }, 'webp', options).catch(({ name }) => name);
  await new Promise((resolve) => setTimeout(resolve, 300));
  const begin = performance.now();
  controller.abort();
  const name = await long;
  const ms = Math.round(performance.now() - begin);
  results['an abort in the middle'] = name === 'AbortError' && ms < 250 ? 'ok' : `${name} after ${ms} ms`;
  await pool.close();
  results['a closed pool'] = pool.stats.workers === 0 ? 'ok' : `has ${pool.stats.workers} workers`;
  return results;
}
