// One process of the cold bench: import, first call, then warm ones. Started by first-calls.mjs with the module that lists the
// contenders, the name of one, a file of pixels as RGBA, their size, and what else the contender takes.

import { readFile } from 'node:fs/promises';

const [module, name, file, width, height, setting] = process.argv.slice(2);
const [data, { CONTENDERS }] = await Promise.all([readFile(file), import(module)]);
const pixels = { data, width: Number(width), height: Number(height), pixelFormat: 'rgba8' };
const { open } = CONTENDERS.find((contender) => contender.name === name);

/** Enough for V8 to have optimised what it will. */
const WARM_RUNS = 30;
const WARM_MS = 600;

const start = performance.now();
const encode = await open();
const opened = performance.now();
await encode(pixels, JSON.parse(setting));
const cold = performance.now() - start;

const warm = [];
for (let sum = 0; warm.length < 3 || (warm.length < WARM_RUNS && sum < WARM_MS); sum += warm.at(-1)) {
  const before = performance.now();
  await encode(pixels, JSON.parse(setting));
  warm.push(performance.now() - before);
}
// The later half: those before it may still have been warming up.
const settled = warm.slice(Math.floor(warm.length / 2)).sort((a, b) => a - b);
process.stdout.write(
  JSON.stringify({ open: opened - start, cold, warm: settled[Math.floor(settled.length / 2)] }),
);
// wasm-vips has workers that would go on.
process.exit();
