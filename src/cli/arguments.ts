import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { version } from '../../package.json';
import type { CompressedFormat } from '../formats.js';
import type { Effort } from '../options.js';
import { PIXEL_FORMATS, type PixelFormat } from '../pixel-format.js';
import type { ConversionOptions, RawLayout, TextOutput } from './host.js';
import { UsageError } from './usage-error.js';

/** A command line that can be understood; whether its files exist is not known yet. */
export interface CliArguments {
  /** Files, folders and globs, at least one, as they were typed. */
  readonly inputs: readonly string[];
  readonly format: CompressedFormat;
  /** The output folder, as it was typed. */
  readonly out: string;
  /** Only those that were given and mean something to `format`. */
  readonly options: ConversionOptions;
  /** What the inputs are, where they are bare pixels. */
  readonly raw: RawLayout | undefined;
  /** Files at one time, where it was given. */
  readonly concurrency: number | undefined;
  /** Leaves out what is there already, made from the same source in the same way. */
  readonly skipUnchanged: boolean;
  /** Leaves out what would be larger than its source. */
  readonly skipIfLarger: boolean;
  /** Replaces sources too, and writes an image to a terminal. */
  readonly force: boolean;
  /** Tells what would be done, and does nothing. */
  readonly dryRun: boolean;
  readonly json: boolean;
  readonly quiet: boolean;
}

const FORMAT_NAMES: Readonly<Record<string, CompressedFormat>> = {
  png: 'png',
  jpeg: 'jpeg',
  jpg: 'jpeg',
  webp: 'webp',
};

const EXAMPLES = `
Examples:
  pixbytes photo.jpg --to webp --out dist
  pixbytes photos --to webp --quality 75 --out dist      folders keep their structure
  pixbytes 'photos/**/*.png' --to jpeg --out dist        quoted, so that pixbytes expands it
  pixbytes icons --to webp --lossless --effort smallest --out dist
  pixbytes photos --to webp --out dist --skip-if-larger -n
  pixbytes icons --to png --effort smallest --skip-if-larger --out icons --force
  pixbytes frame.rgba --raw 1920x1080:rgba8 --to png --out dist
  curl -s https://example.com/a.png | pixbytes - --to webp --out - > a.webp
  pixbytes photos --to png --out dist --json > report.json

Folders and globs take .png, .jpg, .jpeg, .webp, .ppm, .pgm, .pam and .pnm files, hidden ones
left out; a file given by name is taken whatever its name. As many files as there are cores
are converted at a time, each in at most 2 GB of memory; -j 1 takes one after the other.

A file that stands in an output's place is replaced, unless it may be a source: an input is
never overwritten, and in a folder with inputs a file is only replaced where its content
stays the same, or --skip-unchanged remembers that pixbytes wrote it. --force replaces these
too, so that images can be converted in place.

--skip-unchanged remembers by hashes, in a file .pixbytes.json of the output folder.

Exit codes: 0 all done, 1 some failed (the rest are written), 2 wrong usage, 130 interrupted.`;

function parseFormat(value: string): CompressedFormat {
  const name = value.toLowerCase();
  const format = Object.hasOwn(FORMAT_NAMES, name) ? FORMAT_NAMES[name] : undefined;
  if (format === undefined) throw new InvalidArgumentError('Choose png, jpeg or webp.');
  return format;
}

function parseNumber(value: string): number {
  const number = value.trim() === '' ? Number.NaN : Number(value);
  if (!Number.isFinite(number)) throw new InvalidArgumentError('It is not a number.');
  return number;
}

function parseCount(value: string): number {
  const number = parseNumber(value);
  if (!Number.isSafeInteger(number) || number < 1 || number > 1024) {
    throw new InvalidArgumentError('It is not one of 1 to 1024.');
  }
  return number;
}

function parseRaw(value: string): RawLayout {
  const [, width, height, pixelFormat] = /^([1-9]\d*)x([1-9]\d*):(\w+)$/.exec(value) ?? [];
  if (pixelFormat === undefined) throw new InvalidArgumentError('Write it as 640x480:rgb8.');
  // What has a palette needs its colours.
  const known: readonly PixelFormat[] = PIXEL_FORMATS.filter((name) => name !== 'indexed8');
  if (!known.includes(pixelFormat as PixelFormat)) {
    throw new InvalidArgumentError(`The layouts of pixels are ${known.join(', ')}.`);
  }
  return { width: Number(width), height: Number(height), pixelFormat: pixelFormat as PixelFormat };
}

