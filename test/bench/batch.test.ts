import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const TITLES = [
  'raw pixels to JPEG, RGBA',
  'one 16 MP image to PNG',
  'files to JPEG, by calls',
  'files to JPEG, by command lines',
  'overhead of a pool',
];
const CONTENDERS = [
  'pixbytes pool',
  'pixbytes pool, shared memory',
  'jSquash in piscina',
  'sharp',
  'sharp-cli',
];

test('the batch bench runs: every kind of task, by every contender', async () => {
  const only = TITLES.flatMap((title) => ['--only', title]);
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['bench/batch.bench.mjs', '--short', '--images', '3', ...only],
    { timeout: 170_000 },
  );
  for (const title of TITLES) expect(stdout).toContain(`\n${title}`);
  for (const name of CONTENDERS) expect(stdout).toMatch(new RegExp(`^\\| ${name} +\\| +1 \\| +[1-9]`, 'm'));
  expect(stdout).not.toMatch(/NaN|undefined/);
}, 180_000);
