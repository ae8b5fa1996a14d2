import { existsSync, mkdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { writeFileWhole } from '../../src/cli/write-file.js';
import { filesIn, scratchFolder } from './scratch-folder.js';

const BYTES = new Uint8Array([1, 2, 3]);
const never = new AbortController().signal;

test('makes folders and leaves the file alone', async () => {
  const folder = scratchFolder();
  await writeFileWhole(join(folder, 'a/b/c.png'), BYTES, never);
  expect(filesIn(folder)).toEqual(['a/b/c.png']);
  expect(readFileSync(join(folder, 'a/b/c.png'))).toEqual(Buffer.from(BYTES));
});

test('makes a folder that several files need at one time', async () => {
  const folder = scratchFolder();
  const names = Array.from({ length: 20 }, (_, i) => `a/b/c/${i % 3}/${i}.png`);
  await Promise.all(names.map((name) => writeFileWhole(join(folder, name), BYTES, never)));
  expect(filesIn(folder)).toEqual(names.toSorted());
});

// `mkdir` with `recursive` tries for ever there.
test.skipIf(!existsSync('/proc/self'))('fails where a folder cannot be made', async () => {
  await expect(writeFileWhole('/proc/none/a/b.png', BYTES, never)).rejects.toThrow('ENOENT');
});

test.each(['file', 'dangling'])('fails where a %s stands in the place of a folder', async (name) => {
  const folder = scratchFolder({ file: 'x' });
  symlinkSync('nowhere', join(folder, 'dangling'));
  for (const below of ['a.png', 'b/a.png']) {
    await expect(writeFileWhole(join(folder, name, below), BYTES, never)).rejects.toThrow(/E(EXIST|NOTDIR)/);
  }
});

test('replaces a file, and a link instead of what it leads to', async () => {
  const folder = scratchFolder({ 'c.png': 'a longer file than the new one', original: 'kept' });
  symlinkSync('original', join(folder, 'd.png'));
  for (const name of ['c.png', 'd.png']) {
    await writeFileWhole(join(folder, name), BYTES, never);
    expect(readFileSync(join(folder, name))).toEqual(Buffer.from(BYTES));
  }
  expect(readFileSync(join(folder, 'original'), 'utf8')).toBe('kept');
});

test('takes names as long as file systems do', async () => {
  const folder = scratchFolder();
  const name = `${'n'.repeat(251)}.png`;
  await writeFileWhole(join(folder, name), BYTES, never);
  expect(filesIn(folder)).toEqual([name]);
});

test('leaves nothing behind where the name is a folder’s', async () => {
  const folder = scratchFolder();
  mkdirSync(join(folder, 'c.png/inside'), { recursive: true });
  await expect(writeFileWhole(join(folder, 'c.png'), BYTES, never)).rejects.toThrow(
    /EISDIR|EPERM|ENOTEMPTY|EEXIST/,
  );
  expect(filesIn(folder)).toEqual([]);
  expect(statSync(join(folder, 'c.png/inside')).isDirectory()).toBe(true);
});

test('leaves the old file and nothing else where it is aborted, before or meanwhile', async () => {
  const folder = scratchFolder({ 'c.png': 'old' });
  const path = join(folder, 'c.png');
  const reason = new Error('enough');
  await expect(writeFileWhole(path, BYTES, AbortSignal.abort(reason))).rejects.toBe(reason);
  const big = new Uint8Array(64 << 20);
  const controller = new AbortController();
  const writing = writeFileWhole(path, big, controller.signal);
  const begun = async () => {
    while (filesIn(folder).length < 2) await new Promise((resolve) => setImmediate(resolve));
  };
  await begun();
  controller.abort(reason);
  await expect(writing).rejects.toBe(reason);
  expect(filesIn(folder)).toEqual(['c.png']);
  expect(readFileSync(path, 'utf8')).toBe('old');
});
