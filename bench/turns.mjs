// Times contenders in turns: each runs once, then each again, so that a machine that slows down or speeds up
// does it to all of them. In each round in another order: who comes after one that leaves much garbage and cold caches pays for it.
// Medians are quoted, with the middle half of the runs as spread.

import { cpus } from 'node:os';

/**
 * @typedef {object} Contender
 * @property {string} name
 * @property {() => unknown} run synchronous or asynchronous
 * @property {(result: any) => boolean} [check] looks at the first result
 */
/** @typedef {{ name: string, median: number, low: number, high: number, runs: number }} Timing milliseconds */

/** One line on where the numbers come from. */
export function describeMachine() {
  const [{ model } = { model: 'unknown CPU' }] = cpus();
  const runtime = `Node ${process.versions.node} (V8 ${process.versions.v8})`;
  return `${model.trim()}, ${cpus().length} cores, ${process.platform} ${process.arch}, ${runtime}`;
}

/** Runs once and says how long it took. */
async function time(run) {
  const start = performance.now();
  const result = run();
  if (result instanceof Promise) await result;
  return performance.now() - start;
}

/**
 * @param {Contender[]} contenders
 * @param {{ rounds?: number, warmups?: number, budgetMs?: number, fewest?: number, patienceMs?: number }} [options] a contender
 * whose rounds would take longer than the budget takes part in fewer of them, evenly spread, three at least or as told; of one whose
 * first run takes longer than the patience that run is the only one
 * @returns {Promise<Timing[]>} in the order of the contenders
 */
export async function takeTurns(
  contenders,
  { rounds = 41, warmups = 5, budgetMs = Infinity, fewest = 3, patienceMs = Infinity } = {},
) {
  const times = contenders.map(() => []);
  const shares = [];
  for (const [i, { name, run, check }] of contenders.entries()) {
    let elapsed = await time(async () => {
      const result = await run();
      if (check && !check(result)) throw new Error(`${name}: wrong result`);
    });
    if (elapsed > patienceMs) {
      times[i].push(elapsed);
      shares.push(0);
      continue;
    }
    // The first run may be slow for other reasons.
    if (elapsed * rounds > budgetMs) elapsed = await time(run);
    shares.push(Math.min(1, Math.max(fewest, Math.floor(budgetMs / elapsed)) / rounds));
  }
  const random = randomNumbers();
  for (let round = -warmups; round < rounds; round++) {
    for (const i of shuffled(contenders.length, random)) {
      const { run } = contenders[i];
      const share = shares[i];
      // Whenever its part of the rounds so far passes a whole number.
      const isIn = round < 0 ? share === 1 : Math.ceil((round + 1) * share) > Math.ceil(round * share);
      if (!isIn) continue;
      const elapsed = await time(run);
      if (round >= 0) times[i].push(elapsed);
    }
  }
  return contenders.map(({ name }, i) => ({ name, ...spread(times[i]), runs: times[i].length }));
}

/** The same numbers from 0 to 1 in each run (a linear congruential generator). */
export function randomNumbers() {
  let state = 1;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** 0 to `length`, in any order (Fisher and Yates). */
export function shuffled(length, random) {
  const order = Array.from({ length }, (_, i) => i);
  for (let last = length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    [order[last], order[other]] = [order[other], order[last]];
  }
  return order;
}

/** @param {number[]} times */
export function spread(times) {
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
