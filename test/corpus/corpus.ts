import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { type CodecErrorCode, type DecodedImage, decode } from '../../src/index.js';

const FOLDER = '../shared/corpus/';

/** Whether the corpus is there. It is no part of the project. */
export const hasCorpus = existsSync(FOLDER);

/** The title of a suite that needs the corpus, which says so where it is skipped. */
export function titled(what: string): string {
  return hasCorpus ? what : `${what} (skipped: there is no folder ${FOLDER})`;
}

/** A line of the index. What no reference decoder read has no size and no hash. */
export interface CorpusFile {
  readonly path: string;
  readonly expect: string;
  readonly width: number;
  readonly height: number;
  readonly mode: string;
  /** SHA-256 of the pixels as RGBA8; empty where unknown. */
  readonly hash: string;
}

/** The files in these folders whose name ends so. */
export function corpusFiles(folders: readonly string[], name = /\.(png|jpe?g|webp)$/): CorpusFile[] {
  if (!hasCorpus) return [];
  const [, ...lines] = readFileSync(`${FOLDER}INDEX.tsv`, 'utf8').trim().split('\n');
  return lines.flatMap((line) => {
    const [path = '', , , , wanted = '', width, height, mode = '', , hash = ''] = line.split('\t');
    if (!folders.includes(path.split('/')[0]!) || !name.test(path)) return [];
    return [{ path, expect: wanted, width: Number(width), height: Number(height), mode, hash }];
  });
}

/** The bytes of a file. */
export function readCorpus(path: string): Buffer {
  return readFileSync(FOLDER + path);
}

/** SHA-256 in hex. */
export function sha256(bytes: Uint8Array | Uint16Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** No call may take longer. */
const MAX_MS = 10_000;

/** What a call came to: `'ok'` or what it failed with. Anything but the documented errors fails the test, and so does a hang. */
export async function outcomeOf(
  path: string,
  call: () => unknown,
): Promise<'ok' | CodecErrorCode | 'TypeError' | 'RangeError'> {
  const start = performance.now();
  try {
    await call();
    return 'ok';
  } catch (error) {
    if (error instanceof TypeError || error instanceof RangeError) return error.name as 'TypeError';
    expect({ path, name: (error as Error | undefined)?.name }).toEqual({ path, name: 'CodecError' });
    expect((error as { code: string }).code, path).toMatch(/^[A-Z]+_[A-Z]+(_[A-Z]+)?$/);
    return (error as { code: CodecErrorCode }).code;
  } finally {
    expect(performance.now() - start, `${path}: time`).toBeLessThan(MAX_MS);
  }
}

const GOOD: Readonly<Record<string, string>> = {
  png: 'pngsuite/basn6a08.png',
  jpg: 'jpeg-odd/hopper.jpg',
  jpeg: 'jpeg-odd/hopper.jpg',
  webp: 'webp-odd/lossy_alpha.webp',
};

let good: Map<string, { file: Buffer; hash: string }> | undefined;

/** Decodes a good file of the format that the other's name tells, and compares its pixels with those of the index. */
export async function checkGoodFile(after: string): Promise<void> {
  good ??= new Map(
    corpusFiles(['pngsuite', 'jpeg-odd', 'webp-odd'])
      .filter(({ path }) => Object.values(GOOD).includes(path))
      .map(({ path, hash }) => [path, { file: readCorpus(path), hash }]),
  );
  const { file, hash } = good.get(GOOD[after.split('.').at(-1)!] ?? GOOD.png!)!;
  expect(sha256((await decode(file)).data), `the good file after ${after}`).toBe(hash);
}

/** Size and hash of what `decode` makes of a file, beside those of the index. */
export async function compareWithIndex({ path, width, height, hash }: CorpusFile): Promise<DecodedImage> {
  const image = await decode(readCorpus(path));
  const got = { path, width: image.width, height: image.height, hash: sha256(image.data) };
  expect(got).toEqual({ path, width, height, hash });
  return image;
}

/** Counts outcomes, and prints them as one line. */
export class Tally {
  readonly #counts = new Map<string, number>();

  add(outcome: string): void {
    this.#counts.set(outcome, (this.#counts.get(outcome) ?? 0) + 1);
  }

  print(what: string): void {
    const sorted = [...this.#counts].sort(([, a], [, b]) => b - a);
    process.stdout.write(`${what}: ${sorted.map(([outcome, count]) => `${outcome} ${count}`).join(', ')}\n`);
  }
}
