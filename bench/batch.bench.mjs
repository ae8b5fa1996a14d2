// Many images by pixbytes, on the threads of a pool and by the command line, against sharp on its own threads, sharp-cli, and jSquash in
// piscina: images a second and the peak of memory, with one worker and two. Run after a build: npm run bench:batch -- --only JPEG
//
//   --only part  only tasks whose name holds the part; may be repeated
//   --by part    only contenders whose name holds the part, and those that ratios are to; may be repeated
//   --rounds n   processes of each contender. Default 5; 3 of the command lines
//   --images n   default 200
//   --seconds s  after which a process ends its round, whatever is left. Default 3
//   --short      small images, few, one round: that it runs, not how fast
//
// Each contender is a process of its own, and they are started in turns, each round in another order. In it pixels are in memory, as they
// are where programs draw them, and the codecs are warm; a command line starts cold, and reads and writes files. pixbytes's pool and piscina
// have two calls for each worker on their way, sharp two for each thread of Node's own pool, which is where it works.

import { execFile, spawn } from 'node:child_process';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { CONTENDERS, contendersOf } from './batch.contenders.mjs';
import { describeVersions } from './peers.mjs';
import { formatTable } from './tables.mjs';
import { describeMachine, randomNumbers, shuffled, spread } from './turns.mjs';

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true, default: [] },
    by: { type: 'string', multiple: true, default: [] },
    rounds: { type: 'string' },
    images: { type: 'string' },
    seconds: { type: 'string', default: '3' },
    short: { type: 'boolean', default: false },
  },
});
const SETTING = values.short
  ? { width: 320, height: 180, large: [640, 424], images: 8, rounds: 1, turns: 20 }
  : { width: 1920, height: 1080, large: [4928, 3264], images: 200, rounds: 5, turns: 1000 };
const images = Number(values.images ?? SETTING.images);
const rounds = Number(values.rounds ?? SETTING.rounds);
const commandRounds = Number(values.rounds ?? Math.min(3, SETTING.rounds));
const budgetMs = Number(values.seconds) * 1000;
/** Images of the large size, and images ahead of those that count. */
const LARGE_IMAGES = Math.min(images, 12);
const WARMUPS = Math.min(images, 30);

const raw = (format, effort, pixelFormat, title) => ({
  name: `raw pixels to ${title}`,
  source: 'images',
  format,
  effort,
  pixelFormat,
});
const large = (format, effort, title) => ({
  name: `one 16 MP image to ${title}`,
  source: 'large',
  format,
  effort,
  pixelFormat: 'rgba8',
});
/** @type {readonly import('./batch.contenders.mjs').BatchTask[]} */
const TASKS = [
  raw('jpeg', 'balanced', 'rgb8', 'JPEG, RGB'),
  raw('jpeg', 'balanced', 'rgba8', 'JPEG, RGBA'),
  raw('jpeg', 'fast', 'rgba8', 'JPEG, RGBA, effort fast'),
  raw('png', 'balanced', 'rgba8', 'PNG, RGBA'),
  raw('png', 'fast', 'rgba8', 'PNG, RGBA, effort fast'),
  raw('webp', 'balanced', 'rgba8', 'WebP, RGBA'),
  large('jpeg', 'balanced', 'JPEG, RGBA'),
  large('png', 'balanced', 'PNG, RGBA'),
  { name: 'files to JPEG, by calls', source: 'files', format: 'jpeg', effort: 'balanced' },
];
const COMMANDS_TITLE = 'files to JPEG, by command lines';
const OVERHEAD_TITLE = 'overhead of a pool, 64x64';

const print = (text) => process.stdout.write(`${text}\n`);
const run = promisify(execFile);
const isChosen = (name) => values.only.length === 0 || values.only.some((part) => name.includes(part));
const child = fileURLToPath(new URL('batch.child.mjs', import.meta.url));
const random = randomNumbers();

/** The driver itself stays small: Linux counts what a process held when it started another as the other's peak. */
async function runChild(what, folder, setting, env = {}) {
  const { stdout } = await run(process.execPath, [child, what, folder, JSON.stringify(setting)], {
    env: { ...process.env, ...env },
    maxBuffer: 1 << 24,
  });
  return JSON.parse(stdout);
}

/**
 * Runs each so often, in turns.
 *
 * @param {readonly (() => Promise<object>)[]} starts
 * @returns {Promise<object[][]>} results of each
 */
async function inTurns(starts, times) {
  const results = starts.map(() => []);
  for (let round = 0; round < times; round++) {
    for (const i of shuffled(starts.length, random)) results[i].push(await starts[i]());
  }
  return results;
}

