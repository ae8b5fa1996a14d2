// Times the first call in processes of their own: importing, compiling and encoding, before anything is warm.

import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { spread } from './turns.mjs';

const run = promisify(execFile);
const child = fileURLToPath(new URL('first-call.mjs', import.meta.url));

/** @typedef {{ name: string, open: number, cold: number, warm: number, low: number, high: number }} FirstCall medians in ms; `open` is a part of `cold`, the middle half of which is given */

/**
 * @param {URL} module what exports the list `CONTENDERS` of `{ name, open }`
 * @param {readonly string[]} names of the contenders, which take turns
 * @param {import('./photographs.mjs').Pixels} pixels RGBA
 * @param {unknown} setting what the contender is called with besides
 * @param {number} processes of each
 * @returns {Promise<FirstCall[]>}
 */
export async function timeFirstCalls(module, names, { data, width, height }, setting, processes) {
  const folder = await mkdtemp(join(tmpdir(), 'pixbytes-bench-'));
  try {
    const file = join(folder, 'pixels');
    await writeFile(file, data);
    const times = names.map(() => []);
    for (let turn = 0; turn < processes; turn++) {
      for (const [i, name] of names.entries()) {
        const details = [file, String(width), String(height), JSON.stringify(setting)];
        const { stdout } = await run(process.execPath, [child, module.href, name, ...details]);
        times[i].push(JSON.parse(stdout));
      }
    }
    return names.map((name, i) => {
      const { median, low, high } = spread(times[i].map(({ cold }) => cold));
      const medianOf = (key) => spread(times[i].map((time) => time[key])).median;
      return { name, open: medianOf('open'), cold: median, low, high, warm: medianOf('warm') };
    });
  } finally {
    await rm(folder, { recursive: true });
  }
}
