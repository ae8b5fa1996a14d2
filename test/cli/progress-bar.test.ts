import picocolors from 'picocolors';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { JobResult } from '../../src/cli/convert.js';
import type { Job } from '../../src/cli/plan.js';
import { ProgressBar } from '../../src/cli/progress-bar.js';
import { Screen } from './screen.js';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function job(path: string): Job {
  const input = { path, absolute: `/${path}`, mirrored: path, named: true };
  return { input, output: { path, absolute: `/out/${path}`, guarded: false } };
}

function result(done: Job, details: Partial<JobResult> = {}): JobResult {
  return {
    job: done,
    bytesIn: 1,
    bytesOut: 1,
    skipped: undefined,
    size: { width: 1000, height: 1000 },
    dropped: [],
    ms: 1,
    failure: undefined,
    ...details,
  };
}

function show(files: number, columns = 80) {
  const screen = new Screen(columns);
  return { screen, bar: new ProgressBar(files, screen, picocolors.createColors(false)) };
}

test('shows count, time to go, megapixels a second and the file that takes longest', async () => {
  const { screen, bar } = show(4);
  const [slow, ...others] = ['slow.png', 'b.png', 'c.png', 'd.png'].map(job);
  bar.begin(slow!);
  for (const each of others) {
    bar.begin(each);
    vi.advanceTimersByTime(1000);
    bar.end(result(each));
  }
  vi.advanceTimersByTime(100);
  expect(await screen.rows()).toEqual(['████████████░░░░  3/4  0:02 left  0.97 MP/s  slow.png']);
  bar.close();
});

test('a run that is over at once shows none', async () => {
  const { screen, bar } = show(1);
  vi.advanceTimersByTime(50);
  bar.close();
  expect(await screen.rows()).toEqual([]);
});

test('files left out in no time do not promise the same of the rest', async () => {
  const { screen, bar } = show(1000);
  const skip = () => bar.end(result(job('a.png'), { size: undefined, skipped: 'unchanged' }));
  for (let i = 0; i < 500; i++) skip();
  for (let i = 0; i < 50; i++) {
    vi.advanceTimersByTime(1000);
    skip();
  }
  vi.advanceTimersByTime(100);
  expect(await screen.rows()).toEqual([expect.stringMatching(/ {2}550\/1000 {2}7:[23]\d left/)]);
  bar.close();
});

describe('lines go above the bar', () => {
  test('whole, and it stands below them', async () => {
    const { screen, bar } = show(3, 40);
    bar.begin(job('a.png'));
    vi.advanceTimersByTime(200);
    bar.print('a.png: CORRUPT_INPUT: The data of the chunk IDAT is broken\n');
    vi.advanceTimersByTime(100);
    const lines = ['a.png: CORRUPT_INPUT: The data of the ch', 'unk IDAT is broken'];
    const drawn = '░░░░░░░░  0/3  a.png';
    expect(await screen.rows()).toEqual([...lines, drawn]);
    bar.print('b.png: CORRUPT_INPUT\nc.png: CORRUPT_INPUT\n');
    vi.advanceTimersByTime(1000);
    const more = ['b.png: CORRUPT_INPUT', 'c.png: CORRUPT_INPUT'];
    expect(await screen.rows()).toEqual([...lines, ...more, drawn]);
    bar.close();
    expect(await screen.rows()).toEqual([...lines, ...more]);
  });

  test('also those of the last moment', async () => {
    const { screen, bar } = show(1);
    vi.advanceTimersByTime(200);
    bar.print('a.png: CORRUPT_INPUT\n');
    bar.close();
    screen.write('the summary\n');
    expect(await screen.rows()).toEqual(['a.png: CORRUPT_INPUT', 'the summary']);
  });
});

test('is of one row in any window, also when that changes', async () => {
  const { screen, bar } = show(3, 100);
  bar.begin(job(`${'写真'.repeat(100)}.png`));
  for (const columns of [100, 60, 30, 10, 5, 80]) {
    screen.resize(columns);
    screen.write('\u001b[2J\u001b[H');
    vi.advanceTimersByTime(300);
    expect((await screen.rows()).length).toBeLessThanOrEqual(1);
  }
  bar.close();
});

test('leaves nothing to put right: cursor and wrapping stay as they are, and no timer goes on', () => {
  const screen = { isTTY: true, columns: 80, written: '', write: (text: string) => (screen.written += text) };
  const bar = new ProgressBar(1, screen, picocolors.createColors(false));
  vi.advanceTimersByTime(200);
  expect(screen.written).toContain('░  0/1');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what sets a mode of a terminal
  expect(screen.written).not.toMatch(/\u001b\[\?/);
  bar.close();
  expect(vi.getTimerCount()).toBe(0);
});
