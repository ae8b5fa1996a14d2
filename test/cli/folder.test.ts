import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { probe } from '../../src/probe.js';
import { type Album, writeAlbum } from './album.js';
import { CLI } from './photographs.js';
import { filesIn } from './scratch-folder.js';

let cwd = '';
let album: Album;
beforeAll(async () => {
  cwd = mkdtempSync(join(tmpdir(), 'pixbytes-cli-'));
  album = await writeAlbum(join(cwd, 'album'));
});
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

const ARGUMENTS = ['album', '--to', 'webp', '--effort', 'fast', '--json', '--out'];

interface Report {
  files: { input: string; output: string; bytesOut: number; skipped?: string; error?: { code: string } }[];
  totals: Record<string, number>;
}

function start(...args: string[]) {
  return spawn(process.execPath, [CLI, ...ARGUMENTS, ...args], { cwd });
}

async function convert(...args: string[]): Promise<{ code: number; report: Report; stderr: string }> {
  const child = start(...args);
  const [stdout, stderr]: [Buffer[], Buffer[]] = [[], []];
  child.stdout.on('data', (chunk) => stdout.push(chunk));
  child.stderr.on('data', (chunk) => stderr.push(chunk));
  const [code] = await once(child, 'close');
  return { code, report: JSON.parse(`${Buffer.concat(stdout)}`), stderr: `${Buffer.concat(stderr)}` };
}

const outputOf = (path: string) => path.replace(/\.\w+$/, '.webp');

/** Looks for each output, and nothing else. */
function checkOutputs(out: string, ...others: string[]): void {
  const made = [...album.good.keys()].map(outputOf);
  expect(filesIn(join(cwd, out))).toEqual([...made, ...others].toSorted());
  for (const [path, { width, height }] of album.good) {
    const written = probe(readFileSync(join(cwd, out, outputOf(path))));
    // The corpus tells sizes as they are stored; those that lie on their side were turned upright.
    const sides = (...lengths: number[]) => lengths.toSorted((a, b) => a - b);
    expect({ path, format: written.format, sides: sides(written.width, written.height) }).toEqual({
      path,
      format: 'webp',
      sides: sides(width, height),
    });
  }
}

describe('a folder of pictures, some of them broken', () => {
  test('the good ones are written, the others told with a reason, and a second run writes none', async () => {
    const first = await convert('dist', '--skip-unchanged');
    expect(first.code).toBe(1);
    const [done, failed] = [album.good.size, album.broken.length];
    const files = done + failed;
    expect(first.report.totals).toMatchObject({ files, done, failed, skipped: 0 });
    const told = first.report.files.filter(({ error }) => error).map(({ input }) => input);
    expect(told.toSorted()).toEqual(album.broken.map((path) => join('album', path)).toSorted());
    const lines = first.stderr.trimEnd().split('\n');
    expect(lines).toHaveLength(failed);
    for (const line of lines) expect(line).toMatch(/^album\/.+: [A-Z]+_[A-Z]+: The .+/);
    checkOutputs('dist', '.pixbytes.json');

    const times = () => filesIn(join(cwd, 'dist')).map((path) => statSync(join(cwd, 'dist', path)).mtimeMs);
    const before = times();
    const second = await convert('dist', '--skip-unchanged');
    expect(second.code).toBe(1);
    expect(second.report.totals).toMatchObject({ files, done: 0, failed, skipped: done, bytesOut: 0 });
    expect(times()).toEqual(before);
  });

  test('killed in the middle and run again it ends complete, with no temporary file left', async () => {
    const child = start('killed');
    const gone = once(child, 'exit');
    const paths = [...album.good.keys()].toSorted();
    const middle = join(cwd, 'killed', outputOf(paths[paths.length >> 1]!));
    while (!existsSync(middle) && child.exitCode === null) await sleep(1);
    child.kill('SIGKILL');
    expect(await gone).toEqual([null, 'SIGKILL']);
    const left = filesIn(join(cwd, 'killed')).filter((path) => path.endsWith('.webp'));
    expect(left.length).toBeLessThan(album.good.size);
    const { code, report } = await convert('killed');
    expect(code).toBe(1);
    expect(report.totals).toMatchObject({ done: album.good.size, failed: album.broken.length });
    checkOutputs('killed');
  });
});
