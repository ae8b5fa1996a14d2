import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { CliHost } from '../../src/cli/host.js';
import { Interruption } from '../../src/cli/interruption.js';
import { run } from '../../src/cli/run.js';
import { CodecError } from '../../src/errors.js';
import { filesIn, scratchFolder, temporaryName } from './scratch-folder.js';
import { Screen } from './screen.js';
import { standInHost } from './stand-in-host.js';

const TREE = { 'p/a.png': 'aaaa', 'p/bad.png': 'bad', 'p/q/c.jpg': 'cccccc' };
const TO_WEBP = ['--to', 'webp', '--out', 'out'];

const refuseBad: CliHost['transcode'] = async (bytes) => {
  if (Buffer.from(bytes).toString() === 'bad')
    throw new CodecError('CORRUPT_INPUT', 'The chunk IHDR is\nbroken');
  return bytes.subarray(1);
};

async function runIn(cwd: string, argv: string[], overrides: Partial<CliHost> = {}) {
  const { host, printed } = standInHost(cwd, { transcode: refuseBad, ...overrides });
  const code = await run(argv, host);
  return { code, ...printed };
}

test('a file that fails is told on one line, and the rest is written', async () => {
  const cwd = scratchFolder(TREE);
  const { code, stdout, stderr } = await runIn(cwd, ['p', ...TO_WEBP]);
  expect(code).toBe(1);
  expect(stderr).toBe('p/bad.png: CORRUPT_INPUT: The chunk IHDR is\\nbroken\n');
  expect(filesIn(join(cwd, 'out'))).toEqual(['a.webp', 'q/c.webp']);
  expect(readFileSync(join(cwd, 'out/q/c.webp'), 'utf8')).toBe('ccccc');
  expect(stdout).toMatch(/files done │ failed │ bytes in │ bytes out │ +saved │ +time/);
  expect(stdout).toMatch(/│ +2 │ +1 │ +10 B │ +8 B │ 20\.0 % │ +\d+ ms │/);
});

test.each([
  ['-j', '3', 3],
  ['-j', '1', 1],
  ['--effort', 'fast', 2],
])(
  '%s %s: as many files at a time as asked for or the host has cores, the report in their order',
  async (option, value, most) => {
    const files = Object.fromEntries(Array.from({ length: 9 }, (_, i) => [`p/${i}.png`, 'a'.repeat(i + 1)]));
    let [now, peak] = [0, 0];
    const transcode: CliHost['transcode'] = async (bytes) => {
      peak = Math.max(peak, ++now);
      // The first ones take longest.
      await sleep(20 - 2 * bytes.length);
      now--;
      return bytes;
    };
    const cwd = scratchFolder(files);
    const argv = ['p', ...TO_WEBP, '--json', option, value];
    const { code, stdout } = await runIn(cwd, argv, { transcode, concurrency: 2 });
    expect({ code, peak }).toEqual({ code: 0, peak: most });
    const outputs = JSON.parse(stdout).files.map(({ output }: { output: string }) => output);
    expect(outputs).toEqual(Array.from({ length: 9 }, (_, i) => join('out', `${i}.webp`)));
  },
);