function parseFolder(value: string): string {
  if (value === '') throw new InvalidArgumentError('It is empty; use . for the current folder.');
  return value;
}

interface ParsedOptions {
  to: CompressedFormat;
  out: string;
  quality?: number;
  effort?: Effort;
  lossless?: true;
  raw?: RawLayout;
  jobs?: number;
  skipUnchanged?: true;
  skipIfLarger?: true;
  force?: true;
  dryRun?: true;
  json?: true;
  quiet?: true;
}

function createCommand(stdout: TextOutput): Command {
  return new Command('pixbytes')
    .description('Converts images to PNG, JPEG or WebP.')
    .argument(
      '<inputs...>',
      'files, folders (with all that is in them) or quoted globs; - is the standard input',
    )
    .requiredOption('--to <format>', 'png, jpeg (or jpg) or webp', parseFormat)
    .requiredOption(
      '--out <folder>',
      'where to write, made where it does not exist; - is the standard output',
      parseFolder,
    )
    .option('--quality <n>', 'jpeg: 1 to 100; webp: 0 to 100 (default: 80)', parseNumber)
    .addOption(
      new Option('--effort <effort>', 'time against bytes (default: balanced)').choices([
        'fast',
        'balanced',
        'smallest',
      ]),
    )
    .option('--lossless', 'keep every pixel as it is: webp; png always does')
    .option('--raw <layout>', 'the inputs are pixels and nothing else, such as 640x480:rgb8', parseRaw)
    .option('-j, --jobs <n>', 'files at a time (default: as many as there are cores)', parseCount)
    .option('--skip-unchanged', 'write no file again whose source and options are as before')
    .option('--skip-if-larger', 'write no file that is larger than its source')
    .option('--force', 'replace inputs by their outputs, and other files beside inputs')
    .option('-n, --dry-run', 'print what would be written where, and write nothing')
    .option('--json', 'print one JSON object instead of the summary')
    .option('--quiet', 'print errors only')
    .version(version, '--version', 'print the version')
    .helpOption('-h, --help', 'print this text')
    .addHelpText('after', EXAMPLES)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => stdout.write(text),
      // Told once, as every other usage error is.
      writeErr: () => {},
      getOutHelpWidth: () => stdout.columns ?? 100,
      getOutHasColors: () => false,
    });
}

function conversionOptions({ to, quality, effort, lossless }: ParsedOptions): ConversionOptions {
  if (to === 'png' && quality !== undefined) {
    throw new UsageError('--quality means nothing to png, which keeps every pixel; leave it out');
  }
  if (to === 'jpeg' && lossless) {
    throw new UsageError('--lossless cannot be had with --to jpeg; use --to png or --to webp');
  }
  return {
    ...(quality === undefined ? {} : { quality }),
    ...(effort === undefined ? {} : { effort }),
    ...(lossless && to === 'webp' ? { lossless } : {}),
  };
}

/**
 * Reads a command line. Help and version go to `stdout`.
 *
 * @param argv what follows the program's name
 * @returns nothing where there is nothing left to do: help or version was asked for
 * @throws UsageError
 */
export function parseArguments(argv: readonly string[], stdout: TextOutput): CliArguments | undefined {
  const command = createCommand(stdout);
  try {
    command.parse(argv, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return undefined;
    throw new UsageError(error.message.replace(/^error: /, ''));
  }
  const parsed = command.opts<ParsedOptions>();
  return {
    inputs: command.args,
    format: parsed.to,
    out: parsed.out,
    options: conversionOptions(parsed),
    raw: parsed.raw,
    concurrency: parsed.jobs,
    skipUnchanged: parsed.skipUnchanged === true,
    skipIfLarger: parsed.skipIfLarger === true,
    force: parsed.force === true,
    dryRun: parsed.dryRun === true,
    json: parsed.json === true,
    quiet: parsed.quiet === true,
  };
}
