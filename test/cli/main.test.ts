import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import sharp from 'sharp';
import { describe, expect, onTestFinished, test } from 'vitest';
import { probe } from '../../src/probe.js';
import { CLI, photograph } from './photographs.js';
import { filesIn, scratchFolder, temporaryName } from './scratch-folder.js';

const { NO_COLOR: _, FORCE_COLOR: __, ...ENVIRONMENT } = process.env;

function start(cwd: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): ChildProcess {
  const child = spawn(process.execPath, [CLI, ...args], { cwd, env: { ...ENVIRONMENT, ...env } });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  return child;
}

async function finish(child: ChildProcess) {
  const result: { code: number | null; signal: NodeJS.Signals | null; stdout: string; stderr: string } = {
    code: null,
    signal: null,
    stdout: '',
    stderr: '',
  };
  child.stdout?.on('data', (chunk) => {
    result.stdout += chunk;
  });
  child.stderr?.on('data', (chunk) => {
    result.stderr += chunk;
  });
  const [code, signal] = await once(child, 'close');
  return { ...result, code, signal };
}

function pixbytes(cwd: string, ...args: string[]) {
  return finish(start(cwd, args));
}

/** A folder of a test's own with photographs in it, by the paths they shall have. */
function albumOf(photographs: Readonly<Record<string, Parameters<typeof photograph>[0]>>): string {
  const cwd = scratchFolder();
  for (const [path, name] of Object.entries(photographs)) {
    mkdirSync(dirname(join(cwd, path)), { recursive: true });
    copyFileSync(photograph(name), join(cwd, path));
  }
  return cwd;
}

/** Decodes a whole file, every row, with sharp. Colour profiles are left aside: they are not carried over. */
async function look(path: string) {
  const image = sharp(path, { ignoreIcc: true, failOn: 'warning' });
  const { format, width, height } = await image.metadata();
  return { format, width, height, data: await image.removeAlpha().raw().toBuffer() };
}

/** Mean difference of the samples of two images of one size. */
function difference(a: Uint8Array, b: Uint8Array): number {
  expect(a.length).toBe(b.length);
  return a.reduce((sum, sample, index) => sum + Math.abs(sample - (b[index] ?? 0)), 0) / a.length;
}

