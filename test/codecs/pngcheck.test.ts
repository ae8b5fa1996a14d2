import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { encode } from '../../src/encode.js';
import type { PngEncodeOptions } from '../../src/options.js';
import type { PixelFormat } from '../../src/pixel-format.js';
import { readPngFile } from './png-file.js';
import { FILTERS } from './png-options.js';
import { type ImageShape, makeImage } from './random-image.js';

/** Debian's package `pngcheck`. */
const hasPngcheck = spawnSync('pngcheck', ['-h']).error === undefined;

const SHAPE: ImageShape = {
  pixelFormat: 'rgba8',
  width: 61,
  height: 43,
  padding: 0,
  offset: 0,
  trailing: 0,
  kind: 'Uint8Array',
  premultiplied: false,
  content: 'noise',
  paletteLength: 256,
  paletteAs: 'RGBA',
  inferred: false,
  seed: 4,
};

/** Pixel formats, contents and depths that together make every colour type of every depth. */
const KINDS: readonly [PixelFormat, Partial<ImageShape>, PngEncodeOptions][] = [
  ['gray1', {}, {}],
  ['gray8', { content: 'gray levels', seed: 1 }, { bitDepth: 2 }],
  ['gray8', { content: 'gray levels', seed: 2 }, { bitDepth: 4 }],
  ['gray8', {}, {}],
  ['gray16', {}, {}],
  ['rgb8', {}, {}],
  ['rgb16', {}, {}],
  ['indexed8', { content: 'gray levels', seed: 0, paletteLength: 2 }, { bitDepth: 1 }],
  ['indexed8', { content: 'gray levels', seed: 1, paletteLength: 4 }, { bitDepth: 2 }],
  ['indexed8', { content: 'gray levels', seed: 2, paletteLength: 16 }, { bitDepth: 4 }],
  ['indexed8', {}, {}],
  ['graya8', {}, {}],
  ['graya16', {}, {}],
  ['rgba8', {}, {}],
  ['rgba16', {}, {}],
];

describe.skipIf(!hasPngcheck)(hasPngcheck ? 'pngcheck' : 'pngcheck (skipped: it is not installed)', () => {
  it('finds nothing to say of any kind of file', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'pixbytes-pngcheck-'));
    const seen = new Set<string>();
    try {
      for (const [pixelFormat, shape, asked] of KINDS) {
        for (const effort of ['fast', 'balanced', 'smallest'] as const) {
          for (const interlaced of [false, true]) {
            for (const [width, height] of [
              [61, 43],
              [1, 1],
              [300, 260],
            ] as const) {
              const filter = FILTERS[(width + height) % 5]!;
              for (const [i, more] of [{}, { filter }, { reduce: false }, { level: 0 }].entries()) {
                const { source } = makeImage({ ...SHAPE, ...shape, pixelFormat, width, height });
                const file = await encode(source, 'png', { ...asked, effort, interlaced, ...more });
                const { colorType, bitDepth } = readPngFile(file);
                seen.add(`${colorType} ${bitDepth} ${interlaced}`);
                const name = `${pixelFormat}-${seen.size}-${effort}-${interlaced}-${width}-${i}.png`;
                writeFileSync(join(folder, name), file);
              }
            }
          }
        }
      }
      // Quiet, it prints faults alone; what it doubts it says to stderr.
      const said = spawnSync('sh', ['-c', 'pngcheck -q *.png'], { cwd: folder, encoding: 'utf8' });
      expect([said.stdout, said.stderr, said.status]).toEqual(['', '', 0]);
      const verbose = execFileSync('sh', ['-c', 'pngcheck -v *.png'], { cwd: folder, encoding: 'utf8' });
      expect(verbose.match(/^No errors detected/gm)).toHaveLength(verbose.match(/^File: /gm)!.length);
      expect(verbose).not.toMatch(/warning|invalid|illegal|unknown|private|out of place|extra|trailing/i);
    } finally {
      rmSync(folder, { recursive: true });
    }
    // 15 pairs of colour type and depth, interlaced and not.
    expect(seen.size).toBe(30);
  });
});
