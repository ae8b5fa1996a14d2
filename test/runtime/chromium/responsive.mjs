// How long the page's thread is kept from anything else while a pool encodes.

const SIDE = 4096;
const MOST_MS = 50;
/** Runs that have to be good, of so many: what other programs on the machine add is in some, what the pool itself does is in all. */
const GOOD_RUNS = 2;
const MOST_RUNS = 9;

/** A picture of 16 megapixels, made anew each time as its memory may be moved away. */
function largePicture() {
  const row = new Uint32Array(SIDE);
  const pixels = new Uint32Array(SIDE * SIDE);
  for (let y = 0; y < SIDE; y++) {
    // A gradient with some noise.
    for (let x = 0; x < SIDE; x++)
      row[x] = 0xff000000 + Math.imul(x + y, 0x0101) + (Math.imul(x * y, 0x9e3779b1) >>> 28);
    pixels.set(row, y * SIDE);
  }
  return { data: new Uint8Array(pixels.buffer), width: SIDE, height: SIDE, pixelFormat: 'rgba8' };
}

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** @returns the longest time, in milliseconds, that `run` kept timers waiting, or the longest task that the browser tells of */
async function measure(run) {
  let longest = 0;
  let last = performance.now();
  let timer;
  const tick = () => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
    timer = setTimeout(tick, 0);
  };
  const observe = (entries) => {
    for (const { duration } of entries) longest = Math.max(longest, duration);
  };
  const observer = new PerformanceObserver((list) => observe(list.getEntries()));
  observer.observe({ type: 'longtask' });
  timer = setTimeout(tick, 0);
  try {
    await run();
    await pause(20);
  } finally {
    clearTimeout(timer);
    observe(observer.takeRecords());
    observer.disconnect();
  }
  return Math.round(longest);
}

/** @returns 'ok' where enough runs keep the page waiting for less than 50 ms, or what was measured */
async function judge(encodeLarge) {
  const waits = [];
  let good = 0;
  while (waits.length < MOST_RUNS) {
    const source = largePicture();
    // Until its making is forgotten.
    await pause(100);
    const wait = await measure(() => encodeLarge(source));
    waits.push(wait);
    if (wait < MOST_MS) good++;
    if (good === GOOD_RUNS) return 'ok';
  }
  return `the page waited for ${waits.join(', ')} ms`;
}

/** The fast WebP, as the others take a second and more, whether the page waits or not. */
const CASES = { jpeg: {}, png: {}, webp: { effort: 'fast' } };

/** @returns {Promise<Record<string, string>>} by format and way of the pixels, 'ok' or how long the page was kept waiting */
export async function runResponsive({ createPool }, encode) {
  const results = {};
  const pool = createPool({ size: 2 });
  for (const [format, options] of Object.entries(CASES)) {
    for (const transfer of [true, false]) {
      const name = `${format}, ${transfer ? 'moved' : 'copied'}`;
      results[name] = await judge((source) => pool.encode(source, format, { ...options, transfer }));
    }
  }
  await pool.close();
  // Or nothing above would tell anything.
  const source = largePicture();
  const blocked = await measure(() => encode(source, 'webp'));
  results['the measure, of encode in the page'] = blocked > MOST_MS ? 'ok' : `is only ${blocked} ms`;
  return results;
}
