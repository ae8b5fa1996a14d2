// Times contenders in turns: each runs once, then each again, so that a machine that slows down or speeds up
// does it to all of them. Medians are quoted, with the middle half of the runs as spread.

import { cpus } from 'node:os';

/** @typedef {{ name: string, run: () => unknown, check?: (result: any) => boolean, every?: number }} Contender */
/** @typedef {{ name: string, median: number, low: number, high: number }} Timing milliseconds */

/** One line on where the numbers come from. */
export function describeMachine() {
  const [{ model } = { model: 'unknown CPU' }] = cpus();
  const runtime = `Node ${process.versions.node} (V8 ${process.versions.v8})`;
  return `${model.trim()}, ${cpus().length} cores, ${process.platform} ${process.arch}, ${runtime}`;
}

/**
 * @param {Contender[]} contenders synchronous or asynchronous; `check` looks at the first result; who is slow sits out all but
 * `every` so many rounds, and the warm-ups
 * @param {{ rounds?: number, warmups?: number }} [options]
 * @returns {Promise<Timing[]>} in the order of the contenders
 */
export async function takeTurns(contenders, { rounds = 41, warmups = 5 } = {}) {
  const times = contenders.map(() => []);
  for (const { name, run, check } of contenders) {
    if (check && !check(await run())) throw new Error(`${name}: wrong result`);
  }
  for (let round = -warmups; round < rounds; round++) {
    for (const [i, { run, every = 1 }] of contenders.entries()) {
      if (every > 1 && (round < 0 || round % every !== 0)) continue;
      const start = performance.now();
      const result = run();
      if (result instanceof Promise) await result;
      const elapsed = performance.now() - start;
      if (round >= 0) times[i].push(elapsed);
    }
  }
  return contenders.map(({ name }, i) => ({ name, ...spread(times[i]) }));
}

/** @param {number[]} times */
function spread(times) {
  const sorted = times.toSorted((a, b) => a - b);
  const quantile = (q) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))];
  return { median: quantile(0.5), low: quantile(0.25), high: quantile(0.75) };
}

/**
 * The timings as lines of text, each with its ratio to the first contender.
 *
 * @param {string} title
 * @param {Timing[]} timings
 */
export function formatTimings(title, timings) {
  const width = Math.max(...timings.map(({ name }) => name.length));
  const lines = timings.map(({ name, median, low, high }) => {
    const ratio = (median / timings[0].median).toFixed(2);
    const range = `${low.toFixed(2)}-${high.toFixed(2)}`;
    return `  ${name.padEnd(width)}  ${median.toFixed(2).padStart(8)} ms  ${range.padStart(14)}  ${ratio.padStart(6)}x`;
  });
  return `${title}\n${lines.join('\n')}\n`;
}
