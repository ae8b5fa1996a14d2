import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import sharp from 'sharp';
import { expect, test } from 'vitest';

const LOSSY = ['sharp 0', 'sharp 4', 'jSquash 4', 'wasm-vips 4', 'pixbytes fast', 'pixbytes balanced'];
const LOSSLESS = ['sharp lossless 0', 'jSquash lossless 4', 'pixbytes lossless fast'];

test('the WebP bench runs: lossy and lossless, with curves, means and goals', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'pixbytes-curves-'));
  try {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [
        'bench/webp.bench.mjs',
        '--short',
        '--only',
        'astronaut',
        '--only',
        'photograph 0.3',
        '--curves',
        folder,
      ],
      { timeout: 170_000 },
    );
    for (const name of [...LOSSY, ...LOSSLESS])
      expect(stdout).toMatch(new RegExp(`^\\| ${name} +\\| +[0-9.]+ \\|`, 'm'));
    for (const title of ['astronaut: 512x512 rgba8, q75', 'Lossy: goals', 'Lossless: goals'])
      expect(stdout).toContain(`\n${title}\n`);
    expect(stdout).toMatch(/^\| balanced against sharp 4, size at equal SSIM, photographs +\| .+ %/m);
    expect(stdout).not.toMatch(/NaN|undefined|Infinity/);
    const drawings = ['astronaut', 'photograph-0.3-MP-RGBA', 'photographs-means-of-2'];
    expect((await readdir(folder)).sort()).toEqual(
      drawings.flatMap((name) => [`${name}.png`, `${name}.svg`]).sort(),
    );
    const { width, height } = await sharp(join(folder, 'astronaut.png')).metadata();
    expect([width, height]).toEqual([960, 420]);
  } finally {
    await rm(folder, { recursive: true });
  }
}, 180_000);