test('all done is 0, and a second run does the same', async () => {
  const cwd = scratchFolder({ 'a.png': 'aa' });
  for (const input of ['.', '.', '**/*.png']) {
    const { code, stderr } = await runIn(cwd, [input, ...TO_WEBP]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(filesIn(cwd)).toEqual(['a.png', 'out/a.webp']);
  }
});

test('the codec gets the options, 2 GiB of memory and the signal', async () => {
  const cwd = scratchFolder({ 'a.png': 'aa' });
  const calls: unknown[] = [];
  const { signal } = new AbortController();
  const transcode: CliHost['transcode'] = async (bytes, ...call) => {
    calls.push(call);
    return bytes;
  };
  await runIn(cwd, ['a.png', ...TO_WEBP, '--quality', '0', '--effort', 'smallest'], { transcode, signal });
  const limits = { maxMemoryBytes: 2_147_483_648 };
  expect(calls).toEqual([['webp', { quality: 0, effort: 'smallest', limits, signal }]]);
});

describe('before any file is read', () => {
  const untouched: Partial<CliHost> = {
    transcode: () => {
      throw new Error('It was called');
    },
  };

  test('the format judges the options, in the words of the command line', async () => {
    const cwd = scratchFolder(TREE);
    const checkOptions = async () => {
      throw new RangeError('Expected a number from 0 to 100 for quality but received 101 of type number');
    };
    const result = await runIn(cwd, ['p', ...TO_WEBP, '--quality', '101'], { ...untouched, checkOptions });
    expect(result).toEqual({
      code: 2,
      stdout: '',
      stderr:
        'pixbytes: Expected a number from 0 to 100 for --quality but received 101\n' +
        'pixbytes --help tells how to use it.\n',
    });
  });

  test.each([
    [['p', 'nope', ...TO_WEBP], 'pixbytes: No such file or folder: nope\n'],
    [['p', '--to', 'png', '--out', 'p'], 'pixbytes: p/a.png would be overwritten by its own output'],
    [['p', 'twin/a.jpg', ...TO_WEBP], 'pixbytes: p/a.png and twin/a.jpg would both become out/a.webp\n'],
    [[], 'pixbytes: '],
  ])('%j is refused and nothing is made', async (argv, message) => {
    const cwd = scratchFolder({ ...TREE, 'twin/a.jpg': '' });
    const before = filesIn(cwd);
    const { code, stdout, stderr } = await runIn(cwd, argv, untouched);
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toContain(message);
    expect(filesIn(cwd)).toEqual(before);
  });
});

describe('failures', () => {
  test('of the file system name what is at fault, and end nothing', async () => {
    const cwd = scratchFolder({ ...TREE, 'out/q': 'a file in the way' });
    mkdirSync(join(cwd, 'out/a.webp'));
    const { code, stderr } = await runIn(cwd, ['p', ...TO_WEBP]);
    expect(code).toBe(1);
    expect(stderr.trimEnd().split('\n')).toEqual([
      'p/a.png: EISDIR: out/a.webp cannot be written: it is a folder',
      expect.stringContaining('p/bad.png: CORRUPT_INPUT'),
      'p/q/c.jpg: EEXIST: out/q/c.webp cannot be written: a file stands where a folder should be',
    ]);
    expect(filesIn(join(cwd, 'out'))).toEqual(['q']);
  });

  test('a file that went away is one of them', async () => {
    const cwd = scratchFolder({ 'p/a.png': 'aa', 'p/b.png': 'bb' });
    const transcode: CliHost['transcode'] = async (bytes) => {
      rmSync(join(cwd, 'p/b.png'));
      return bytes;
    };
    const { code, stderr } = await runIn(cwd, ['p', ...TO_WEBP], { transcode });
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: 'p/b.png: ENOENT: It cannot be read: it does not exist\n',
    });
  });

  test.each([
    [new TypeError('Cannot read properties'), 'UNEXPECTED: Cannot read properties'],
    ['a string', 'UNEXPECTED: a string'],
    [undefined, 'UNEXPECTED: undefined'],
  ])('that nobody foresaw are told without a stack: %s', async (thrown, message) => {
    const transcode: CliHost['transcode'] = () => Promise.reject(thrown);
    const { code, stderr } = await runIn(scratchFolder({ 'a.png': '' }), ['.', ...TO_WEBP], { transcode });
    expect({ code, stderr }).toEqual({ code: 1, stderr: `a.png: ${message}\n` });
  });

  test('control characters in names do not reach the terminal', async () => {
    const cwd = scratchFolder({ 'p/\u001b[31m\nx.png': 'bad' });
    const { stderr } = await runIn(cwd, ['p', ...TO_WEBP]);
    expect(stderr).toMatch(/^p\/\\u001b\[31m\\nx\.png: CORRUPT_INPUT: [^\n]*\n$/);
  });
});