describe('photographs', () => {
  test.each(['webp', 'jpeg', 'png'])('become %s of the same size and look', async (format) => {
    const cwd = albumOf({
      'photos/Coffee.PNG': 'coffee.png',
      'photos/launch/rocket.jpg': 'rocket.jpg',
      'photos/people/astronaut.png': 'astronaut.png',
    });
    const extension = format === 'jpeg' ? 'jpg' : format;
    const { code, stdout, stderr } = await pixbytes(cwd, 'photos', '--to', format, '--out', 'dist');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/│ +3 │ +0 │ +1\.37 MB │/);
    const made = ['Coffee', 'launch/rocket', 'people/astronaut'].map((name) => `${name}.${extension}`);
    expect(filesIn(join(cwd, 'dist'))).toEqual(made);
    const originals = ['coffee.png', 'rocket.jpg', 'astronaut.png'] as const;
    for (const [index, name] of originals.entries()) {
      const before = await look(photograph(name));
      const after = await look(join(cwd, 'dist', made[index] ?? ''));
      expect({ ...after, data: 0 }).toEqual({ ...before, format, data: 0 });
      const bound = format === 'png' ? 0 : 5;
      expect(difference(before.data, after.data)).toBeLessThanOrEqual(bound);
    }
  });

  test('lose nothing with --lossless, and bytes with --quality', async () => {
    const cwd = albumOf({ 'coffee.png': 'coffee.png' });
    const convert = async (out: string, ...options: string[]) => {
      const { code } = await pixbytes(cwd, 'coffee.png', '--to', 'webp', '--out', out, ...options);
      expect(code).toBe(0);
      return look(join(cwd, out, 'coffee.webp'));
    };
    const { data } = await look(photograph('coffee.png'));
    expect((await convert('lossless', '--lossless', '--effort', 'fast')).data).toEqual(data);
    await convert('low', '--quality', '20');
    await convert('high', '--quality', '95');
    const size = (out: string) => readFileSync(join(cwd, out, 'coffee.webp')).length;
    expect(size('low') * 2).toBeLessThan(size('high'));
  });

  test('whose colour profile is dropped are counted below the summary, and named in the JSON', async () => {
    const cwd = albumOf({ 'coffee.png': 'coffee.png', 'rocket.jpg': 'rocket.jpg' });
    const profiles = ['coffee.png', 'rocket.jpg'].map((name) => probe(readFileSync(join(cwd, name))).hasIcc);
    expect(profiles).toEqual([false, true]);
    const text = await pixbytes(cwd, 'coffee.png', 'rocket.jpg', '--to', 'webp', '--out', 'dist');
    expect(text.stdout).toContain('1 file has a colour profile, which the output goes without');
    const json = await pixbytes(cwd, 'coffee.png', 'rocket.jpg', '--to', 'webp', '--out', 'dist', '--json');
    const { files } = JSON.parse(json.stdout) as { files: { dropped?: string[] }[] };
    expect(files.map(({ dropped }) => dropped)).toEqual([undefined, ['icc']]);
  });

  test('are told by their bytes, not by their names, when they are named', async () => {
    const cwd = albumOf({ upload: 'rocket.jpg', 'wrong.png': 'rocket.jpg' });
    const { code } = await pixbytes(cwd, 'upload', 'wrong.png', '--to', 'webp', '--out', '.');
    expect(code).toBe(0);
    for (const name of ['upload.webp', 'wrong.webp']) {
      expect(await look(join(cwd, name))).toMatchObject({ format: 'webp', width: 640, height: 427 });
    }
  });

  test('are turned upright', async () => {
    const cwd = scratchFolder();
    const lying = await sharp(photograph('rocket.jpg')).withMetadata({ orientation: 6 }).toBuffer();
    writeFileSync(join(cwd, 'lying.jpg'), lying);
    const { code, stdout } = await pixbytes(cwd, 'lying.jpg', '--to', 'webp', '--out', 'dist', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout).files[0]).toMatchObject({ width: 427, height: 640 });
    expect(await look(join(cwd, 'dist/lying.webp'))).toMatchObject({ width: 427, height: 640 });
  });

  test('that are broken do not end the run', async () => {
    const cwd = albumOf({ 'p/1.png': 'coffee.png', 'p/6.jpg': 'rocket.jpg' });
    const png = readFileSync(photograph('coffee.png'));
    writeFileSync(join(cwd, 'p/2.png'), png.subarray(0, png.length >> 1));
    writeFileSync(join(cwd, 'p/3.png'), png.fill(0x55, 5000, 6000));
    writeFileSync(join(cwd, 'p/4.jpg'), 'I am a text');
    writeFileSync(join(cwd, 'p/5.webp'), '');
    const { code, stdout, stderr } = await pixbytes(cwd, 'p', '--to', 'webp', '--out', 'dist', '--json');
    expect(code).toBe(1);
    expect(filesIn(join(cwd, 'dist'))).toEqual(['1.webp', '6.webp']);
    const { version, files, totals } = JSON.parse(stdout);
    expect(version).toBe(1);
    expect(totals).toMatchObject({ files: 6, done: 2, failed: 4 });
    const codes = files.map((file: { error?: { code: string } }) => file.error?.code);
    expect(codes).toEqual([
      undefined,
      'TRUNCATED_INPUT',
      'CORRUPT_INPUT',
      'UNKNOWN_FORMAT',
      'UNKNOWN_FORMAT',
      undefined,
    ]);
    // Told as they happen, which is not the order of the files.
    const lines = stderr.trimEnd().split('\n').sort();
    expect(lines).toHaveLength(4);
    for (const [index, line] of lines.entries())
      expect(line).toMatch(new RegExp(`^p/${index + 2}\\.\\w+: [A-Z_]+: \\S`));
    expect(stderr).not.toMatch(/\n\s+at /);
    for (const file of files.filter((file: { error?: unknown }) => file.error === undefined)) {
      expect(readFileSync(join(cwd, file.output)).length).toBe(file.bytesOut);
      expect(readFileSync(join(cwd, file.input)).length).toBe(file.bytesIn);
    }
  });

  test('keep their place where a file stands in the way of a folder', async () => {
    const cwd = albumOf({ 'p/a/coffee.png': 'coffee.png', 'p/b/coffee.png': 'coffee.png' });
    mkdirSync(join(cwd, 'dist'));
    writeFileSync(join(cwd, 'dist/a'), 'in the way');
    const { code, stderr } = await pixbytes(cwd, 'p', '--to', 'jpeg', '--out', 'dist', '--quiet');
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^p\/a\/coffee\.png: (EEXIST|ENOTDIR): dist\/a\/coffee\.jpg cannot be written: [^\n]*\n$/,
    );
    expect(filesIn(join(cwd, 'dist'))).toEqual(['a', 'b/coffee.jpg']);
    expect(readFileSync(join(cwd, 'dist/a'), 'utf8')).toBe('in the way');
  });
});

