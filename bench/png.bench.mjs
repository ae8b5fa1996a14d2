// PNG encoders against each other, one thread, copies in and out included. After a build: npm run bench:png
//
//   --image part     only pictures whose name holds the part; can be repeated
//   --only part      only encoders whose name holds the part, and sharp at levels 6 and 1, which ratios are to
//   --rounds n       turns of each encoder; default: as many as the picture is small
//   --dist folder    another build of pixbytes than ./dist
//   --cold           the first call of a process instead, 2 megapixels
//
// Encoders that need long take part in fewer rounds, once at least; the slow ones (oxipng, fast-png, pngjs, UPNG, sharp's palette,
// pixbytes smallest) not in pictures above 4 megapixels. Each file is decoded once and compared with the picture, but those of
// `palette`, which loses colours. Pixels are laid out beforehand for encoders that take nothing but RGBA.

import { execFileSync } from 'node:child_process';
import { resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import sharp from 'sharp';
import { LAYOUTS } from './peers.mjs';
import { choosePictures } from './pictures.mjs';
import { loadEncoders, sharpOf } from './png-encoders.mjs';
import { formatTable } from './tables.mjs';
import { describeMachine, takeTurns } from './turns.mjs';

const { values: args } = parseArgs({
  options: {
    image: { type: 'string', multiple: true, default: [] },
    only: { type: 'string', multiple: true, default: [] },
    rounds: { type: 'string' },
    dist: { type: 'string', default: fileURLToPath(new URL('../dist', import.meta.url)) },
    cold: { type: 'boolean', default: false },
    first: { type: 'string' },
  },
});
const dist = pathToFileURL(`${resolve(args.dist)}/`);
const REFERENCES = ['sharp 6', 'sharp 1'];
const SLOW_MAX_PIXELS = 4e6;

/** What an encoder may take for all its rounds of a picture. */
const BUDGET_MS = 3000;

const write = (text) => process.stdout.write(text);
const table = (head, rows) => write(`\n${formatTable(head, rows)}\n`);
const ms = (time) => (time < 10 ? time.toFixed(2) : time.toFixed(0));
const times = (ratio) => (Number.isFinite(ratio) ? `${ratio.toFixed(2)}x` : '');
const percent = (ratio) =>
  Number.isFinite(ratio) ? `${ratio > 1 ? '+' : ''}${((ratio - 1) * 100).toFixed(1)} %` : '';

/** In a process of its own: the first call, then warm ones. */
async function measureFirst(effort) {
  const { encode } = await import(new URL('index.node.js', dist).href);
  const [picture] = choosePictures(['photograph 2 MP RGBA']).pictures;
  const { data, width, height, pixelFormat } = await picture.load();
  const timings = [];
  for (let i = 0; i < 26; i++) {
    const start = performance.now();
    await encode({ data, width, height, pixelFormat }, 'png', { effort });
    timings.push(performance.now() - start);
    // The strongest effort takes seconds.
    if (i >= 5 && timings[1] > 500) break;
  }
  const [cold, ...warm] = timings;
  const settled = warm.slice(warm.length >> 1).sort((a, b) => a - b);
  write(JSON.stringify({ cold, warm: settled[settled.length >> 1] }));
}

function measureCold() {
  const rows = ['fast', 'balanced', 'smallest'].map((effort) => {
    const runs = Array.from({ length: Number(args.rounds ?? 9) }, () => {
      const script = [fileURLToPath(import.meta.url), '--first', effort, '--dist', args.dist];
      return JSON.parse(execFileSync(process.execPath, script, { encoding: 'utf8' }));
    });
    const middle = (key) => runs.map((run) => run[key]).sort((a, b) => a - b)[runs.length >> 1];
    return [
      `pixbytes ${effort}`,
      ms(middle('cold')),
      ms(middle('warm')),
      times(middle('cold') / middle('warm')),
    ];
  });
  write('First call of a process, import apart, and warm ones: photograph, 1920x1080 RGBA\n');
  table(['by', 'first, ms', 'warm, ms', 'ratio'], rows);
}

/** The samples of a file, or of a picture, as RGBA of the picture's depth. */
function samplesOf(image, { pixelFormat }) {
  const wide = LAYOUTS[pixelFormat].depth === 16;
  const rgba = image.ensureAlpha().toColourspace(wide ? 'rgb16' : 'srgb');
  return rgba.raw(wide ? { depth: 'ushort' } : {}).toBuffer();
}

async function measure(picture, encoders) {
  const { width, height } = picture;
  const pixels = width * height;
  const rounds = Number(args.rounds ?? Math.max(5, Math.min(201, Math.ceil(1.2e7 / pixels))));
  const expected = await samplesOf(sharpOf(picture), picture);
  const contenders = [];
  const bytes = {};
  for (const { name, slow, lossy, prepare } of encoders) {
    if (slow && pixels > SLOW_MAX_PIXELS) continue;
    const run = await prepare(picture);
    if (!run) continue;
    const file = new Uint8Array(await run());
    bytes[name] = file.length;
    const same = Buffer.compare(await samplesOf(sharp(file), picture), expected) === 0;
    if (!same && !lossy) throw new Error(`${name}: other pixels than those of ${picture.name}`);
    contenders.push({ name, run });
  }
  const warmups = Number(args.rounds) === 1 ? 0 : pixels < 1e5 ? 100 : 2;
  const timings = await takeTurns(contenders, { rounds, warmups, budgetMs: BUDGET_MS, fewest: 1 });
  return new Map(timings.map((timing) => [timing.name, { ...timing, bytes: bytes[timing.name] }]));
}

function printPicture({ name, width, height, pixelFormat, data }, results) {
  write(`\n${name}: ${width}x${height} ${pixelFormat}, ${data.byteLength} bytes\n`);
  const [six, one] = REFERENCES.map((reference) => results.get(reference));
  const rows = [...results.values()].map((result) => [
    result.name,
    ms(result.median),
    `${ms(result.low)}-${ms(result.high)}`,
    `${result.bytes}`,
    times(six.median / result.median),
    percent(result.bytes / six.bytes),
    times(one.median / result.median),
    percent(result.bytes / one.bytes),
  ]);
  table(['by', 'ms', 'middle half', 'bytes', 'speed to sharp 6', 'size', 'speed to sharp 1', 'size'], rows);
}

/** One picture a line, one of our tiers against one peer a column, speed and size. */
const DUELS = [
  ['fast', 'sharp 6'],
  ['fast', 'sharp 1'],
  ['balanced', 'sharp 6'],
  ['balanced', 'sharp adaptive'],
  ['smallest', 'oxipng 4'],
];

function duel(results, tier, peer) {
  const ours = results.get(`pixbytes ${tier}`);
  const theirs = results.get(peer);
  if (!ours || !theirs) return '';
  return `${times(theirs.median / ours.median)} ${percent(ours.bytes / theirs.bytes)}`;
}

/** Times and bytes of the encoders that took all these pictures. */
function sums(all, names) {
  return new Map(
    names
      .filter((name) => all.every((results) => results.has(name)))
      .map((name) => {
        const sum = (key) => all.reduce((total, results) => total + results.get(name)[key], 0);
        return [name, { name, median: sum('median'), bytes: sum('bytes') }];
      }),
  );
}

async function main() {
  const { pictures, missing } = choosePictures(args.image);
  const encoders = (await loadEncoders(dist)).filter(
    ({ name }) =>
      args.only.length === 0 || REFERENCES.includes(name) || args.only.some((part) => name.includes(part)),
  );
  write(`${describeMachine()}, sharp ${sharp.versions.sharp}, libvips ${sharp.versions.vips}\n`);
  if (missing.length > 0) write(`Left out, as their files are not there: ${missing.join(', ')}\n`);
  const all = new Map();
  for (const { name, load } of pictures) {
    const picture = await load();
    const results = await measure(picture, encoders);
    all.set(name, { kind: picture.kind, pixels: picture.width * picture.height, results });
    printPicture(picture, results);
  }
  if (all.size > 1) printTotals([...all], encoders);
}

function printTotals(all, encoders) {
  write('\nSpeed and size of our tiers against peers\n');
  const row = (title, results) => [title, ...DUELS.map(([tier, peer]) => duel(results, tier, peer))];
  const heads = DUELS.map(([tier, peer]) => `${tier} to ${peer}`);
  const names = encoders.map(({ name }) => name);
  const small = all.filter(([, { pixels }]) => pixels <= SLOW_MAX_PIXELS);
  const kinds = [...new Set(small.map(([, { kind }]) => kind))];
  const resultsOf = (entries) => entries.map(([, { results }]) => results);
  table(
    ['picture', ...heads],
    [
      ...all.map(([name, { results }]) => row(name, results)),
      ...kinds.map((kind) =>
        row(`all of kind ${kind}`, sums(resultsOf(small.filter(([, entry]) => entry.kind === kind)), names)),
      ),
      row('all up to 4 MP', sums(resultsOf(small), names)),
    ],
  );
  const entries = small.filter(([, { kind }]) => kind !== '16 bit');
  const totals = sums(resultsOf(entries), names);
  const [six, one] = REFERENCES.map((reference) => totals.get(reference));
  write(`\nSums over the ${entries.length} pictures of 8 bits up to 4 MP\n`);
  table(
    ['by', 'ms', 'bytes', 'speed to sharp 6', 'size', 'speed to sharp 1', 'size'],
    [...totals.values()].map(({ name, median, bytes }) => [
      name,
      ms(median),
      `${bytes}`,
      times(six.median / median),
      percent(bytes / six.bytes),
      times(one.median / median),
      percent(bytes / one.bytes),
    ]),
  );
}

if (args.first) await measureFirst(args.first);
else if (args.cold) measureCold();
else await main();
// The threads of wasm-vips are still there.
process.exit();