describe('--json', () => {
  test('prints one object and nothing else', async () => {
    const { code, stdout, stderr } = await runIn(scratchFolder(TREE), ['p', ...TO_WEBP, '--json']);
    expect(code).toBe(1);
    const ms = expect.any(Number);
    const format = 'webp';
    expect(JSON.parse(stdout)).toStrictEqual({
      version: 1,
      files: [
        { input: 'p/a.png', output: 'out/a.webp', format, bytesIn: 4, bytesOut: 3, width: 3, height: 2, ms },
        {
          input: 'p/bad.png',
          output: 'out/bad.webp',
          format,
          bytesIn: 3,
          bytesOut: 0,
          ms,
          error: { code: 'CORRUPT_INPUT', message: 'The chunk IHDR is\nbroken' },
        },
        {
          input: 'p/q/c.jpg',
          output: 'out/q/c.webp',
          format,
          bytesIn: 6,
          bytesOut: 5,
          width: 3,
          height: 2,
          ms,
        },
      ],
      totals: { files: 3, done: 2, failed: 1, skipped: 0, bytesIn: 10, bytesOut: 8, ms },
    });
    expect(stderr).toMatch(/^p\/bad\.png: .*\n$/);
  });

  test('prints nothing where the usage is wrong', async () => {
    const { code, stdout } = await runIn(scratchFolder(), ['nope', ...TO_WEBP, '--json']);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  });
});

describe('--skip-if-larger', () => {
  const grow: CliHost['transcode'] = async (bytes) => {
    const text = Buffer.from(bytes).toString();
    return Buffer.from(text.startsWith('g') ? `${text}+` : text);
  };
  const GROWING = { 'p/grows.png': 'gg', 'p/stays.png': 'ss', 'out/grows.webp': 'of before' };

  test('writes no file that would be larger than its source, and counts it', async () => {
    const cwd = scratchFolder(GROWING);
    const { code, stdout } = await runIn(cwd, ['p', ...TO_WEBP, '--skip-if-larger'], { transcode: grow });
    expect(code).toBe(0);
    expect(readFileSync(join(cwd, 'out/grows.webp'), 'utf8')).toBe('of before');
    expect(readFileSync(join(cwd, 'out/stays.webp'), 'utf8')).toBe('ss');
    expect(stdout).toMatch(/files done │ failed │ skipped │/);
    expect(stdout).toMatch(/│ +1 │ +0 │ +1 │ +2 B │ +2 B │/);
  });

  test('is told by --json', async () => {
    const argv = ['p', ...TO_WEBP, '--skip-if-larger', '--json'];
    const { stdout } = await runIn(scratchFolder(GROWING), argv, { transcode: grow });
    const { files, totals } = JSON.parse(stdout);
    expect(files[0]).toEqual({
      input: 'p/grows.png',
      output: 'out/grows.webp',
      format: 'webp',
      bytesIn: 2,
      bytesOut: 0,
      ms: expect.any(Number),
      skipped: 'larger',
    });
    expect(files[1]).not.toHaveProperty('skipped');
    expect(totals).toMatchObject({ files: 2, done: 1, failed: 0, skipped: 1, bytesIn: 2, bytesOut: 2 });
  });

  test('is told on a terminal that shows each file', async () => {
    const stderr = new Screen();
    const env = { TERM: 'dumb' };
    await runIn(scratchFolder(GROWING), ['p', ...TO_WEBP, '--skip-if-larger'], {
      transcode: grow,
      stderr,
      env,
    });
    expect(stderr.written).toMatch(
      /^\[1\/2\] p\/grows\.png → out\/grows\.webp {2}skipped: it would be larger/,
    );
  });

  test('without it the file is written', async () => {
    const cwd = scratchFolder(GROWING);
    await runIn(cwd, ['p', ...TO_WEBP], { transcode: grow });
    expect(readFileSync(join(cwd, 'out/grows.webp'), 'utf8')).toBe('gg+');
  });
});

