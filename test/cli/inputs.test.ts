import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { findInputs, splitPattern, toPattern } from '../../src/cli/inputs.js';
import { UsageError } from '../../src/cli/usage-error.js';
import { scratchFolder } from './scratch-folder.js';

const TREE = {
  'photos/b.png': '',
  'photos/A.JPG': '',
  'photos/c.txt': '',
  'photos/no-extension': '',
  'photos/.hidden.png': '',
  'photos/.hidden/d.png': '',
  'photos/trip/e.jpeg': '',
  'photos/trip/far/f.WebP': '',
  'photos/trip/IMG [1].png': '',
};

/** Path and mirrored path of what is found, as `path > mirrored`. */
async function found(cwd: string, inputs: string[], out = 'out'): Promise<string[]> {
  const files = await findInputs(inputs, { cwd, out: join(cwd, out) });
  for (const { path, absolute } of files) expect(absolute).toBe(join(cwd, path));
  return files.map(({ path, mirrored }) => `${path} > ${mirrored}`);
}

describe('folders', () => {
  test('give the images below them, whatever the case of the extension, without hidden ones', async () => {
    expect(await found(scratchFolder(TREE), ['photos'])).toEqual([
      'photos/A.JPG > A.JPG',
      'photos/b.png > b.png',
      'photos/trip/IMG [1].png > trip/IMG [1].png',
      'photos/trip/e.jpeg > trip/e.jpeg',
      'photos/trip/far/f.WebP > trip/far/f.WebP',
    ]);
  });

  test.each(['photos/trip', './photos/trip/', 'photos/../photos/trip'])(
    'are mirrored from %s',
    async (input) => {
      expect(await found(scratchFolder(TREE), [input])).toEqual([
        'photos/trip/IMG [1].png > IMG [1].png',
        'photos/trip/e.jpeg > e.jpeg',
        'photos/trip/far/f.WebP > far/f.WebP',
      ]);
    },
  );

  test('that are hidden or named like a pattern are taken by name', async () => {
    const cwd = scratchFolder({ ...TREE, 'we[ird]/x.png': '', '{a,b}/y.png': '' });
    expect(await found(cwd, ['photos/.hidden', 'we[ird]', '{a,b}'])).toEqual([
      'photos/.hidden/d.png > d.png',
      'we[ird]/x.png > x.png',
      '{a,b}/y.png > y.png',
    ]);
  });

  test('that hold the output folder do not give what is in it', async () => {
    const cwd = scratchFolder({ 'a.png': '', 'out/a.webp': '', 'outer/b.png': '' });
    expect(await found(cwd, ['.'])).toEqual(['a.png > a.png', 'outer/b.png > outer/b.png']);
    expect(await found(cwd, ['**/*'])).toEqual(['a.png > a.png', 'outer/b.png > outer/b.png']);
  });

  test('inside the output folder, or the same, are inputs nonetheless', async () => {
    const cwd = scratchFolder({ 'out/img/a.png': '' });
    expect(await found(cwd, ['out/img'])).toEqual(['out/img/a.png > a.png']);
    expect(await found(cwd, ['out'])).toEqual(['out/img/a.png > img/a.png']);
    expect(await found(cwd, ['out/img/a.png'])).toEqual(['out/img/a.png > a.png']);
  });

  test('are followed through links', async () => {
    const cwd = scratchFolder({ 'photos/a.png': '', 'photos/q/c.png': '', 'more/b.png': '' });
    symlinkSync('../more', join(cwd, 'photos/linked'));
    symlinkSync('q', join(cwd, 'photos/twin'));
    symlinkSync('a.png', join(cwd, 'photos/link.png'));
    expect(await found(cwd, ['photos'])).toEqual([
      'photos/a.png > a.png',
      'photos/link.png > link.png',
      'photos/linked/b.png > linked/b.png',
      'photos/q/c.png > q/c.png',
      'photos/twin/c.png > twin/c.png',
    ]);
  });

  test.each([
    ['.', 'photos/loop'],
    ['..', 'photos/q/loop'],
    ['../q', 'photos/q/loop'],
    ['../../photos', 'photos/q/loop'],
  ])('give no file twice where a link leads back: %s from %s', async (target, link) => {
    const cwd = scratchFolder({ 'photos/a.png': '', 'photos/q/b.png': '' });
    symlinkSync(target, join(cwd, link));
    const files = ['photos/a.png > a.png', 'photos/q/b.png > q/b.png'];
    expect(await found(cwd, ['photos'])).toEqual(files);
    expect(await found(cwd, ['photos/**/*.png'])).toEqual(files);
  });

  test('without images are refused by name', async () => {
    const cwd = scratchFolder({ 'docs/readme.txt': '' });
    await expect(found(cwd, ['docs'])).rejects.toThrow(
      new UsageError('No image (.png, .jpg, .jpeg, .webp, .pgm, .ppm, .pam, .pnm) is in the folder docs'),
    );
  });
});

describe('files', () => {
  test('are taken whatever their name, without their folder', async () => {
    const cwd = scratchFolder(TREE);
    expect(
      await found(cwd, ['photos/no-extension', 'photos/.hidden.png', './photos/trip/IMG [1].png']),
    ).toEqual([
      'photos/.hidden.png > .hidden.png',
      'photos/no-extension > no-extension',
      'photos/trip/IMG [1].png > IMG [1].png',
    ]);
  });

  test('may be given by absolute path', async () => {
    const cwd = scratchFolder(TREE);
    const absolute = join(cwd, 'photos/b.png');
    const [file] = await findInputs([absolute], { cwd, out: join(cwd, 'out') });
    expect(file).toEqual({ path: absolute, absolute, mirrored: 'b.png', named: true });
  });

  test.each(['nope.png', 'photos/b.png/deeper.png', 'photos/nope'])(
    'that do not exist are refused: %s',
    async (input) => {
      const cwd = scratchFolder(TREE);
      await expect(found(cwd, ['photos', input])).rejects.toThrow(
        new UsageError(`No such file or folder: ${input}`),
      );
    },
  );

  test.each([['', 'An input is empty; use . for the current folder']])(
    '%o is refused',
    async (input, message) => {
      await expect(found(scratchFolder(TREE), [input])).rejects.toThrow(new UsageError(message));
    },
  );
});

