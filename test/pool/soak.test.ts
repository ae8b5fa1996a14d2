import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { growthOf } from './soak.js';

/** `npm run soak:pool` with fewer calls, in a process that does nothing else. */
async function soak(...options: string[]) {
  const args = ['--expose-gc', '--import', 'tsx', 'test/soak/pool.ts', '--no-large', '--every', '20'];
  const run = promisify(execFile)(process.execPath, [...args, ...options]);
  const [stdout, code] = await run.then(
    (ended) => [ended.stdout, 0] as const,
    (error) => [error.stdout as string, error.code as number] as const,
  );
  const held = Number(/calling thread holds grows by (-?[\d.]+) MB/.exec(stdout)?.[1]);
  return { stdout, code, held };
}

// Limits are coarse: in so few calls the memory of a sound process grew by up to 65 MB in 1000, that of a pool alone by up to 22 MB, and what
// the calling thread holds by less than 2 MB.
const MIXED = ['--calls', '700', '--warmup', '300', '--growth', '120', '--held', '12'];
/** Where workers kept their results it grew by more than 54 MB, where they kept what they were sent by more than 120 MB. */
const ON_WORKERS = ['--way', 'pool', '--calls', '1500', '--warmup', '500', '--growth', '45', '--held', '12'];

describe('hundreds of calls of all kinds in one process', () => {
  test('end as they have to, and leave no memory behind', async () => {
    const { stdout, code } = await soak(...MIXED);
    expect(code, stdout).toBe(0);
    const [, done, refused, aborted] = /(\d+) done, (\d+) refused, (\d+) aborted/.exec(stdout) ?? [];
    expect(Number(done)).toBeGreaterThan(500);
    expect(Number(refused)).toBeGreaterThan(10);
    expect(Number(aborted)).toBeGreaterThan(5);
    expect(stdout).toContain('faults: 0');
  }, 120_000);

  test('leave none behind in workers', async () => {
    const { stdout, code } = await soak(...ON_WORKERS);
    expect(code, stdout).toBe(0);
  }, 120_000);

  test('would be noticed if they did', async () => {
    const { stdout, code, held } = await soak(...MIXED, '--leak');
    expect(code, stdout).toBe(1);
    expect(held).toBeGreaterThan(30);
    expect(stdout).toContain('faults: 0');
  }, 120_000);
});

test('growth is the slope of the line through the samples', () => {
  const samples = [0, 1, 2, 3].map((i) => ({ calls: i * 100, rss: 5000 + 700 * i, held: 9000 - i }));
  expect(growthOf(samples, 'rss')).toBeCloseTo(7);
  expect(growthOf(samples, 'held')).toBeCloseTo(-0.01);
});
