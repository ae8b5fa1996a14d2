import { picture } from './pictures.mjs';

/** Deno once took 1.5 s to post 16 MB that are encoded in 16 ms. */
async function runLarge(pool, encode) {
  const [width, height] = [2000, 2050];
  const data = Uint8Array.from({ length: width * height * 4 }, (_, i) => (i % width) * (i >> 14) + (i & 3));
  const image = { data, width, height };
  const options = { effort: 'fast' };
  const fastest = async (call) => {
    const times = [];
    for (let i = 0; i < 3; i++) {
      const begin = performance.now();
      await call();
      times.push(performance.now() - begin);
    }
    return Math.min(...times);
  };
  const here = await fastest(() => encode(image, 'png', options));
  const inOne = await fastest(() => pool.encode(image, 'png', { ...options, parallel: false }));
  const inBands = await fastest(() => pool.encode(image, 'png', options));
  const back = await fastest(async () => pool.decode(await encode(image, 'jpeg')));
  const times = { here, inOne, inBands, back };
  const slow = Object.entries(times).filter(([, ms]) => ms > 20 * here + 300);
  return slow.length === 0 ? 'ok' : JSON.stringify(times);
}

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

  results['a large image, also in bands'] = await runLarge(pool, encode);

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
