// The kernel `jpeg` against native sharp and jSquash: photographs of 64x64 pixels, 0.3, 2 and 16 megapixels,
// one thread, copies in and out included. Run after the WASM build: node bench/jpeg.bench.mjs [rounds] [cold]
//
// sharp flattens the alpha of RGBA, though it is opaque here, before it encodes, which takes it a third of
// its time; so the table has both for RGB too. `cold` measures the first call in processes of their own.

import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { describeMachine, takeTurns } from './turns.mjs';

const FORMATS = { rgb8: { id: 2, bytes: 3 }, rgba8: { id: 3, bytes: 4 } };
const FLAGS = { fast: 0, balanced: 1, progressive: 2 };
const CHROMA_420 = 2;
const WANT_DRAIN = 1;

const moduleFile = new URL('../build/wasm/jpeg.wasm', import.meta.url);

/** The kernel as src/engines/kernels/jpeg.ts drives it. */
async function loadKernel() {
  const { instance } = await WebAssembly.instantiate(await readFile(moduleFile));
  const kernel = instance.exports;
  let view = new Uint8Array(kernel.memory.buffer);
  const memory = () => {
    if (view.buffer !== kernel.memory.buffer) view = new Uint8Array(kernel.memory.buffer);
    return view;
  };
  return ({ data, width, height, format }, quality, flags) => {
    const { id, bytes } = FORMATS[format];
    const pitch = width * bytes;
    kernel.jpeg_quality(quality);
    kernel.jpeg_begin(width, height, id, CHROMA_420, flags, 0, pitch, 0xffffffff);
    const strip = kernel.jpeg_strip_rows();
    const input = kernel.jpeg_input();
    const output = kernel.jpeg_output();
    const parts = [];
    const drain = () => parts.push(memory().slice(output, output + kernel.jpeg_output_bytes()));
    for (let y = 0; y < height; y += strip) {
      const rows = Math.min(strip, height - y);
      memory().set(data.subarray(y * pitch, (y + rows) * pitch), input);
      for (let wish = kernel.jpeg_rows(rows); wish === WANT_DRAIN; wish = kernel.jpeg_resume()) drain();
    }
    drain();
    if (parts.length === 1) return parts[0];
    const file = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of parts) {
      file.set(part, at);
      at += part.length;
    }
    return file;
  };
}

/** jSquash as published, its module given by hand. */
async function loadJsquash() {
  const require = createRequire(import.meta.url);
  const path = require.resolve('@jsquash/jpeg/codec/enc/mozjpeg_enc.wasm');
  const { default: encode, init } = await import('@jsquash/jpeg/encode.js');
  await init(await WebAssembly.compile(await readFile(path)));
  return ({ data, width, height }, options) =>
    encode(
      { data: new Uint8ClampedArray(data.buffer, data.byteOffset, data.length), width, height },
      options,
    );
}

async function photograph(width, height) {
  const source = sharp(fileURLToPath(new URL('../test/fixtures/seeding-16mp.jpg', import.meta.url)));
  const rgb = await source.resize(width, height).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  const size = { width: rgb.info.width, height: rgb.info.height };
  const raw = { ...size, channels: 3 };
  const rgba = await sharp(rgb.data, { raw }).ensureAlpha().raw().toBuffer();
  return {
    rgb8: { data: rgb.data, ...size, format: 'rgb8' },
    rgba8: { data: rgba, ...size, format: 'rgba8' },
  };
}

async function psnr(file, { data }) {
  const decoded = await sharp(file).removeAlpha().raw().toBuffer();
  let sum = 0;
  for (let i = 0; i < data.length; i++) sum += (data[i] - decoded[i]) ** 2;
  return 10 * Math.log10((255 * 255 * data.length) / sum);
}

if (process.argv[2] === 'first') {
  // A process of its own: pixels first, then the first call, then warm ones.
  const [width, height, flags] = process.argv.slice(3).map(Number);
  const data = new Uint8Array(width * height * 4);
  for (let i = 0; i < data.length; i++) data[i] = ((i >> 2) % 251) + (Math.imul(i, 2654435761) >>> 29);
  const image = { data, width, height, format: 'rgba8' };
  const times = [];
  let run;
  for (let i = 0; i < 40; i++) {
    const start = performance.now();
    run ??= await loadKernel();
    run(image, 80, flags);
    times.push(performance.now() - start);
  }
  const warm = times.slice(10).sort((a, b) => a - b);
  process.stdout.write(JSON.stringify({ cold: times[0], warm: warm[15] }));
  process.exit();
}

