// WebP by pixbytes, through its public `encode`, against native sharp, jSquash and wasm-vips: one thread, copies in and out included.
// Run after a build: npm run bench:webp -- --lossy --only kodak --curves curves
//
//   --only part      only pictures whose name holds the part; may be repeated
//   --by part        only contenders whose name holds the part, and sharp at efforts 0, 4 and 6, which ratios are to; may be repeated
//   --lossy, --lossless  only this one
//   --quality n      of the lossy ones that are timed; may be repeated. Default: 50, 75, 90; of large pictures 75
//   --rounds n       turns of each contender. Default: as many as the picture is small
//   --curves folder  where rate-distortion curves are drawn, as SVG and PNG
//   --tuning         the pictures that encoders are tuned on, in place of the others
//   --slow           contenders that need more than 9 seconds a call, too
//   --cold           the first calls of processes instead, 2 megapixels
//   --short          small pictures, one round: that it runs, not how fast

import { parseArgs } from 'node:util';
import { timeFirstCalls } from './first-calls.mjs';
import { describeVersions } from './peers.mjs';
import { photograph, SIZES } from './photographs.mjs';
import { formatTable } from './tables.mjs';
import { describeMachine } from './turns.mjs';
import { CONTENDERS, LOSSLESS, LOSSY } from './webp.contenders.mjs';
import { drawCurves } from './webp.curves.mjs';
import {
  formatLosslessGoals,
  formatLosslessKinds,
  formatLossyGoals,
  formatLossyKinds,
} from './webp.goals.mjs';
import { compareLossless } from './webp.lossless.mjs';
import { compareLossy } from './webp.lossy.mjs';
import { chooseWebpPictures } from './webp.pictures.mjs';
import { openRuns } from './webp.runs.mjs';

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true, default: [] },
    by: { type: 'string', multiple: true, default: [] },
    lossy: { type: 'boolean', default: false },
    lossless: { type: 'boolean', default: false },
    quality: { type: 'string', multiple: true, default: ['50', '75', '90'] },
    rounds: { type: 'string' },
    curves: { type: 'string' },
    tuning: { type: 'boolean', default: false },
    slow: { type: 'boolean', default: false },
    cold: { type: 'boolean', default: false },
    short: { type: 'boolean', default: false },
  },
});
/** A slower call is left out: at 16 megapixels those of libwebp at its higher efforts. */
const SLOWEST_MS = 9000;
const SHORT_PICTURES = ['astronaut', 'pixel art', 'logo'];
const COLD_QUALITY = 75;

const print = (text) => process.stdout.write(`${text}\n`);
const rounds = values.rounds ? Number(values.rounds) : values.short ? 1 : undefined;
const qualities = values.quality.map(Number);
const slowestMs = values.slow ? Infinity : SLOWEST_MS;
const isBoth = values.lossy === values.lossless;

const chosen = (contenders) => {
  const peers = contenders.flatMap(({ peer }) => peer ?? []);
  const isIn = ({ name }) =>
    values.by.length === 0 || peers.includes(name) || values.by.some((part) => name.includes(part));
  return contenders.filter(isIn);
};

/** Each picture by all contenders; who was left out is told. */
async function compareAll(pictures, contenders, compare) {
  const runs = await openRuns(contenders, { rounds, slowestMs });
  const entries = [];
  for (const { name, load } of pictures) {
    const picture = await load();
    const { text, ...found } = await compare(picture, runs);
    entries.push({ name, kind: picture.kind, pixels: picture.width * picture.height, ...found });
    print(`\n${text}`);
  }
  return entries;
}

async function lossless(pictures) {
  const contenders = chosen(LOSSLESS);
  const entries = await compareAll(pictures, contenders, (picture, runs) =>
    compareLossless(picture, runs, contenders),
  );
  print(`\nLossless: geometric means of each kind of picture\n\n${formatLosslessKinds(entries, contenders)}`);
  print(`\nLossless: goals\n\n${formatLosslessGoals(entries)}`);
}

async function lossy(pictures) {
  const contenders = chosen(LOSSY);
  const entries = await compareAll(pictures, contenders, (picture, runs) =>
    compareLossy(picture, runs, contenders, qualities),
  );
  print(
    `\nLossy: means of each kind of picture, geometric but for decibels\n\n${formatLossyKinds(entries, contenders)}`,
  );
  print(`\nLossy: goals\n\n${formatLossyGoals(entries)}`);
  if (values.curves) print(`\nCurves: ${(await drawCurves(values.curves, entries)).join(', ')}`);
}

async function cold() {
  const { rgba8 } = await photograph('seeding-16mp.jpg', SIZES[2]);
  const names = CONTENDERS.map(({ name }) => name).filter(
    (name) =>
      /^(sharp|jSquash|pixbytes) (lossless )?(0|4|fast|balanced)$/.test(name) && !/lossless 4/.test(name),
  );
  const processes = rounds ?? 5;
  const module = new URL('webp.contenders.mjs', import.meta.url);
  const calls = await timeFirstCalls(module, names, rgba8, COLD_QUALITY, processes);
  const rows = calls.map(({ name, open, cold, low, high, warm }) => [
    name,
    cold.toFixed(1),
    `${low.toFixed(1)}-${high.toFixed(1)}`,
    open.toFixed(1),
    warm.toFixed(1),
    `${(cold / warm).toFixed(2)}x`,
  ]);
  print(`
First calls: import, compilation and encoding of ${rgba8.width}x${rgba8.height}, rgba8, q${COLD_QUALITY} or lossless. Medians of ${processes} processes each, in turns.\n`);
  print(
    formatTable(['by', 'first call, ms', 'middle half', 'of which import', 'warm, ms', 'first / warm'], rows),
  );
}

async function warm() {
  const only = values.only.length === 0 && values.short ? SHORT_PICTURES : values.only;
  const { pictures, missing } = chooseWebpPictures({ tuning: values.tuning, only });
  if (pictures.length === 0) throw new Error('No picture has such a name');
  print(`${values.tuning ? 'Pictures that encoders are tuned on' : 'Pictures that encoders are not tuned on'}${missing.length > 0 ? `; left out, as their files are not there: ${missing.join(', ')}` : ''}
Medians of contenders that take turns. Speed and size are against the peer: fast against sharp at effort 0, balanced 4, smallest 6. A
contender is left out of a picture where a call would take it more than ${slowestMs / 1000} seconds. PSNR of luma and of both colour
differences in decibels, SSIM of luma, all from RGB as decoded (BT.601, full range, on white). Size at equal quality is Bjøntegaard's
delta rate; SSIM in it in decibels.`);
  if (isBoth || values.lossy) await lossy(pictures);
  if (isBoth || values.lossless) await lossless(pictures);
}

print(`${describeMachine()}
pixbytes as built; ${await describeVersions('sharp', '@jsquash/webp', 'wasm-vips')}`);
if (values.cold) await cold();
else await warm();
// wasm-vips has workers that would go on.
process.exit();