describe('what stands in the place of an output', () => {
  const BESIDE = ['p', '--to', 'webp', '--out', 'p'];
  const read = (cwd: string, path: string) => readFileSync(join(cwd, path), 'utf8');
  const shorten: CliHost['transcode'] = async (bytes, _, { quality = 1 }) => bytes.subarray(quality);

  test('is replaced in a folder without inputs', async () => {
    const cwd = scratchFolder({ 'p/a.png': 'aaaa', 'out/a.webp': 'of somebody' });
    expect((await runIn(cwd, ['p', ...TO_WEBP])).code).toBe(0);
    expect(read(cwd, 'out/a.webp')).toBe('aaa');
  });

  test('beside inputs may be a source, and is left alone and told', async () => {
    const cwd = scratchFolder({ 'p/a.png': 'aaaa', 'p/a.webp': 'a source', 'p/b.png': 'bbbb' });
    const { code, stderr, stdout } = await runIn(cwd, [...BESIDE, '--json']);
    expect(code).toBe(1);
    expect(stderr).toBe(
      'p/a.png: EEXIST: p/a.webp is there already, beside an input, and may be a source; --force replaces it\n',
    );
    expect(JSON.parse(stdout).totals).toMatchObject({ files: 2, done: 1, failed: 1 });
    expect(filesIn(cwd)).toEqual(['p/a.png', 'p/a.webp', 'p/b.png', 'p/b.webp']);
    expect(read(cwd, 'p/a.webp')).toBe('a source');
    expect(await runIn(cwd, [...BESIDE, '--force'])).toMatchObject({ code: 0, stderr: '' });
    expect(read(cwd, 'p/a.webp')).toBe('aaa');
  });

  test('beside inputs is replaced where it is what would be written: the same command does the same', async () => {
    const cwd = scratchFolder({ 'p/a.png': 'aaaa', 'p/q/b.jpg': 'bbbb' });
    const made = ['p/a.png', 'p/a.webp', 'p/q/b.jpg', 'p/q/b.webp'];
    for (let run = 0; run < 3; run++) {
      expect(await runIn(cwd, BESIDE)).toMatchObject({ code: 0, stderr: '' });
      expect(filesIn(cwd)).toEqual(made);
    }
    const others = [...BESIDE, '--quality', '2'];
    expect((await runIn(cwd, others, { transcode: shorten })).code).toBe(1);
    expect(read(cwd, 'p/a.webp')).toBe('aaa');
  });

  test('beside inputs is replaced where --skip-unchanged remembers that it was written', async () => {
    const cwd = scratchFolder({ 'p/a.png': 'aaaa' });
    const skip = [...BESIDE, '--skip-unchanged', '--quality'];
    for (const quality of [1, 2, 3]) {
      expect((await runIn(cwd, [...skip, `${quality}`], { transcode: shorten })).code).toBe(0);
      expect(read(cwd, 'p/a.webp')).toBe('aaaa'.slice(quality));
    }
    writeFileSync(join(cwd, 'p/a.webp'), 'changed by hand');
    expect((await runIn(cwd, [...skip, '2'], { transcode: shorten })).code).toBe(1);
    expect(read(cwd, 'p/a.webp')).toBe('changed by hand');
  });

  test('beside inputs fails where it cannot be looked at', async () => {
    const cwd = scratchFolder({ 'p/a.png': 'aaaa', 'p/a.webp/folder': '' });
    const { stderr } = await runIn(cwd, ['p/a.png', '--to', 'webp', '--out', 'p']);
    expect(stderr).toBe('p/a.png: EISDIR: p/a.webp cannot be written: it is a folder\n');
  });

  test('is the input itself only by force, and then its output is not converted again', async () => {
    const cwd = scratchFolder({ 'p/a.png': 'aaaa', 'p/q/b.png': 'bbbbb' });
    const inPlace = ['p', '--to', 'png', '--out', 'p'];
    const refused = await runIn(cwd, inPlace);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain('overwritten by its own output; choose another --out, or --force it');
    expect(read(cwd, 'p/a.png')).toBe('aaaa');
    const forced = [...inPlace, '--force', '--skip-unchanged', '--json'];
    expect((await runIn(cwd, forced)).code).toBe(0);
    const again = await runIn(cwd, forced);
    expect(JSON.parse(again.stdout).totals).toMatchObject({ done: 0, skipped: 2 });
    expect([read(cwd, 'p/a.png'), read(cwd, 'p/q/b.png')]).toEqual(['aaa', 'bbbb']);
  });
});