test('the standard input goes to the standard output', async () => {
  const cwd = scratchFolder();
  const child = start(cwd, ['-', '--to', 'png', '--effort', 'fast', '--out', '-']);
  const parts: Buffer[] = [];
  child.stdout?.on('data', (part) => parts.push(part));
  child.stdin?.end(readFileSync(photograph('coffee.png')));
  const [code] = await once(child, 'close');
  expect(code).toBe(0);
  writeFileSync(join(cwd, 'out.png'), Buffer.concat(parts));
  const [before, after] = [await look(photograph('coffee.png')), await look(join(cwd, 'out.png'))];
  expect(Buffer.compare(after.data, before.data)).toBe(0);
});

test('what netpbm’s tools pipe is read', async () => {
  const cwd = scratchFolder();
  const image = sharp(photograph('coffee.png')).removeAlpha();
  const { data } = await image.raw().toBuffer({ resolveWithObject: true });
  writeFileSync(join(cwd, 'a.ppm'), Buffer.concat([Buffer.from('P6\n600 400\n255\n'), data]));
  expect((await pixbytes(cwd, '.', '--to', 'png', '--out', 'dist')).code).toBe(0);
  expect(Buffer.compare((await look(join(cwd, 'dist/a.png'))).data, data)).toBe(0);
});

test('--raw takes pixels, and tells where they are too few', async () => {
  const cwd = scratchFolder();
  const { data, info } = await sharp(photograph('coffee.png'))
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  const layout = `${info.width}x${info.height}:rgb8`;
  writeFileSync(join(cwd, 'a.rgb'), data);
  writeFileSync(join(cwd, 'b.rgb'), data.subarray(1));
  const { code, stderr } = await pixbytes(
    cwd,
    'a.rgb',
    'b.rgb',
    '--raw',
    layout,
    '--to',
    'png',
    '--out',
    'dist',
  );
  expect(code).toBe(1);
  expect(stderr).toMatch(/^b\.rgb: CORRUPT_INPUT: Expected at least 720000 bytes \(600x400 rgb8\)/);
  expect(Buffer.compare((await look(join(cwd, 'dist/a.png'))).data, data)).toBe(0);
});

test('a signal ends a run that waits for the standard input', async () => {
  const child = start(scratchFolder(), ['-', '--to', 'png', '--out', '-']);
  const ended = finish(child);
  await sleep(500);
  child.kill('SIGINT');
  expect(await ended).toMatchObject({ code: 130, stdout: '' });
});

