import { linkSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { findInputs } from '../../src/cli/inputs.js';
import { planJobs } from '../../src/cli/plan.js';
import { UsageError } from '../../src/cli/usage-error.js';
import type { CompressedFormat } from '../../src/formats.js';
import { scratchFolder } from './scratch-folder.js';

async function plan(
  cwd: string,
  inputs: string[],
  format: CompressedFormat = 'webp',
  out = 'out',
  force = false,
) {
  return planJobs(await findInputs(inputs, { cwd, out: join(cwd, out) }), format, { out, cwd, force });
}

async function outputs(...call: Parameters<typeof plan>): Promise<string[]> {
  return (await plan(...call)).map(({ output }) => output.path);
}

describe('outputs', () => {
  test('keep the folders below the argument', async () => {
    const cwd = scratchFolder({ 'p/a.png': '', 'p/q/b.jpg': '', 'c.png': '' });
    expect(await outputs(cwd, ['p', 'c.png'])).toEqual(['out/c.webp', 'out/a.webp', 'out/q/b.webp']);
    expect(await outputs(cwd, ['**/*.jpg'])).toEqual(['out/p/q/b.webp']);
  });

  test('are relative or absolute as --out is', async () => {
    const cwd = scratchFolder({ 'a.png': '' });
    const [job] = await plan(cwd, ['a.png'], 'webp', './x/../out/');
    expect(job?.output).toMatchObject({ path: 'out/a.webp', absolute: join(cwd, 'out/a.webp') });
    const there = join(cwd, 'there/a.webp');
    const [other] = await planJobs(await findInputs(['a.png'], { cwd, out: '/nowhere' }), 'webp', {
      out: join(cwd, 'there'),
      cwd,
      force: false,
    });
    expect(other?.output).toMatchObject({ path: there, absolute: there });
  });

  test.each([
    ['jpeg', 'a.png', 'out/a.jpg'],
    ['png', 'a.jpeg', 'out/a.png'],
    ['webp', 'holiday.2024.final.jpg', 'out/holiday.2024.final.webp'],
    ['webp', 'no-extension', 'out/no-extension.webp'],
    ['webp', '.png', 'out/.png.webp'],
  ] as const)('%s: %s becomes %s', async (format, input, output) => {
    expect(await outputs(scratchFolder({ [input]: '' }), [input], format)).toEqual([output]);
  });

  test('leave --out never, whatever a pattern leads to', async () => {
    const cwd = scratchFolder({ 'a.png': '', 'p/b.png': '' });
    for (const pattern of ['*/../a.png', 'p/*/../../a.png']) {
      const made = await outputs(cwd, [pattern]).catch((error: unknown) => {
        expect(error).toBeInstanceOf(UsageError);
        return [];
      });
      for (const path of made) expect(path).toMatch(/^out\/[^.]/);
    }
  });
});

describe('collisions', () => {
  test('in one folder are refused, naming both', async () => {
    const cwd = scratchFolder({ 'p/a.png': '', 'p/a.jpg': '', 'p/b.png': '' });
    await expect(plan(cwd, ['p'])).rejects.toThrow(
      new UsageError('p/a.jpg and p/a.png would both become out/a.webp'),
    );
  });

  test('of two arguments are refused', async () => {
    const cwd = scratchFolder({ 'p/a.png': '', 'q/a.png': '' });
    await expect(plan(cwd, ['p', 'q/a.png'])).rejects.toThrow(
      new UsageError('p/a.png and q/a.png would both become out/a.webp'),
    );
  });

  test('are all told, the first ten by name', async () => {
    const names = Array.from({ length: 12 }, (_, index) => `p/${String.fromCharCode(97 + index)}`);
    const cwd = scratchFolder(
      Object.fromEntries(
        names.flatMap((name) => [
          [`${name}.png`, ''],
          [`${name}.jpg`, ''],
        ]),
      ),
    );
    const message = await plan(cwd, ['p']).then(String, (error: Error) => error.message);
    expect(message.split('\n')).toHaveLength(11);
    expect(message).toMatch(/out\/j\.webp\nand 2 more like these$/);
  });

  test('are none where only the folder or the extension differs from an input', async () => {
    const cwd = scratchFolder({ 'p/a.png': '', 'p/q/a.png': '' });
    expect(await outputs(cwd, ['p'])).toEqual(['out/a.webp', 'out/q/a.webp']);
  });
});

describe('an input', () => {
  test.each([
    ['p/a.png', 'p'],
    ['p', 'p'],
    ['p/*.png', './q/../p'],
  ])('is not overwritten by its own output: %s to %s', async (input, out) => {
    const cwd = scratchFolder({ 'p/a.png': '', 'q/x.txt': '' });
    await expect(plan(cwd, [input], 'png', out)).rejects.toThrow(
      new UsageError('p/a.png would be overwritten by its own output; choose another --out, or --force it'),
    );
  });

  test('is overwritten by its own output where that is forced', async () => {
    const cwd = scratchFolder({ 'p/a.png': '', 'p/q/b.png': '' });
    const jobs = await plan(cwd, ['p'], 'png', 'p', true);
    expect(jobs.map(({ output }) => output.path)).toEqual(['p/a.png', 'p/q/b.png']);
  });

  test('is not overwritten by the output of another, forced or not', async () => {
    const cwd = scratchFolder({ 'p/a.png': '', 'q/a.webp': '' });
    await expect(plan(cwd, ['p/a.png', 'q/a.webp'], 'webp', 'q', true)).rejects.toThrow(UsageError);
    const links = scratchFolder({ 'p/a.png': '', 'q/b.webp': '' });
    linkSync(join(links, 'q/b.webp'), join(links, 'q/a.webp'));
    for (const force of [false, true]) {
      await expect(plan(links, ['p/a.png', 'q/b.webp'], 'webp', 'q', force)).rejects.toThrow(
        'q/b.webp is an input and would be overwritten by the output of p/a.png',
      );
    }
  });

  test('is not overwritten through a link to its folder', async () => {
    const cwd = scratchFolder({ 'p/a.png': '' });
    symlinkSync('p', join(cwd, 'out'));
    await expect(plan(cwd, ['p/a.png'], 'png')).rejects.toThrow('would be overwritten by its own output');
    expect(await outputs(cwd, ['p/a.png'], 'webp')).toEqual(['out/a.webp']);
  });

  test('may stand beside its output', async () => {
    expect(await outputs(scratchFolder({ 'p/a.png': '' }), ['p'], 'webp', 'p')).toEqual(['p/a.webp']);
  });
});

describe('beside the inputs', () => {
  test('what an earlier run wrote is no input of the next', async () => {
    const cwd = scratchFolder({ 'p/a.png': '', 'p/a.webp': '', 'p/q/b.jpg': '', 'p/q/b.webp': '' });
    expect(await outputs(cwd, ['p'], 'webp', 'p')).toEqual(['p/a.webp', 'p/q/b.webp']);
    expect(await outputs(cwd, ['p/**/*'], 'webp', './p')).toEqual(['p/a.webp', 'p/q/b.webp']);
  });

  test('what is named is an input, whatever it looks like', async () => {
    const cwd = scratchFolder({ 'a.png': '', 'a.webp': '' });
    await expect(plan(cwd, ['a.png', 'a.webp'], 'webp', '.')).rejects.toThrow(
      new UsageError('a.png and a.webp would both become a.webp'),
    );
  });

  test('outputs are guarded, and nowhere else, nor where it is forced', async () => {
    const cwd = scratchFolder({ 'p/a.png': '', 'p/q/b.png': '', 'r/c.txt': '' });
    const guarded = async (...call: Parameters<typeof plan>) =>
      (await plan(...call)).map(({ output }) => `${output.path} ${output.guarded}`);
    expect(await guarded(cwd, ['p'], 'webp', 'p')).toEqual(['p/a.webp true', 'p/q/b.webp true']);
    expect(await guarded(cwd, ['p/q', 'p/a.png'], 'webp', 'p')).toEqual(['p/a.webp true', 'p/b.webp true']);
    expect(await guarded(cwd, ['p'], 'webp', 'r')).toEqual(['r/a.webp false', 'r/q/b.webp false']);
    expect(await guarded(cwd, ['p'], 'webp', 'none')).toEqual(['none/a.webp false', 'none/q/b.webp false']);
    expect(await guarded(cwd, ['p'], 'webp', 'p', true)).toEqual(['p/a.webp false', 'p/q/b.webp false']);
    symlinkSync('p', join(cwd, 'link'));
    expect(await guarded(cwd, ['p/a.png'], 'webp', 'link')).toEqual(['link/a.webp true']);
  });
});

describe('an output folder', () => {
  test.each(['out', 'out/below', 'out/far/below'])(
    'that is a file, or below one, is refused: %s',
    async (out) => {
      const cwd = scratchFolder({ 'a.png': '', out: '' });
      await expect(plan(cwd, ['a.png'], 'webp', out)).rejects.toThrow(UsageError);
      await expect(plan(cwd, ['a.png'], 'webp', out)).rejects.toThrow(/^--out out/);
    },
  );
});