describe('--raw', () => {
  test('hands pixels to the encoder, not files to the decoder', async () => {
    const cwd = scratchFolder({ 'a.rgb': 'rgbrgb' });
    const calls: unknown[] = [];
    const overrides: Partial<CliHost> = {
      encode: async ({ data, ...layout }, ...call) => {
        calls.push([Buffer.from(data).toString(), layout, ...call]);
        return Buffer.from('encoded');
      },
      transcode: () => {
        throw new Error('It was called');
      },
      signal: new AbortController().signal,
    };
    const { code } = await runIn(cwd, ['a.rgb', ...TO_WEBP, '--raw', '2x1:rgb8'], overrides);
    expect(code).toBe(0);
    const options = { limits: { maxMemoryBytes: 2_147_483_648 }, signal: overrides.signal };
    expect(calls).toEqual([['rgbrgb', { width: 2, height: 1, pixelFormat: 'rgb8' }, 'webp', options]]);
    expect(readFileSync(join(cwd, 'out/a.webp'), 'utf8')).toBe('encoded');
  });

  test('a file of too few pixels is told as one that is broken', async () => {
    const cwd = scratchFolder({ 'a.rgb': 'rgb' });
    const encode: CliHost['encode'] = async () => {
      throw new RangeError('Expected at least 6 bytes (2x1 rgb8) for data.byteLength but received 3');
    };
    const { code, stderr } = await runIn(cwd, ['a.rgb', ...TO_WEBP, '--raw', '2x1:rgb8'], { encode });
    expect(code).toBe(1);
    expect(stderr).toContain('a.rgb: CORRUPT_INPUT: Expected at least 6 bytes (2x1 rgb8)');
  });
});

describe('--skip-unchanged', () => {
  const SKIP = [...TO_WEBP, '--skip-unchanged', '--json'];
  const TWO = { 'p/a.png': 'aaaa', 'p/q/c.jpg': 'cccccc' };

  async function outcome(cwd: string, argv: string[] = []) {
    const converted: string[] = [];
    const transcode: CliHost['transcode'] = async (bytes) => {
      converted.push(Buffer.from(bytes).toString());
      return bytes.subarray(1);
    };
    const { code, stdout } = await runIn(cwd, ['p', ...SKIP, ...argv], { transcode });
    const { files, totals } = JSON.parse(stdout);
    const skipped = files.flatMap((file: { input: string; skipped?: string }) =>
      file.skipped ? [`${file.input} ${file.skipped}`] : [],
    );
    return { code, converted, skipped, done: totals.done };
  }

  test('a second run writes nothing, in whatever folder it begins', async () => {
    const cwd = scratchFolder(TWO);
    expect(await outcome(cwd)).toEqual({ code: 0, converted: ['aaaa', 'cccccc'], skipped: [], done: 2 });
    const again = { code: 0, converted: [], skipped: ['p/a.png unchanged', 'p/q/c.jpg unchanged'], done: 0 };
    expect(await outcome(cwd)).toEqual(again);
    expect(filesIn(join(cwd, 'out'))).toEqual(['.pixbytes.json', 'a.webp', 'q/c.webp']);
  });

  test.each([
    ['a source changed', (cwd: string) => writeFileSync(join(cwd, 'p/a.png'), 'bbbb'), [], ['bbbb']],
    ['an output changed', (cwd: string) => writeFileSync(join(cwd, 'out/a.webp'), 'zzz'), [], ['aaaa']],
    ['an output is gone', (cwd: string) => rmSync(join(cwd, 'out/a.webp')), [], ['aaaa']],
    ['the options are others', () => {}, ['--quality', '7'], ['aaaa', 'cccccc']],
    [
      'what is remembered is broken',
      (cwd: string) => writeFileSync(join(cwd, 'out/.pixbytes.json'), '{"a.webp":{"source":1}}'),
      [],
      ['aaaa', 'cccccc'],
    ],
    [
      'what is remembered is no JSON',
      (cwd: string) => writeFileSync(join(cwd, 'out/.pixbytes.json'), '{"a.webp'),
      [],
      ['aaaa', 'cccccc'],
    ],
  ])('%s: it is made again', async (_, change, argv, converted) => {
    const cwd = scratchFolder(TWO);
    await outcome(cwd);
    change(cwd);
    expect((await outcome(cwd, argv)).converted).toEqual(converted);
    expect((await outcome(cwd, argv)).converted).toEqual([]);
  });

  test('what was left out as it would be larger is not tried again', async () => {
    const cwd = scratchFolder({ 'p/a.png': 'aa' });
    const transcode: CliHost['transcode'] = async () => Buffer.from('larger');
    const argv = ['p', ...SKIP, '--skip-if-larger'];
    const first = await runIn(cwd, argv, { transcode });
    const second = await runIn(cwd, argv, { transcode: refuseBad });
    expect(JSON.parse(first.stdout).files[0].skipped).toBe('larger');
    expect(JSON.parse(second.stdout).files[0].skipped).toBe('unchanged');
  });

  test('a file that failed is tried again', async () => {
    const cwd = scratchFolder(TREE);
    for (let i = 0; i < 2; i++) {
      const { code, stderr } = await runIn(cwd, ['p', ...SKIP]);
      expect(code).toBe(1);
      expect(stderr).toContain('p/bad.png: CORRUPT_INPUT');
    }
  });

  test('what cannot be remembered is told behind the report', async () => {
    const cwd = scratchFolder({ 'p/a.png': 'aaaa', 'out/.pixbytes.json/folder': 'in the way' });
    const { code, stdout, stderr } = await runIn(cwd, ['p', ...SKIP]);
    expect(code).toBe(1);
    expect(JSON.parse(stdout).totals).toMatchObject({ done: 1, failed: 0 });
    expect(stderr).toMatch(/^out: What was done cannot be remembered: /);
  });

  test('what a killed run left is swept away beside what is remembered too', async () => {
    const { pid } = spawnSync(process.execPath, ['--version']);
    const cwd = scratchFolder({ 'p/q/a.png': 'aaaa', [`out/${temporaryName(pid)}`]: 'half' });
    await runIn(cwd, ['p', ...SKIP]);
    expect(filesIn(join(cwd, 'out'))).toEqual(['.pixbytes.json', 'q/a.webp']);
  });

  test('without it nothing is remembered', async () => {
    const cwd = scratchFolder(TWO);
    await runIn(cwd, ['p', ...TO_WEBP]);
    expect(filesIn(join(cwd, 'out'))).toEqual(['a.webp', 'q/c.webp']);
  });
});