/** The middle of each number that processes told, and the middle half of the first. */
function middleOf(results) {
  const entries = Object.keys(results[0]).map((key) => [
    key,
    spread(results.map((each) => each[key])).median,
  ]);
  return { ...Object.fromEntries(entries), rate: spread(results.map((each) => each.imagesPerSecond)) };
}

/** What is told at the end: goals of the project, and how near it came. */
const goals = [];
const goal = (title, value, wanted, unit = 'x', isMost = false) => {
  if (values.short || !Number.isFinite(value)) return;
  const reached = isMost ? value <= wanted : value >= wanted;
  const limit = `${isMost ? 'at most' : 'at least'} ${wanted}${unit}`;
  goals.push([title, `${value.toFixed(2)}${unit}`, limit, reached ? 'yes' : 'no']);
};

const fastest = (rows) =>
  rows.reduce((best, row) => (best && best.rate.median >= row.rate.median ? best : row), undefined);
const times = (ratio) => (Number.isFinite(ratio) ? `${ratio.toFixed(2)}x` : '');

function printRates(rows, megapixels, allImages) {
  const peers = new Map(
    [1, 2].map((workers) => [
      workers,
      fastest(rows.filter(({ by, workers: its }) => by === 'sharp' && its === workers)),
    ]),
  );
  const table = rows.map((row) => {
    const { name, workers, rate, cpuMs, kilobytes, peakMegabytes, loadedMegabytes, done } = row;
    const peer = peers.get(workers);
    const alone = rows.find((other) => other.name === name && other.workers === 1);
    return [
      name,
      String(workers),
      rate.median.toFixed(1),
      `${rate.low.toFixed(1)}-${rate.high.toFixed(1)}`,
      (rate.median * megapixels).toFixed(0),
      cpuMs.toFixed(1),
      kilobytes.toFixed(0),
      peakMegabytes.toFixed(0),
      loadedMegabytes ? (peakMegabytes - loadedMegabytes).toFixed(0) : '',
      done < allImages ? String(done) : '',
      times(rate.median / peer?.rate.median),
      workers > 1 ? times(rate.median / alone?.rate.median) : '',
    ];
  });
  print(
    formatTable(
      [
        'by',
        'workers',
        'images/s',
        'middle half',
        'MP/s',
        'CPU ms',
        'kB',
        'peak, MB',
        'own, MB',
        'only',
        'against sharp',
        'against 1',
      ],
      table,
    ),
  );
  return { peers, find: (name, workers) => rows.find((row) => row.name === name && row.workers === workers) };
}

async function measureTask(task, folder) {
  const isWanted = ({ name, by }) =>
    values.by.length === 0 || by === 'sharp' || values.by.some((part) => name.includes(part));
  const isIn = (contender) => isWanted(contender) && !(contender.rgbaOnly && task.pixelFormat !== 'rgba8');
  const contenders = contendersOf(task).filter(isIn);
  const count = task.source === 'large' ? LARGE_IMAGES : images;
  const setting = { task, images: count, warmups: Math.min(count, WARMUPS), budgetMs };
  const starts = contenders.map((contender) => () => {
    const { uvThreads } = contender;
    const env = uvThreads ? { UV_THREADPOOL_SIZE: String(uvThreads) } : {};
    return runChild('measure', folder, { ...setting, index: CONTENDERS.indexOf(contender) }, env);
  });
  const results = await inTurns(starts, rounds);
  const rows = contenders
    .map((contender, i) => ({ ...contender, results: results[i] }))
    .filter(({ results: [first] }) => first.known !== false)
    .map(({ name, by, workers, results: own }) => ({ name, by, workers, ...middleOf(own) }));
  const [width, height] = task.source === 'large' ? SETTING.large : [SETTING.width, SETTING.height];
  print(`\n${task.name}: ${count} of ${width}x${height}\n`);
  const { peers, find } = printRates(rows, (width * height) / 1e6, count);
  const two = find('pixbytes pool', 2);
  if (!two || !peers.get(2)) return;
  const scaled = two.rate.median / find('pixbytes pool', 1)?.rate.median;
  if (task.source === 'images' && task.format === 'jpeg' && task.effort === 'balanced') {
    // Not of the fastest, which may be the one with the most threads.
    const sharps = rows.filter(({ by, workers }) => by === 'sharp' && workers === 2);
    const leanest = Math.min(...sharps.map(({ peakMegabytes }) => peakMegabytes));
    goal(`${task.name}, 2 workers against sharp, 2 threads`, two.rate.median / peers.get(2).rate.median, 2);
    goal(`${task.name}, 2 workers against 1`, scaled, 1.8);
    goal(`${task.name}, peak of memory against sharp's least`, two.peakMegabytes / leanest, 1, 'x', true);
  }
}