describe('usage', () => {
  test.each([
    [
      ['p', '--to', 'webp', '--out', 'dist', '--quality', '101'],
      'from 0 to 100 for --quality but received 101',
    ],
    [['p', '--to', 'jpeg', '--out', 'dist', '--quality', '0'], 'from 1 to 100 for --quality but received 0'],
    [['p', '--to', 'jpeg', '--out', 'dist', '--quality', '1.5'], 'an integer from 1 to 100'],
    [['p', '--to', 'jpeg', '--out', 'dist', '--lossless'], '--lossless cannot be had'],
    [['p', '--to', 'webp', '--out', 'dist', '-f'], "unknown option '-f'"],
    [['p', 'none/**', '--to', 'webp', '--out', 'dist'], 'matches none/**'],
    [['p', '--to', 'png', '--out', 'p'], 'p/coffee.png would be overwritten by its own output'],
    [
      ['p', 'q', '--to', 'webp', '--out', 'dist'],
      'p/coffee.png and q/coffee.jpg would both become dist/coffee.webp',
    ],
  ])('%j is refused with 2 and nothing written', async (args, message) => {
    const cwd = albumOf({ 'p/coffee.png': 'coffee.png', 'q/coffee.jpg': 'rocket.jpg' });
    const { code, stdout, stderr } = await pixbytes(cwd, ...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(message);
    expect(stderr).toMatch(/^pixbytes: /);
    expect(filesIn(cwd)).toEqual(['p/coffee.png', 'q/coffee.jpg']);
  });

  test('--version and --help are 0, through a link as npm makes it', async () => {
    const cwd = scratchFolder();
    const { version } = JSON.parse(readFileSync(join(dirname(CLI), '../package.json'), 'utf8'));
    expect(await pixbytes(cwd, '--version')).toMatchObject({ code: 0, stdout: `${version}\n`, stderr: '' });
    if (process.platform === 'win32') return;
    symlinkSync(CLI, join(cwd, 'pixbytes'));
    const linked = await finish(spawn(join(cwd, 'pixbytes'), ['--help']));
    expect(linked).toMatchObject({ code: 0, stderr: '' });
    expect(linked.stdout).toContain('Usage: pixbytes');
  });
});

// Nothing is forbidden to the superuser, who becomes another.
const user = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
const isReadable = spawnSync(process.execPath, ['--check', CLI], user).status === 0;

test.skipIf(process.platform === 'win32' || !isReadable).each(['out', 'out/below/it'])(
  'an output folder that cannot be written to is refused before the work starts: %s',
  async (out) => {
    const cwd = albumOf({ 'coffee.png': 'coffee.png' });
    chmodSync(cwd, 0o755);
    mkdirSync(join(cwd, 'out'), { mode: 0o555 });
    const args = [CLI, 'coffee.png', '--to', 'webp', '--out', out];
    expect(await finish(spawn(process.execPath, args, { cwd, env: ENVIRONMENT, ...user }))).toEqual({
      code: 2,
      signal: null,
      stdout: '',
      stderr:
        'pixbytes: --out out cannot be written to: permission denied\npixbytes --help tells how to use it.\n',
    });
  },
);

test('200 files are each converted right, and the process ends by itself', async () => {
  const cwd = scratchFolder();
  const colour = (index: number) => ({ r: index, g: 255 - index, b: (index * 7) % 256 });
  for (let index = 0; index < 200; index += 1) {
    const size = { width: 1 + (index % 9), height: 1 + (index % 11), channels: 3 as const };
    const png = await sharp({ create: { ...size, background: colour(index) } })
      .png()
      .toBuffer();
    writeFileSync(join(cwd, `${index}.png`), png);
  }
  const args = ['.', '--to', 'webp', '--lossless', '--effort', 'fast', '--out', 'dist', '--quiet'];
  expect(await pixbytes(cwd, ...args)).toEqual({ code: 0, signal: null, stdout: '', stderr: '' });
  expect(filesIn(join(cwd, 'dist'))).toHaveLength(200);
  for (let index = 0; index < 200; index += 1) {
    const { width, height, data } = await look(join(cwd, 'dist', `${index}.webp`));
    expect([width, height]).toEqual([1 + (index % 9), 1 + (index % 11)]);
    const { r, g, b } = colour(index);
    expect([...data]).toEqual(Array.from({ length: width * height }, () => [r, g, b]).flat());
  }
});

test('a reader that went away does no harm', async () => {
  const cwd = albumOf({ 'coffee.png': 'coffee.png' });
  const child = start(cwd, ['coffee.png', '--to', 'webp', '--out', 'dist', '--json']);
  child.stdout?.destroy();
  const { code, stderr } = await finish(child);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(filesIn(join(cwd, 'dist'))).toEqual(['coffee.webp']);
});

test('a reader of the image that went away does no harm either', async () => {
  const cwd = albumOf({ 'coffee.png': 'coffee.png' });
  const child = start(cwd, ['coffee.png', '--to', 'png', '--effort', 'fast', '--out', '-']);
  child.stdout?.destroy();
  expect(await finish(child)).toMatchObject({ code: 0, stderr: '' });
});

test.skipIf(process.platform === 'win32')(
  'a second signal ends what does not come to its end: the first one, passed on by a wrapper, does not',
  async () => {
    const name = 'n'.repeat(200);
    const cwd = scratchFolder(
      Object.fromEntries(Array.from({ length: 3000 }, (_, i) => [`p/${name}${i}.png`, ''])),
    );
    // More than a pipe takes, and nobody reads it.
    const child = start(cwd, ['p', '--to', 'webp', '--out', 'dist', '--json', '-n']);
    await once(child.stdout!, 'readable');
    await sleep(300);
    child.kill('SIGINT');
    await sleep(100);
    child.kill('SIGINT');
    await sleep(1500);
    expect(child.exitCode).toBeNull();
    child.kill('SIGINT');
    const [code] = await once(child, 'exit');
    expect(code).toBe(130);
  },
);

describe.skipIf(process.platform === 'win32')('a run that is ended', () => {
  /** Enough work for the signal to come in the middle: it is sent when the first file is there. */
  async function endedRun(signal: NodeJS.Signals, out = 'dist') {
    const names = Array.from(
      { length: 12 },
      (_, index) => [`p/${String(index + 10)}.jpg`, 'rocket.jpg'] as const,
    );
    const cwd = albumOf({ ...Object.fromEntries(names), 'p/20.jpg': 'seeding-16mp.jpg' });
    const child = start(cwd, ['p', '--to', 'webp', '--out', out]);
    const finished = finish(child);
    while (!existsSync(join(cwd, out, '10.webp')) && child.exitCode === null) await sleep(2);
    child.kill(signal);
    return { cwd, pid: child.pid!, ...(await finished) };
  }

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('by %s exits with %i and leaves whole files only', async (name, exitCode) => {
    const { cwd, code, signal, stderr } = await endedRun(name);
    expect({ code, signal }).toEqual({ code: exitCode, signal: null });
    const made = filesIn(join(cwd, 'dist'));
    expect(stderr).toBe(`pixbytes: interrupted, with ${made.length} of 12 files done\n`);
    expect(made.length).toBeGreaterThan(0);
    expect(made.length).toBeLessThan(12);
    for (const path of made) {
      expect(path).toMatch(/^\d\d\.webp$/);
      expect(await look(join(cwd, 'dist', path))).toMatchObject({ format: 'webp' });
    }
  });

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('by %s in the middle of a long encode exits with %i at once', async (name, exitCode) => {
    const cwd = albumOf({ 'p/2.jpg': 'seeding-16mp.jpg' });
    await sharp(photograph('rocket.jpg')).resize(16).toFile(join(cwd, 'p/1.png'));
    const child = start(cwd, ['p', '--to', 'webp', '--lossless', '--effort', 'smallest', '--out', 'dist']);
    const finished = finish(child);
    while (!existsSync(join(cwd, 'dist/1.webp')) && child.exitCode === null) await sleep(2);
    await sleep(1000);
    const sent = performance.now();
    child.kill(name);
    const { code, signal, stderr } = await finished;
    // Idle machines take 50 ms; the encode would go on for far more than 10 s.
    expect(performance.now() - sent).toBeLessThan(3000);
    expect({ code, signal }).toEqual({ code: exitCode, signal: null });
    expect(stderr).toBe('pixbytes: interrupted, with 1 of 2 files done\n');
    expect(filesIn(join(cwd, 'dist'))).toEqual(['1.webp']);
  });

  test('by SIGKILL leaves whole files, a few under temporary names, and the next run completes it', async () => {
    const { cwd, pid, code, signal } = await endedRun('SIGKILL');
    expect({ code, signal }).toEqual({ code: null, signal: 'SIGKILL' });
    const left = filesIn(join(cwd, 'dist'));
    const made = left.filter((path) => !/^\.pixbytes-[0-9a-f]{8}-\d+-[0-9a-f]{16}\.tmp$/.test(path));
    expect(left.length - made.length).toBeLessThanOrEqual(availableParallelism());
    expect(made.length).toBeLessThan(12);
    for (const path of made) expect(await look(join(cwd, 'dist', path))).toMatchObject({ format: 'webp' });
    writeFileSync(join(cwd, 'dist', temporaryName(pid)), 'half');
    expect((await pixbytes(cwd, 'p', '--to', 'webp', '--out', 'dist')).code).toBe(0);
    expect(filesIn(join(cwd, 'dist'))).toHaveLength(12);
  });
});