describe('the standard streams', () => {
  const TO_STREAM = ['--to', 'webp', '--out', '-'];

  async function pipe(argv: string[], overrides: Partial<CliHost> = {}) {
    const written: Uint8Array[] = [];
    const cwd = scratchFolder(TREE);
    const result = await runIn(cwd, argv, {
      readInput: async () => Buffer.from('input'),
      writeOutput: async (bytes) => {
        written.push(bytes);
      },
      ...overrides,
    });
    expect(filesIn(cwd)).toEqual(Object.keys(TREE));
    return { ...result, written: Buffer.concat(written).toString() };
  }

  test('- is read and written, and nothing else is printed', async () => {
    expect(await pipe(['-', ...TO_STREAM])).toEqual({ code: 0, stdout: '', stderr: '', written: 'nput' });
  });

  test('one file goes to the standard output', async () => {
    expect(await pipe(['p/a.png', ...TO_STREAM])).toMatchObject({ code: 0, stdout: '', written: 'aaa' });
    expect(await pipe(['p/q', ...TO_STREAM])).toMatchObject({ code: 0, stdout: '', written: 'ccccc' });
  });

  test('a failure is told, and nothing written', async () => {
    const readInput = async () => Buffer.from('bad');
    expect(await pipe(['-', ...TO_STREAM], { readInput })).toEqual({
      code: 1,
      stdout: '',
      stderr: '-: CORRUPT_INPUT: The chunk IHDR is\\nbroken\n',
      written: '',
    });
  });

  test('an image does not go to a terminal, unless it is forced', async () => {
    expect(await pipe(['p/a.png', ...TO_STREAM], { stdout: new Screen() })).toMatchObject({
      code: 2,
      written: '',
      stderr: expect.stringContaining('The standard output is a terminal'),
    });
    const forced = await pipe(['p/a.png', ...TO_STREAM, '--force'], { stdout: new Screen() });
    expect(forced).toMatchObject({ code: 0, written: 'aaa' });
  });

  test('what the output goes without is told beside it', async () => {
    const probe = () => ({ width: 1, height: 1, hasIcc: true });
    const { stdout, stderr } = await pipe(['-', ...TO_STREAM], { probe });
    expect({ stdout, stderr }).toEqual({
      stdout: '',
      stderr: 'note: 1 file has a colour profile, which the output goes without\n',
    });
  });

  test.each([
    [['-', 'p/a.png', ...TO_STREAM], '- is the standard input, and has to stand alone'],
    [['-', ...TO_WEBP], 'The standard input goes to the standard output: use --out -'],
    [['p', ...TO_STREAM], '--out - takes one file, and here are 3'],
    [['-', ...TO_STREAM, '--skip-unchanged'], '--skip-unchanged and --out - do not go together'],
    [['p/a.png', ...TO_STREAM, '--json'], '--json and --out - cannot both have the standard output'],
  ])('%j is refused', async (argv, message) => {
    const { code, stderr, written } = await pipe(argv);
    expect({ code, written }).toEqual({ code: 2, written: '' });
    expect(stderr).toContain(`pixbytes: ${message}\n`);
  });
});

