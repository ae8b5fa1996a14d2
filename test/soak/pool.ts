// Thousands of calls of all kinds, in place and on a pool, in one process, whose memory must not grow: npm run soak:pool -- --seed 2
//
// Run after a build. Encodes of all formats, sizes and pixel formats, decodes, transcodes, calls that are wrong, aborts and time limits.
// Then one image of 24 megapixels in several ways, after which memory has to come back.
//
//   --calls n    default 80000: memory of the process wavers by 20 MB, which in 10000 calls can look like 3 MB in 1000
//   --warmup n   default half of them: threads and their heaps take until then to get to their size
//   --every n    calls between two looks at memory. Default 200
//   --growth mb  most megabytes in 1000 calls that the process may grow by. Default 1
//   --held mb    the same of what the calling thread holds. Default 0.5
//   --seed n     other calls. Default 1
//   --way name   only calls in place, pool, both (compared), abort or timeout; may be repeated. Default: all
//   --leak       keeps every result, to show that it is seen
//   --no-large   without the large image

import { parseArgs } from 'node:util';
import { growthOf, type Published, soak, soakLarge } from '../pool/soak.js';

const { values } = parseArgs({
  allowNegative: true,
  options: {
    calls: { type: 'string', default: '80000' },
    warmup: { type: 'string' },
    every: { type: 'string', default: '200' },
    growth: { type: 'string', default: '1' },
    held: { type: 'string', default: '0.5' },
    seed: { type: 'string', default: '1' },
    way: { type: 'string', multiple: true },
    leak: { type: 'boolean', default: false },
    large: { type: 'boolean', default: true },
  },
});

const MB = 1024 * 1024;
/** Memory after a large image against before, and how long that may take. */
const LARGE = { most: 1.3, ms: 15_000 };

const { gc } = globalThis as { gc?: () => void };
if (!gc) throw new Error('Run it with --expose-gc');

const built = (name: string) => import(new URL(`../../dist/${name}`, import.meta.url).href);
const published = { ...(await built('index.node.js')), ...(await built('pool.node.js')) } as Published;
const line = (text: string) => process.stdout.write(`${text}\n`);
const megabytes = (bytes: number) => `${(bytes / MB).toFixed(1)} MB`;

const calls = Number(values.calls);
const warmup = Number(values.warmup ?? calls / 2);
const kept: unknown[] = [];
const start = performance.now();
const report = await soak(published, {
  calls,
  warmup,
  every: Number(values.every),
  seed: Number(values.seed),
  ways: values.way,
  collect: gc,
  ...(values.leak ? { onResult: (result) => kept.push(result) } : {}),
  onSample: ({ calls: done, rss, held }) =>
    line(
      `${String(done).padStart(6)} calls  ${megabytes(rss).padStart(9)}  ${megabytes(held).padStart(9)} held`,
    ),
});
const { done, refused, aborted, timedOut, faults, workersStarted } = report;
const seconds = ((performance.now() - start) / 1000).toFixed(0);
line(
  `${seconds} s: ${done} done, ${refused} refused, ${aborted} aborted, ${timedOut} timed out, ${workersStarted} workers started`,
);
for (const [key, most, what] of [
  ['rss', values.growth, 'The process'],
  ['held', values.held, 'What the calling thread holds'],
] as const) {
  const growth = (growthOf(report.samples, key) * 1000) / MB;
  line(`${what} grows by ${growth.toFixed(2)} MB in 1000 calls, at most ${most}`);
  if (!(growth <= Number(most))) process.exitCode = 1;
}
line(`faults: ${faults.length}`);
for (const fault of faults.slice(0, 20)) line(`  ${fault}`);
if (faults.length > 0) process.exitCode = 1;

if (values.large) {
  for (const { name, before, after } of await soakLarge(published, gc, LARGE)) {
    const left = after / before;
    line(
      `24 megapixels, ${name}: ${megabytes(before)} before, ${megabytes(after)} after, ${left.toFixed(2)}x`,
    );
    if (!(left <= LARGE.most)) process.exitCode = 1;
  }
}