const encode = await loadKernel();
sharp.concurrency(1);
sharp.cache(false);
const jsquash = await loadJsquash();
process.stdout.write(`${describeMachine()}, sharp ${sharp.versions.sharp}, libvips ${sharp.versions.vips}
A photograph, 4:2:0, one thread; medians of contenders that take turns\n`);

async function compare(images, quality, rounds) {
  const { width, height } = images.rgba8;
  const { rgba8, rgb8 } = images;
  const bySharp = ({ data, format }, options) =>
    sharp(data, { raw: { width, height, channels: FORMATS[format].bytes } })
      .jpeg({ quality, ...options })
      .toBuffer();
  const baseline = {
    quality,
    baseline: true,
    progressive: false,
    auto_subsample: false,
    chroma_subsample: 2,
    quant_table: 0,
  };
  const cells = [
    ['sharp, default', () => bySharp(rgba8, {})],
    ['sharp, optimizeCoding: false', () => bySharp(rgba8, { optimizeCoding: false })],
    ['sharp, progressive', () => bySharp(rgba8, { progressive: true })],
    ['sharp, default, RGB', () => bySharp(rgb8, {})],
    ['sharp, optimizeCoding: false, RGB', () => bySharp(rgb8, { optimizeCoding: false })],
    ['jSquash, baseline', () => jsquash(rgba8, baseline)],
    ['pixbytes balanced', () => encode(rgba8, quality, FLAGS.balanced)],
    ['pixbytes fast', () => encode(rgba8, quality, FLAGS.fast)],
    ['pixbytes progressive', () => encode(rgba8, quality, FLAGS.progressive)],
    ['pixbytes balanced, RGB', () => encode(rgb8, quality, FLAGS.balanced)],
    ['pixbytes fast, RGB', () => encode(rgb8, quality, FLAGS.fast)],
  ].filter(([name]) => width * height < 3e6 || !name.startsWith('jSquash'));
  const peers = {
    'pixbytes balanced': 'sharp, default',
    'pixbytes fast': 'sharp, optimizeCoding: false',
    'pixbytes progressive': 'sharp, progressive',
    'pixbytes balanced, RGB': 'sharp, default, RGB',
    'pixbytes fast, RGB': 'sharp, optimizeCoding: false, RGB',
  };
  const contenders = cells.map(([name, run]) => ({ name, run }));
  const timings = await takeTurns(contenders, { rounds, warmups: width * height < 1e5 ? 200 : 4 });
  const median = Object.fromEntries(timings.map((timing) => [timing.name, timing.median]));
  const files = {};
  for (const [name, run] of cells) files[name] = new Uint8Array(await run());
  process.stdout.write(`\n${width}x${height}, q${quality}\n\n`);
  process.stdout.write(
    '| by | ms | middle half | bytes | PSNR | against the peer |\n|---|---|---|---|---|---|\n',
  );
  for (const { name, low, high } of timings) {
    const peer = peers[name];
    const ratio = peer
      ? `${(median[peer] / median[name]).toFixed(2)}x, ${((files[name].length / files[peer].length - 1) * 100).toFixed(2)} % size`
      : '';
    const columns = [
      name,
      median[name].toFixed(2),
      `${low.toFixed(2)}-${high.toFixed(2)}`,
      files[name].length,
      (await psnr(files[name], images.rgb8)).toFixed(2),
      ratio,
    ];
    process.stdout.write(`| ${columns.join(' | ')} |\n`);
  }
}

if (process.argv[2] === 'cold') {
  for (const [name, flags] of Object.entries(FLAGS)) {
    const runs = Array.from({ length: 9 }, () =>
      JSON.parse(
        execFileSync(process.execPath, [fileURLToPath(import.meta.url), 'first', 1920, 1080, flags]),
      ),
    );
    const middle = (key) => runs.map((run) => run[key]).sort((a, b) => a - b)[4];
    const ratio = (middle('cold') / middle('warm')).toFixed(2);
    const line = `${middle('cold').toFixed(1)} ms, warm ${middle('warm').toFixed(1)} ms, ${ratio}x`;
    process.stdout.write(
      `${name}, 1920x1080: first call with compilation ${line} (medians of 9 processes)\n`,
    );
  }
  process.exit();
}

const rounds = Number(process.argv[2] ?? 15);
for (const [width, height, qualities, factor] of [
  [64, 64, [80], 20],
  [640, 480, [75, 80, 92], 3],
  [1920, 1080, [75, 80, 92], 1],
  [4928, 3264, [75, 92], 0.4],
]) {
  const images = await photograph(width, height);
  for (const quality of qualities) await compare(images, quality, Math.ceil(rounds * factor));
}