describe('--dry-run', () => {
  const untouched: Partial<CliHost> = {
    transcode: () => {
      throw new Error('It was called');
    },
  };

  test('tells what would be written, and writes nothing', async () => {
    const cwd = scratchFolder(TREE);
    const { code, stdout, stderr } = await runIn(cwd, ['p', ...TO_WEBP, '--dry-run'], untouched);
    const lines = ['p/a.png → out/a.webp', 'p/bad.png → out/bad.webp', 'p/q/c.jpg → out/q/c.webp'];
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: `${lines.join('\n')}\n`, stderr: '' });
    expect(filesIn(cwd)).toEqual(Object.keys(TREE));
  });

  test('with --json in its schema, with --quiet not at all', async () => {
    const cwd = scratchFolder({ 'a.png': 'aa' });
    const { stdout } = await runIn(cwd, ['a.png', ...TO_WEBP, '-n', '--json'], untouched);
    expect(JSON.parse(stdout)).toEqual({
      version: 1,
      dryRun: true,
      files: [{ input: 'a.png', output: 'out/a.webp', format: 'webp' }],
    });
    expect((await runIn(cwd, ['a.png', ...TO_WEBP, '-n', '--quiet'], untouched)).stdout).toBe('');
  });

  test('refuses what a run would refuse', async () => {
    const cwd = scratchFolder({ 'a.png': 'aa', 'a.jpg': 'bb' });
    const { code, stderr } = await runIn(cwd, ['.', ...TO_WEBP, '-n'], untouched);
    expect(code).toBe(2);
    expect(stderr).toContain('would both become');
  });
});