describe('globs', () => {
  test.each([
    ['photos/*.png', ['photos/b.png > b.png']],
    ['photos/*', ['photos/A.JPG > A.JPG', 'photos/b.png > b.png']],
    ['photos/**/f.*', ['photos/trip/far/f.WebP > trip/far/f.WebP']],
    ['*/trip/*.jpeg', ['photos/trip/e.jpeg > photos/trip/e.jpeg']],
    ['photos/{trip,none}/e.jpeg', ['photos/trip/e.jpeg > trip/e.jpeg']],
    ['photos/{trip/far,none}/*', ['photos/trip/far/f.WebP > trip/far/f.WebP']],
    ['photos/.hid*', ['photos/.hidden.png > .hidden.png']],
    ['./photos/[ab].png', ['photos/b.png > b.png']],
  ])('%s is mirrored from its fixed part', async (input, expected) => {
    expect(await found(scratchFolder(TREE), [input])).toEqual(expected);
  });

  test('may be absolute', async () => {
    const cwd = scratchFolder(TREE);
    const files = await findInputs([join(cwd, 'photos/*/*.jpeg')], { cwd: '/', out: '/nowhere' });
    expect(files).toEqual([
      {
        path: join(cwd, 'photos/trip/e.jpeg'),
        absolute: join(cwd, 'photos/trip/e.jpeg'),
        mirrored: 'trip/e.jpeg',
        named: false,
      },
    ]);
  });

  test('may lead upwards', async () => {
    const cwd = scratchFolder(TREE);
    const files = await findInputs(['../*.png'], { cwd: join(cwd, 'photos/trip'), out: join(cwd, 'out') });
    const absolute = join(cwd, 'photos/b.png');
    expect(files).toEqual([{ path: '../b.png', absolute, mirrored: 'b.png', named: false }]);
  });

  test.each(['photos/*.webp', 'nope/*.png', 'photos/*.txt', '!photos/*', 'photos/*/.*'])(
    'that match no image are refused: %s',
    async (input) => {
      await expect(found(scratchFolder(TREE), [input])).rejects.toThrow(
        new UsageError(`No image (.png, .jpg, .jpeg, .webp, .pgm, .ppm, .pam, .pnm) matches ${input}`),
      );
    },
  );

  test('start from folders as they are called, which need no escape', async () => {
    const cwd = scratchFolder({ 'Holiday (2)/a.png': '', '[old]/b.png': '', 'o/c.png': '' });
    expect(await found(cwd, ['Holiday (2)/*.png'])).toEqual(['Holiday (2)/a.png > a.png']);
    expect(await found(cwd, ['[old]/*.png'])).toEqual(['[old]/b.png > b.png']);
    expect(await found(cwd, ['[no]/*.png'])).toEqual(['o/c.png > o/c.png']);
  });

  test('are split into a folder and a pattern', async () => {
    const cwd = scratchFolder({ 'a/b/c.png': '' });
    expect(await splitPattern('*.png', cwd)).toEqual({ base: '.', rest: '*.png' });
    expect(await splitPattern('a/b/*.png', cwd)).toEqual({ base: 'a/b', rest: '*.png' });
    expect(await splitPattern('a/*/b/c.png', cwd)).toEqual({ base: 'a', rest: '*/b/c.png' });
    expect(await splitPattern('a/no/*.png', cwd)).toEqual({ base: 'a', rest: 'no/*.png' });
    expect(await splitPattern('/*.png', cwd)).toEqual({ base: '/', rest: '*.png' });
    expect(await splitPattern(`${cwd}/*/*.png`, '/')).toEqual({ base: cwd, rest: '*/*.png' });
  });

  test('take back slashes for separators only where paths are written with them', () => {
    expect(toPattern('photos\\trip\\*.png', '\\')).toBe('photos/trip/*.png');
    expect(toPattern('photos\\*.png', '/')).toBe('photos\\*.png');
  });
});

describe('a file meant twice', () => {
  test.each([
    [['photos/b.png', './photos/../photos/b.png'], ['photos/b.png > b.png']],
    [['photos/trip/e.jpeg', 'photos/**/e.*'], ['photos/trip/e.jpeg > e.jpeg']],
    [['photos/**/e.*', 'photos/trip/e.jpeg'], ['photos/trip/e.jpeg > trip/e.jpeg']],
  ])('counts where it is first: %j', async (inputs, expected) => {
    expect(await found(scratchFolder(TREE), inputs)).toEqual(expected);
  });

  test.each([[['photos', 'photos/b.png']], [['photos/b.png', 'photos']]])(
    'counts as named where it is once: %j',
    async (inputs) => {
      const cwd = scratchFolder(TREE);
      const files = await findInputs(inputs, { cwd, out: join(cwd, 'out') });
      expect(files.filter(({ named }) => named).map(({ path }) => path)).toEqual(['photos/b.png']);
    },
  );

  test('leaves the order to the paths, not to the arguments', async () => {
    const cwd = scratchFolder(TREE);
    expect(await found(cwd, ['photos/b.png', 'photos'])).toEqual(
      await found(cwd, ['photos', 'photos/A.JPG']),
    );
  });
});
