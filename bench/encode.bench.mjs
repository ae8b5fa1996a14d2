// One photograph through pixbytes, the bare codecs of jSquash and native sharp, one thread each, copies included. Run after a build:
// node bench/encode.bench.mjs [rounds]
import sharp from 'sharp';
import { encode } from '../dist/index.node.js';
import { openJsquash } from './peers.mjs';
import { describeMachine, takeTurns } from './turns.mjs';

const rounds = Number(process.argv[2] ?? 7);
sharp.concurrency(1);
sharp.cache(false);

const { data, info } = await sharp('test/fixtures/seeding-16mp.jpg')
  .resize(1632)
  .ensureAlpha()
  .raw()
  .toBuffer({ resolveWithObject: true });
const { width, height } = info;
const image = { data, width, height, pixelFormat: 'rgba8' };
const native = () => sharp(data, { raw: { width, height, channels: 4 } });

const bareCodec = async (name, wasm) => {
  const encodeBare = await openJsquash(name, wasm);
  return (options) => encodeBare(image, options);
};
const bare = {
  png: await bareCodec('png', 'pkg/squoosh_png_bg.wasm'),
  jpeg: await bareCodec('jpeg', 'enc/mozjpeg_enc.wasm'),
  webp: await bareCodec('webp', 'enc/webp_enc_simd.wasm'),
};

const jpeg = { quality: 80, progressive: false, auto_subsample: false, chroma_subsample: 2, quant_table: 0 };
const cells = [
  ['PNG', () => encode(image, 'png'), () => bare.png(), () => native().png({ compressionLevel: 6 })],
  ['JPEG q80', () => encode(image, 'jpeg'), () => bare.jpeg(jpeg), () => native().flatten().jpeg()],
  [
    'JPEG q80, fast',
    () => encode(image, 'jpeg', { effort: 'fast' }),
    () => bare.jpeg(jpeg),
    () => native().flatten().jpeg({ optimizeCoding: false }),
  ],
  ['WebP q80', () => encode(image, 'webp'), () => bare.webp({ quality: 80 }), () => native().webp()],
  [
    'WebP lossless',
    () => encode(image, 'webp', { lossless: true }),
    () => bare.webp({ lossless: 1, quality: 75 }),
    () => native().webp({ lossless: true, quality: 75 }),
  ],
];

const megapixels = (width * height) / 1e6;
const lines = [];
for (const [title, ours, theirs, sharps] of cells) {
  const bytes = {};
  const counted = (name, run) => ({
    name,
    run: async () => {
      bytes[name] = (await run()).byteLength;
    },
  });
  const timings = await takeTurns(
    [counted('pixbytes', ours), counted('jSquash', theirs), counted('sharp', () => sharps().toBuffer())],
    { rounds, warmups: 2 },
  );
  const sharpMs = timings[2].median;
  for (const { name, median, low, high } of timings) {
    const cell = [
      title,
      name,
      median.toFixed(0),
      `${low.toFixed(0)}-${high.toFixed(0)}`,
      (megapixels / (median / 1000)).toFixed(1),
      (bytes[name] / 1000).toFixed(0),
      `${(sharpMs / median).toFixed(2)}x`,
    ];
    lines.push(`| ${cell.join(' | ')} |`);
  }
}
process.stdout.write(`${describeMachine()}, sharp ${sharp.versions.sharp}; ${width}x${height} photograph, RGBA, one thread

| encode | by | ms | middle half | MP/s | kB | speed against sharp |
|---|---|---|---|---|---|---|
${lines.join('\n')}
`);