describe('on a terminal', () => {
  /** Long enough for the bar to be drawn in between. */
  const slow: CliHost['transcode'] = async (...call) => {
    await sleep(250);
    return refuseBad(...call);
  };

  async function watch(
    argv: string[],
    { columns = 80, ...overrides }: Partial<CliHost> & { columns?: number } = {},
  ) {
    const [stdout, stderr] = [new Screen(columns), new Screen(columns)];
    const result = await runIn(scratchFolder(TREE), argv, { transcode: slow, stdout, stderr, ...overrides });
    return { code: result.code, stdout, stderr };
  }

  test('there is a bar while it goes on, and then errors and the summary only', async () => {
    const { stdout, stderr } = await watch(['p', ...TO_WEBP]);
    expect(stderr.written).toMatch(/░.* 0\/3 .*p\/a\.png/);
    expect(stderr.written).toMatch(/█.* 2\/3 .*1 failed.* left.*p\/q\/c\.jpg/);
    expect(await stderr.rows()).toEqual(['p/bad.png: CORRUPT_INPUT: The chunk IHDR is\\nbroken']);
    expect((await stdout.rows())[1]).toMatch(/files done │ failed/);
    expect(stdout.written).toContain('\u001b[3');
  });

  test('an interruption takes the bar away', async () => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(new Interruption('SIGINT')), 400);
    const { signal } = controller;
    const { code, stderr } = await watch(['p', ...TO_WEBP], { signal });
    expect(code).toBe(130);
    expect(stderr.written).toContain('░');
    expect(await stderr.rows()).toEqual(['pixbytes: interrupted, with 1 of 3 files done']);
  });

  test.each(['--quiet', '--json'])('with %s there is none', async (option) => {
    const { stderr } = await watch(['p', ...TO_WEBP, option], { env: { NO_COLOR: '1' } });
    expect(stderr.written).toMatch(/^p\/bad\.png: [^\n]*\n$/);
  });

  test('where an image goes to the standard output there is none', async () => {
    const writeOutput = async () => {};
    const stdout = { write() {} };
    const { stderr } = await watch(['p/a.png', '--to', 'webp', '--out', '-'], { writeOutput, stdout });
    expect(stderr.written).toBe('');
  });

  test.each([{ TERM: 'dumb' }, { CI: 'true', NO_COLOR: '1' }])(
    '%j: each file that is done has a line instead',
    async (env) => {
      const { stdout, stderr } = await watch(['p', ...TO_WEBP], { env, transcode: refuseBad });
      expect(stderr.written.split('\n')).toEqual([
        expect.stringMatching(/^\[1\/3\] p\/a\.png → out\/a\.webp {2}4 B → 3 B \(-25\.0 %\) \d+ ms$/),
        expect.stringContaining('p/bad.png: CORRUPT_INPUT'),
        expect.stringMatching(/^\[3\/3\] p\/q\/c\.jpg → /),
        '',
      ]);
      expect(stdout.written + stderr.written).not.toContain('\u001b');
    },
  );

  test('{ CI: "false" } is none of them', async () => {
    expect((await watch(['p', ...TO_WEBP], { env: { CI: 'false' } })).stderr.written).toContain('░');
  });

  test.each([{ NO_COLOR: '1' }, { NO_COLOR: '1', FORCE_COLOR: '1' }, { FORCE_COLOR: '0' }])(
    '%j means no colour, and a bar nonetheless',
    async (env) => {
      const { stdout, stderr } = await watch(['p', ...TO_WEBP], { env });
      expect(stderr.written).toContain('░');
      // biome-ignore lint/suspicious/noControlCharactersInRegex: what sets a colour
      expect(stdout.written + stderr.written).not.toMatch(/\u001b\[[\d;]*m/);
    },
  );

  test.each([30, 60])('of %i columns the summary stands upright', async (columns) => {
    const { stdout } = await watch(['p', ...TO_WEBP], { columns, transcode: refuseBad });
    const rows = await stdout.rows();
    expect(rows).toContainEqual(expect.stringMatching(/^│ files done │ +2 │$/));
    expect(new Set(rows.map((row) => row.length)).size).toBe(1);
  });
});

test('elsewhere there is no progress, and colour only where it is forced', async () => {
  const plain = await runIn(scratchFolder({ 'a.png': 'aa' }), ['.', ...TO_WEBP]);
  expect(plain.stderr).toBe('');
  expect(plain.stdout).not.toContain('\u001b');
  const env = { FORCE_COLOR: '1' };
  const forced = await runIn(scratchFolder({ 'a.png': 'aa' }), ['.', ...TO_WEBP], { env });
  expect(forced.stdout).toContain('\u001b[');
});

describe('interrupted', () => {
  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('by %s, it ends with %i, without the file under way', async (name, exitCode) => {
    const cwd = scratchFolder({ 'a.png': 'aa', 'b.png': 'bb', 'c.png': 'cc' });
    const controller = new AbortController();
    let calls = 0;
    const transcode: CliHost['transcode'] = async (bytes) => {
      calls += 1;
      if (calls === 2) controller.abort(new Interruption(name));
      return bytes;
    };
    const { signal } = controller;
    const result = await runIn(cwd, ['.', ...TO_WEBP, '--json'], { transcode, signal });
    expect(result.code).toBe(exitCode);
    expect(calls).toBe(2);
    expect(filesIn(join(cwd, 'out'))).toEqual(['a.webp']);
    expect(result.stderr).toBe('pixbytes: interrupted, with 1 of 3 files done\n');
    const { files, totals } = JSON.parse(result.stdout);
    expect(files).toHaveLength(1);
    expect(totals).toMatchObject({ files: 3, done: 1, failed: 0 });
  });
});
