// A process of the batch bench, for its own peak of memory. Started by batch.bench.mjs with what to do and a folder of pictures;
// prints what came of it as JSON.

import { loadFiles, loadImages, loadLarge } from './batch.images.mjs';

const [what, folder, setting] = process.argv.slice(2);

const MB = 1024 * 1024;
const SIGNATURES = { jpeg: [0xff, 0xd8], png: [0x89, 0x50], webp: [0x52, 0x49] };

/** Goes through the sources with so many calls at one time, until all are done or the time is over. */
async function goThrough(sources, inFlight, budgetMs, run) {
  let next = 0;
  let done = 0;
  let bytes = 0;
  const start = performance.now();
  const goOn = async () => {
    while (next < sources.length && performance.now() - start < budgetMs) {
      const file = await run(sources[next++]);
      bytes += file.byteLength;
      done++;
    }
  };
  await Promise.all(Array.from({ length: inFlight }, goOn));
  return { done, ms: performance.now() - start, bytes };
}

/** Whether the build of pixbytes takes the options; what it does not know it refuses. */
async function isKnown(run, source) {
  try {
    await run(source);
    return true;
  } catch (error) {
    if (error instanceof TypeError && /an option/.test(error.message)) return false;
    throw error;
  }
}

async function loadSources({ source, pixelFormat }, { shared = false }, images) {
  if (source === 'files') return loadFiles(folder);
  return source === 'large'
    ? loadLarge(folder, pixelFormat, shared, images)
    : loadImages(folder, pixelFormat, shared);
}

async function measure({ task, index, images, warmups, budgetMs }) {
  const { CONTENDERS } = await import('./batch.contenders.mjs');
  const contender = CONTENDERS[index];
  const sources = await loadSources(task, contender, images);
  const loadedBytes = process.memoryUsage.rss();
  const { inFlight, run } = await contender.open(task);
  if (contender.by === 'pixbytes' && !(await isKnown(run, sources[0]))) return { known: false };
  const first = new Uint8Array(await run(sources[0]));
  if (!SIGNATURES[task.format].every((byte, i) => first[i] === byte))
    throw new Error(`${contender.name}: no ${task.format}`);
  // The calls of one large image come one after the other: how fast it is done is what counts.
  const calls = task.source === 'large' ? 1 : inFlight;
  await goThrough(sources.slice(0, warmups), calls, budgetMs / 2, run);
  const before = process.cpuUsage();
  const { done, ms, bytes } = await goThrough(sources, calls, budgetMs, run);
  const { user, system } = process.cpuUsage(before);
  return {
    done,
    imagesPerSecond: done / (ms / 1000),
    cpuMs: (user + system) / 1000 / done,
    kilobytes: bytes / 1000 / done,
    peakMegabytes: (process.resourceUsage().maxRSS * 1024) / MB,
    loadedMegabytes: loadedBytes / MB,
  };
}

/** What a pool adds to the time of an image that takes next to none. */
async function measureOverhead({ rounds }) {
  const [{ encode }, { createPool }, { takeTurns }] = await Promise.all([
    import('../dist/index.node.js'),
    import('../dist/pool.node.js'),
    import('./turns.mjs'),
  ]);
  const pool = createPool({ size: 1 });
  const [image] = await loadImages(folder, 'rgba8', false);
  const side = 64;
  const data = new Uint8Array(side * side * 4);
  for (let y = 0; y < side; y++) {
    const at = y * image.width * 4;
    data.set(image.data.subarray(at, at + side * 4), y * side * 4);
  }
  const icon = { data, width: side, height: side, pixelFormat: 'rgba8' };
  const results = [];
  for (const format of ['jpeg', 'png', 'raw']) {
    const contenders = [
      { name: 'encode', run: () => encode(icon, format) },
      { name: 'pool.encode', run: () => pool.encode(icon, format) },
    ];
    const [here, there] = await takeTurns(contenders, { rounds, warmups: rounds >> 1 });
    results.push({ format, here, there });
  }
  return results;
}

async function prepare(sizes) {
  const { makePictures } = await import('./batch.pictures.mjs');
  return makePictures(folder, sizes);
}

const does = { measure, prepare, overhead: measureOverhead }[what];
const result = await does(JSON.parse(setting));
process.stdout.write(JSON.stringify(result ?? {}));
// Pools would go on.
process.exit();