/** Runs a command line to its end, which has to be a good one, and counts the files that it wrote. */
async function runCommand(folder, files, command, env) {
  const out = await mkdtemp(join(folder, 'out-'));
  const hook = new URL('batch.peak.mjs', import.meta.url).href;
  const start = performance.now();
  const started = spawn(process.execPath, ['--import', hook, ...command(out)], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'inherit', 'pipe'],
  });
  let usage = '';
  started.stdio[3].on('data', (piece) => {
    usage += piece;
  });
  const exitCode = await new Promise((resolve, reject) => {
    started.on('error', reject);
    started.on('close', resolve);
  });
  const ms = performance.now() - start;
  const written = await Promise.all((await readdir(out)).map((name) => stat(join(out, name))));
  await rm(out, { recursive: true });
  if (exitCode !== 0 || written.length !== files)
    throw new Error(
      `A command line ended with ${exitCode}, with ${written.length} of ${files} files written`,
    );
  const { maxRSS, cpuMs } = JSON.parse(usage);
  return {
    imagesPerSecond: files / (ms / 1000),
    cpuMs: cpuMs / files,
    kilobytes: written.reduce((sum, { size }) => sum + size, 0) / 1000 / files,
    peakMegabytes: maxRSS / 1024,
    done: files,
  };
}

async function measureCommands(folder) {
  const input = join(folder, 'files');
  const cli = fileURLToPath(new URL('../dist/cli.js', import.meta.url));
  const sharpCli = fileURLToPath(import.meta.resolve('sharp-cli/bin/cli.js'));
  const ours = (out) => [cli, input, '--to', 'jpeg', '--quality', '80', '--out', out, '--quiet'];
  const theirs = (out) => [sharpCli, '-i', `${input}/*`, '-o', out, '-f', 'jpeg', '-q', '80'];
  const commands = [
    ...[1, 2].map((workers) => ({
      name: 'pixbytes',
      by: 'pixbytes',
      workers,
      command: (out) => [...ours(out), '-j', String(workers)],
    })),
    ...[1, 2].map((workers) => ({
      name: 'sharp-cli',
      by: 'sharp',
      workers,
      command: theirs,
      env: { UV_THREADPOOL_SIZE: String(workers) },
    })),
    { name: 'sharp-cli, 4 threads', by: 'sharp', workers: 2, command: theirs },
  ];
  const starts = commands.map(
    ({ command, env }) =>
      () =>
        runCommand(folder, images, command, env),
  );
  const results = await inTurns(starts, commandRounds);
  const rows = commands.map(({ name, by, workers }, i) => ({ name, by, workers, ...middleOf(results[i]) }));
  print(
    `\n${COMMANDS_TITLE}: ${images} of ${SETTING.width}x${SETTING.height}, start and end of the process included\n`,
  );
  printRates(rows, (SETTING.width * SETTING.height) / 1e6, images);
}

async function measureOverhead(folder) {
  const results = await runChild('overhead', folder, { rounds: SETTING.turns });
  print(`\n${OVERHEAD_TITLE}: calls one after the other, medians of ${SETTING.turns} in turns\n`);
  const rows = results.map(({ format, here, there }) => {
    const overhead = there.median - here.median;
    goal(`overhead of a pool, 64x64 ${format}`, overhead, 0.2, ' ms', true);
    return [format, here.median, there.median, overhead].map((cell) =>
      typeof cell === 'number' ? cell.toFixed(3) : cell,
    );
  });
  print(formatTable(['format', 'encode, ms', 'pool.encode, ms', 'difference, ms'], rows));
}

const folder = await mkdtemp(join(tmpdir(), 'pixbytes-batch-'));
try {
  const tasks = TASKS.filter(({ name }) => isChosen(name));
  const commands = isChosen(COMMANDS_TITLE);
  const files = commands || tasks.some(({ source }) => source === 'files');
  const { width, height } = SETTING;
  const { kinds } = await runChild('prepare', folder, { width, height, large: SETTING.large, images, files });
  const versions = await describeVersions(
    'sharp',
    'sharp-cli',
    'piscina',
    '@jsquash/jpeg',
    '@jsquash/png',
    '@jsquash/webp',
  );
  print(`${describeMachine()}
pixbytes as built; ${versions}
${images} images, no two the same: ${kinds}.
Medians of processes that take turns, ${rounds} each (command lines: ${commandRounds}). Peak is all memory of the process, own is what came
after the pixels were loaded; only is how many were done in ${values.seconds} seconds where not all were. Against sharp: its fastest setting with as
many workers.`);
  for (const task of tasks) await measureTask(task, folder);
  if (commands) await measureCommands(folder);
  if (isChosen(OVERHEAD_TITLE)) await measureOverhead(folder);
  if (goals.length > 0) print(`\n${formatTable(['goal', 'measured', 'wanted', 'reached'], goals)}`);
} finally {
  await rm(folder, { recursive: true });
}
