import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, utimesSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { PROCESS_SPACE, sweepTemporaries, temporaryPath } from '../../src/cli/temporaries.js';
import { filesIn, scratchFolder, temporaryName } from './scratch-folder.js';

const { pid: DEAD } = spawnSync(process.execPath, ['--version']);
const ELSEWHERE = PROCESS_SPACE === '00000000' ? '00000001' : '00000000';

function folderOf(names: readonly string[], ageMinutes = 0): string {
  const folder = scratchFolder(Object.fromEntries(names.map((name) => [name, 'x'])));
  const then = Date.now() / 1000 - 60 * ageMinutes;
  for (const name of names) utimesSync(join(folder, name), then, then);
  return folder;
}

test('what a killed process left is swept away, and nothing else', async () => {
  const kept = [
    temporaryName(process.ppid),
    temporaryName(DEAD, ELSEWHERE),
    `${temporaryName(DEAD)}.png`,
    '.pixbytes.json',
    'a.png',
  ];
  // A killed run may have had the number of this one.
  const folder = folderOf([...kept, temporaryName(DEAD), temporaryName(process.pid)]);
  await sweepTemporaries(folder);
  expect(filesIn(folder).toSorted()).toEqual(kept.toSorted());
  await sweepTemporaries(join(folder, 'none'));
});

test('what no process has written to for an hour is swept away, wherever it was', async () => {
  const names = [temporaryName(process.ppid), temporaryName(DEAD, ELSEWHERE)];
  const young = folderOf(names, 59);
  await sweepTemporaries(young);
  expect(filesIn(young)).toEqual(names.toSorted());
  const old = folderOf([...names, 'a.png', '.pixbytes.json'], 61);
  await sweepTemporaries(old);
  expect(filesIn(old)).toEqual(['.pixbytes.json', 'a.png']);
});

test('the names that are given out are those that are swept', async () => {
  const folder = scratchFolder();
  const name = basename(temporaryPath(folder));
  expect(name).toMatch(new RegExp(`^\\.pixbytes-${PROCESS_SPACE}-${process.pid}-[0-9a-f]{16}\\.tmp$`));
});

const namespaces = process.platform === 'linux' && spawnSync('unshare', ['-pf', 'true']).status === 0;

// One host name, one volume: a number that is dead here may be alive there.
test.skipIf(!namespaces)(
  'a container sweeps away nothing that one of the same host name is writing',
  async () => {
    const script = `
    import { PROCESS_SPACE } from './src/cli/temporaries.ts';
    process.stdout.write(PROCESS_SPACE);`;
    const tsx = ['--import', 'tsx', '--input-type=module', '-e', script];
    const space = execFileSync('unshare', ['-pf', '--mount-proc', process.execPath, ...tsx], {
      encoding: 'utf8',
    });
    expect(space).toMatch(/^[0-9a-f]{8}$/);
    const folder = scratchFolder({ [temporaryName(DEAD, space)]: 'half' });
    await sweepTemporaries(folder);
    expect(existsSync(join(folder, temporaryName(DEAD, space)))).toBe(true);
    expect(execFileSync(process.execPath, tsx, { encoding: 'utf8' })).toBe(PROCESS_SPACE);
  },
);
