import { describe, expect, test } from 'vitest';
import { version } from '../../package.json';
import { parseArguments } from '../../src/cli/arguments.js';
import { UsageError } from '../../src/cli/usage-error.js';

function parse(...argv: string[]) {
  let stdout = '';
  const args = parseArguments(argv, {
    write: (text) => {
      stdout += text;
    },
  });
  return { args, stdout };
}

const NEEDED = ['a', '--out', 'dist', '--to'];

test('the options that are not given are not there', () => {
  expect(parse('a', 'b', '--to', 'webp', '--out', 'dist').args).toEqual({
    inputs: ['a', 'b'],
    format: 'webp',
    out: 'dist',
    options: {},
    skipUnchanged: false,
    skipIfLarger: false,
    force: false,
    dryRun: false,
    json: false,
    quiet: false,
  });
});

test('all options', () => {
  const given = [
    '--quality',
    '7.5',
    '--effort',
    'fast',
    '--lossless',
    '--raw',
    '6x4:bgr8',
    '-j',
    '3',
    '--skip-unchanged',
    '--skip-if-larger',
    '--force',
    '-n',
    '--json',
    '--quiet',
  ];
  expect(parse(...NEEDED, 'webp', ...given).args).toEqual({
    inputs: ['a'],
    format: 'webp',
    out: 'dist',
    options: { quality: 7.5, effort: 'fast', lossless: true },
    raw: { width: 6, height: 4, pixelFormat: 'bgr8' },
    concurrency: 3,
    skipUnchanged: true,
    skipIfLarger: true,
    force: true,
    dryRun: true,
    json: true,
    quiet: true,
  });
});

test.each([
  ['jpg', 'jpeg'],
  ['JPEG', 'jpeg'],
  ['Png', 'png'],
])('--to %s is %s', (name, format) => {
  expect(parse(...NEEDED, name).args?.format).toBe(format);
});

test('--lossless is what png is anyway, and not handed on', () => {
  expect(parse(...NEEDED, 'png', '--lossless').args?.options).toEqual({});
});

test('after -- everything is an input', () => {
  expect(parse('--to', 'png', '--out', 'dist', '--', '--json').args?.inputs).toEqual(['--json']);
});

describe('wrong usage', () => {
  test.each([
    [['--to', 'webp', '--out', 'dist'], "missing required argument 'inputs'"],
    [['a', '--out', 'dist'], "required option '--to <format>' not specified"],
    [['a', '--to', 'webp'], "required option '--out <folder>' not specified"],
    [[...NEEDED, 'gif'], 'Choose png, jpeg or webp.'],
    [[...NEEDED, 'toString'], 'Choose png, jpeg or webp.'],
    [[...NEEDED, 'raw'], 'Choose png, jpeg or webp.'],
    [['a', '--to', 'png', '--out', ''], 'It is empty; use . for the current folder.'],
    [[...NEEDED, 'webp', '--quality', 'best'], 'It is not a number.'],
    [[...NEEDED, 'webp', '--quality', ''], 'It is not a number.'],
    [[...NEEDED, 'webp', '--quality'], "option '--quality <n>' argument missing"],
    [[...NEEDED, 'webp', '--raw', '640x480'], 'Write it as 640x480:rgb8.'],
    [[...NEEDED, 'webp', '--raw', '0x480:rgb8'], 'Write it as 640x480:rgb8.'],
    [[...NEEDED, 'webp', '--raw', '640x480:rgb9'], 'The layouts of pixels are gray8,'],
    [[...NEEDED, 'webp', '--raw', '640x480:indexed8'], 'The layouts of pixels are gray8,'],
    [[...NEEDED, 'webp', '-j'], "option '-j, --jobs <n>' argument missing"],
    [[...NEEDED, 'webp', '-j', '0'], 'It is not one of 1 to 1024.'],
    [[...NEEDED, 'webp', '-j', '1.5'], 'It is not one of 1 to 1024.'],
    [[...NEEDED, 'webp', '--jobs', 'all'], 'It is not a number.'],
    [[...NEEDED, 'webp', '--effort', 'max'], 'Allowed choices are fast, balanced, smallest.'],
    [[...NEEDED, 'jpeg', '--lossless'], '--lossless cannot be had with --to jpeg'],
    [[...NEEDED, 'png', '--quality', '80'], '--quality means nothing to png'],
    [[...NEEDED, 'webp', '--limit-pixels'], "unknown option '--limit-pixels'"],
  ])('%j', (argv, message) => {
    expect(() => parse(...argv)).toThrow(UsageError);
    expect(() => parse(...argv)).toThrow(message);
  });

  test('is told by UsageError alone, without "error:" before it', () => {
    expect(() => parse(...NEEDED, 'webp', '--qualty', '3')).toThrow(
      new UsageError("unknown option '--qualty'\n(Did you mean --quality?)"),
    );
  });
});

test('--version prints the package’s', () => {
  expect(parse('--version')).toEqual({ args: undefined, stdout: `${version}\n` });
});

test('--help names every option and has examples', () => {
  const { args, stdout } = parse('--help');
  expect(args).toBeUndefined();
  for (const option of [
    '--to',
    '--out',
    '--quality',
    '--effort',
    '--lossless',
    '--raw',
    '-j, --jobs',
    '--skip-unchanged',
    '--skip-if-larger',
    '--force',
    '-n, --dry-run',
    '--json',
    '--quiet',
    '--version',
    '-h, --help',
  ]) {
    expect(stdout).toContain(`  ${option} `);
  }
  expect(stdout).toContain('pixbytes photo.jpg --to webp --out dist');
  for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(100);
});
