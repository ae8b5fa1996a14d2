// Every size from 1x1 to 67x67 in every pixel format, subsampling and coding: npm run soak:jpeg -- --seconds 100
//
// Goes on where the last call ended, until all sizes are done; then it reports. Run after a build. jSquash's decoder takes every file, sharp
// and jpeg-js one in `--share` each, with 1 every file.

import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import sharp from 'sharp';
import type { encode as encodeAny } from '../../src/encode.js';
import { emptyReport, type Size, type SweepReport, sweep } from '../codecs/jpeg-sweep.js';
import { decibelsLost, shares, type Tally, worstClasses } from '../codecs/jpeg-tally.js';

const { values } = parseArgs({
  options: {
    side: { type: 'string', default: '67' },
    seconds: { type: 'string', default: '3600' },
    share: { type: 'string', default: '10' },
    state: { type: 'string', default: 'build/jpeg-sweep.json' },
    restart: { type: 'boolean', default: false },
    report: { type: 'boolean', default: false },
  },
});
const side = Number(values.side);
// Small and large ones in turns, so that what is known so far speaks for all: 1117 is a prime that divides no such square.
const sizes: Size[] = Array.from({ length: side * side }, (_, i) => {
  const at = (i * 1117) % (side * side);
  return [1 + (at % side), 1 + Math.floor(at / side)];
});

interface State {
  side: number;
  done: number;
  milliseconds: number;
  report: SweepReport;
}

async function readState(): Promise<State> {
  const fresh = { side, done: 0, milliseconds: 0, report: emptyReport() };
  if (values.restart) return fresh;
  try {
    const state = JSON.parse(await readFile(values.state, 'utf8')) as State;
    return state.side === side ? state : fresh;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return fresh;
    throw error;
  }
}

const line = (text: string) => process.stdout.write(`${text}\n`);
const decibels = (lost: number) => `${lost >= 0 ? '+' : ''}${lost.toFixed(3)} dB`;
const percent = (share: number) => `${(share * 100).toFixed(2)} %`;

function reportClasses(tally: Tally, kind: string, most: number): void {
  const classes = worstClasses(tally, kind);
  line(
    `\nBy ${kind}: ${classes.length} classes; lost against sharp, the worst ${Math.min(most, classes.length)} first, and the best`,
  );
  for (const { value, images, lost } of [...classes.slice(0, most), ...classes.slice(most).slice(-1)]) {
    line(`  ${value.padEnd(36)} ${String(images).padStart(8)} images  ${decibels(lost)}`);
  }
}

function print({ done, milliseconds, report }: State): void {
  const { encodes, files, decodes, disagreements, coverage, faults, tally } = report;
  line(
    `${done} of ${sizes.length} sizes, ${encodes} encodes, ${files} different files, ${Math.round(milliseconds / 1000)} s`,
  );
  line(
    `decodes: ${Object.entries(decodes)
      .map(([name, n]) => `${name} ${n}`)
      .join(', ')}`,
  );
  const least = (name: keyof typeof decodes) =>
    Math.min(...Object.values(coverage).map((taken) => taken[name]));
  line(
    `${Object.keys(coverage).length} classes; the least that one met: sharp ${least('sharp')}, jSquash ${least('jsquash')}, jpeg-js ${least('jpeg-js')}`,
  );
  line(`files that sharp and jSquash decode differently: ${disagreements}; faults: ${faults.length}`);
  for (const fault of faults.slice(0, 20)) line(`  ${fault}`);
  for (const [kind, most] of [
    ['all', 4],
    ['coding', 12],
    ['restart', 8],
    ['quality', 24],
    ['format', 8],
    ['edge', 10],
    ['size', 10],
  ] as const) {
    reportClasses(tally, kind, most);
  }
  line('\nSingle images, by samples: share that lost, and that won, more than 0.1 dB');
  for (const { magnitude, images, lost, won } of shares(tally, 0.1)) {
    line(
      `  ${magnitude.padEnd(12)} ${String(images).padStart(8)} images  ${percent(lost).padStart(8)}  ${percent(won).padStart(8)}`,
    );
  }
  line('\nThe worst single images');
  for (const verdict of tally.worst) {
    const { name, samples, ours, theirs } = verdict;
    line(
      `  ${decibels(decibelsLost(verdict))}  ${name}: squared error ${ours}, sharp's ${theirs}, of ${samples} samples`,
    );
  }
}

sharp.concurrency(1);
sharp.cache(false);
const state = await readState();
if (!values.report) {
  const built = new URL('../../dist/index.node.js', import.meta.url).href;
  const { encode } = (await import(built)) as { encode: typeof encodeAny };
  const start = performance.now();
  const isOver = () => performance.now() - start > Number(values.seconds) * 1000;
  state.done += await sweep(encode, sizes.slice(state.done), state.report, {
    share: Number(values.share),
    isOver,
  });
  state.milliseconds += performance.now() - start;
  await mkdir(dirname(values.state), { recursive: true });
  await writeFile(values.state, JSON.stringify(state));
}
if (state.done === sizes.length || values.report) print(state);
else line(`${state.done} of ${sizes.length} sizes; faults: ${state.report.faults.length}`);
process.exitCode = state.report.faults.length > 0 ? 1 : 0;
