import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { Manifest } from '../../src/cli/manifest.js';
import type { Job } from '../../src/cli/plan.js';
import { filesIn, scratchFolder } from './scratch-folder.js';

afterEach(() => {
  vi.useRealTimers();
});

const BYTES = Buffer.from('written');
const never = new AbortController().signal;

function job(folder: string, name: string): Job {
  const absolute = join(folder, name);
  const input = { path: name, absolute: `/sources/${name}`, mirrored: name, named: false };
  return { input, output: { path: name, absolute, guarded: false } };
}

test('is saved now and then, so that a run that is killed has not all to do again', async () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  const out = scratchFolder({ 'a.webp': BYTES, 'b.webp': BYTES });
  const manifest = await Manifest.load(out, 'webp');
  const key = manifest.keyOf(Buffer.from('source'));
  const finish = (name: string) => {
    manifest.note(job(out, name), key, BYTES);
    manifest.checkpoint();
  };
  finish('a.webp');
  expect(existsSync(join(out, '.pixbytes.json'))).toBe(false);
  vi.advanceTimersByTime(5001);
  finish('a.webp');
  await vi.waitFor(() => expect(existsSync(join(out, '.pixbytes.json'))).toBe(true));
  finish('b.webp');
  const later = await Manifest.load(out, 'webp');
  expect(await later.holds(job(out, 'a.webp'), key, never)).toBe(true);
  expect(await later.holds(job(out, 'b.webp'), key, never)).toBe(false);
  vi.advanceTimersByTime(5001);
  // One is on its way, which the last one waits for.
  manifest.checkpoint();
  await manifest.save();
  expect(Object.keys(JSON.parse(readFileSync(join(out, '.pixbytes.json'), 'utf8')))).toEqual([
    'a.webp',
    'b.webp',
  ]);
  expect(filesIn(out)).toEqual(['.pixbytes.json', 'a.webp', 'b.webp']);
});

test('tells what cannot be saved at the end, and not before', async () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  const out = scratchFolder();
  mkdirSync(join(out, '.pixbytes.json/in the way'), { recursive: true });
  const manifest = await Manifest.load(out, 'webp');
  vi.advanceTimersByTime(5001);
  manifest.checkpoint();
  await expect(manifest.save()).rejects.toThrow();
  rmSync(join(out, '.pixbytes.json'), { recursive: true });
  await manifest.save();
  expect(filesIn(out)).toEqual(['.pixbytes.json']);
});
