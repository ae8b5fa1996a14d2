// JPEG by pixbytes, through its public `encode`, against native sharp, jSquash, wasm-vips and jpeg-js: one photograph from a
// thumbnail to 16 megapixels, one thread, copies in and out included. Run after a build: npm run bench:jpeg -- --size 2 --quality 80
//
//   --size       64, 0.3, 2, 16 (megapixels, but for the thumbnail of 64x64); may be repeated. Default: all
//   --quality    may be repeated. Default: 50, 75, 80, 92
//   --rounds     turns of each contender. Default: by size
//   --photograph a file of test/fixtures
//   --cold       only the first calls in processes of their own; --no-cold: only the warm ones
//   --slow       those that take seconds at 16 megapixels there too

import { parseArgs } from 'node:util';
import { timeFirstCalls } from './first-calls.mjs';
import { CONTENDERS } from './jpeg.contenders.mjs';
import { describeVersions } from './peers.mjs';
import { photograph, SIZES } from './photographs.mjs';
import { judgeOf } from './quality.mjs';
import { formatTable, signed } from './tables.mjs';
import { describeMachine, takeTurns } from './turns.mjs';

const { values } = parseArgs({
  allowNegative: true,
  options: {
    size: { type: 'string', multiple: true, default: ['64', '0.3', '2', '16'] },
    quality: { type: 'string', multiple: true, default: ['50', '75', '80', '92'] },
    rounds: { type: 'string' },
    photograph: { type: 'string', default: 'seeding-16mp.jpg' },
    cold: { type: 'boolean' },
    slow: { type: 'boolean', default: false },
  },
});

/** Turns by size, and the time that those of one contender may take before it is left out of some: about 8 minutes in all. */
const TURNS = {
  64: { rounds: 300, warmups: 100, budgetMs: 1200 },
  0.3: { rounds: 41, warmups: 10, budgetMs: 1200 },
  2: { rounds: 15, warmups: 4, budgetMs: 1000 },
  16: { rounds: 7, warmups: 1, budgetMs: 5000 },
};
const COLD = { size: '2', quality: 80, processes: 7 };

const print = (text) => process.stdout.write(`${text}\n`);

/** What our encoders are to their peers, for the summary. */
const ratios = [];

async function compare(size, pixels, quality, judge) {
  const { pixelFormat, width, height } = pixels;
  const large = width * height > 8e6;
  const isIn = ({ slow, rgbaOnly }) =>
    !(slow && large && !values.slow) && !(rgbaOnly && pixelFormat !== 'rgba8');
  const runs = await Promise.all(
    CONTENDERS.filter(isIn).map(async ({ name, peer, open }) => {
      const encode = await open();
      return { name, peer, run: () => encode(pixels, quality) };
    }),
  );
  const turns = TURNS[size];
  const timings = await takeTurns(runs, { ...turns, rounds: Number(values.rounds ?? turns.rounds) });
  const results = new Map();
  for (const [i, { name, peer, run }] of runs.entries()) {
    const file = new Uint8Array(await run());
    results.set(name, { peer, ...timings[i], ...(await judge(file)) });
  }
  const rows = [...results.values()].map((result) => {
    const { name, median, low, high, runs, bytes, psnr, psnrLuma, ssim } = result;
    const peer = results.get(result.peer);
    const against = peer && {
      speed: peer.median / median,
      bytes: (bytes / peer.bytes - 1) * 100,
      decibels: psnr - peer.psnr,
    };
    if (against) ratios.push({ name, peer: result.peer, size, pixelFormat, quality, ...against });
    const digits = median < 10 ? 2 : 1;
    return [
      name,
      median.toFixed(digits),
      `${low.toFixed(digits)}-${high.toFixed(digits)}`,
      String(runs),
      ((width * height) / 1000 / median).toFixed(1),
      (bytes / 1000).toFixed(1),
      psnr.toFixed(2),
      psnrLuma.toFixed(2),
      ssim.toFixed(4),
      against ? `${against.speed.toFixed(2)}x` : '',
      against ? `${signed(against.bytes, 2)} %` : '',
      against ? signed(against.decibels, 2) : '',
    ];
  });
  print(`\n${width}x${height}, ${pixelFormat}, q${quality}\n`);
  print(
    formatTable(
      [
        'by',
        'ms',
        'middle half',
        'runs',
        'MP/s',
        'kB',
        'PSNR',
        'of luma',
        'SSIM',
        'speed',
        'size',
        'PSNR, dB',
      ],
      rows,
    ),
  );
}

async function warm() {
  print(`
Warm calls. Medians of contenders that take turns; slow ones take fewer, at 16 megapixels ${values.slow ? 'too' : 'none'}. PSNR of RGB and
of luma in decibels; SSIM of luma. The last three columns are against the peer: how many times faster, how much larger, how
much better. jSquash and jpeg-js read RGBA only.`);
  for (const size of values.size) {
    const pictures = await photograph(values.photograph, SIZES[size]);
    const judge = judgeOf(pictures.rgb8);
    for (const pixels of [pictures.rgba8, pictures.rgb8]) {
      for (const quality of values.quality) await compare(size, pixels, Number(quality), judge);
    }
  }
  const groups = new Map();
  for (const ratio of ratios) {
    const { name, peer, size, pixelFormat } = ratio;
    const title = `${name}, ${pixelFormat}, ${size === '64' ? '64x64' : `${size} MP`}, against ${peer}`;
    groups.set(title, [...(groups.get(title) ?? []), ratio]);
  }
  const rows = [...groups].map(([title, group]) => [
    title,
    group.map(({ speed }) => `${speed.toFixed(2)}x`).join(' '),
    group.map(({ bytes }) => signed(bytes, 2)).join(' '),
    group.map(({ decibels }) => signed(decibels, 2)).join(' '),
  ]);
  print(`\nAgainst the peer, at ${values.quality.map((quality) => `q${quality}`).join(', ')}\n`);
  print(formatTable(['', 'speed', 'size, %', 'PSNR, dB'], rows.sort()));
}

async function cold() {
  const { rgba8 } = await photograph(values.photograph, SIZES[COLD.size]);
  const names = CONTENDERS.filter(
    ({ name }) => !/baseline|mozjpeg|sharp (progressive|optimizeCoding)/.test(name),
  ).map(({ name }) => name);
  const module = new URL('jpeg.contenders.mjs', import.meta.url);
  const processes = Number(values.rounds ?? COLD.processes);
  const calls = await timeFirstCalls(module, names, rgba8, COLD.quality, processes);
  print(`
First calls: import, compilation and encoding of ${rgba8.width}x${rgba8.height}, rgba8, q${COLD.quality}. Medians of ${processes} processes each, in turns.\n`);
  print(
    formatTable(
      ['by', 'first call, ms', 'middle half', 'of which import', 'warm, ms', 'first / warm'],
      calls.map(({ name, open, cold, low, high, warm }) => [
        name,
        cold.toFixed(1),
        `${low.toFixed(1)}-${high.toFixed(1)}`,
        open.toFixed(1),
        warm.toFixed(1),
        `${(cold / warm).toFixed(2)}x`,
      ]),
    ),
  );
}

print(`${describeMachine()}
pixbytes as built; ${await describeVersions('sharp', '@jsquash/jpeg', 'wasm-vips', 'jpeg-js')}; test/fixtures/${values.photograph}, 4:2:0`);
if (values.cold !== true) await warm();
if (values.cold !== false) await cold();
// wasm-vips has workers that would go on.
process.exit();
