import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { readWebpForDecoding } from '../../src/container/webp-chunks.js';
import { CodecError } from '../../src/errors.js';
import { concat, latin1, le, makeSamples, riffChunk, vp8x, webp, webpChunks } from './samples.js';

const CORPUS = '../shared/corpus/';
const hasCorpus = existsSync(CORPUS);

const fails = (code: string) => expect.objectContaining({ name: 'CodecError', code, format: 'webp' });
const types = (bytes: Uint8Array) => webpChunks(bytes).map(({ type }) => type);
const kept = (bytes: Uint8Array) => types(concat(...readWebpForDecoding(bytes).picture.parts));
const vp8l = (width: number, height: number, rest: readonly number[] = [0]) =>
  riffChunk('VP8L', [0x2f, ...le(width - 1 + (height - 1) * 2 ** 14, 4), ...rest]);
const anmf = (x: number, y: number, width: number, height: number, ...chunks: readonly Uint8Array[]) =>
  riffChunk(
    'ANMF',
    concat(le(x / 2, 3), le(y / 2, 3), le(width - 1, 3), le(height - 1, 3), le(100, 3), [0], ...chunks),
  );

let samples: Record<string, Uint8Array>;
beforeAll(async () => {
  samples = await makeSamples();
});

describe('readWebpForDecoding', () => {
  it('keeps the pixels and nothing else', async () => {
    const chunks: Record<string, string[]> = {
      'lossy.webp': ['VP8 '],
      'lossy-alpha.webp': ['VP8X', 'ALPH', 'VP8 '],
      'lossless.webp': ['VP8L'],
      'lossless-alpha.webp': ['VP8L'],
      'metadata.webp': ['VP8 '],
    };
    for (const [name, expected] of Object.entries(chunks)) {
      const bytes = samples[name]!;
      const result = readWebpForDecoding(bytes);
      const rest = concat(...result.picture.parts);
      expect(types(rest), name).toEqual(expected);
      expect(rest.length % 2).toBe(0);
      expect(await sharp(rest).raw().toBuffer(), name).toEqual(await sharp(bytes).raw().toBuffer());
      for (const part of result.picture.parts.slice(1)) expect(part.buffer).toBe(bytes.buffer);
      expect(result).toMatchObject({
        width: 20,
        height: 12,
        hasAlpha: name.includes('alpha'),
        animated: false,
        frameCount: 1,
        picture: { x: 0, y: 0, width: 20, height: 12, hasAlpha: name.includes('alpha') },
      });
    }
  });

  it('gives the first frame of an animation as a file of its own', async () => {
    const bytes = samples['animated.webp']!;
    const result = readWebpForDecoding(bytes);
    expect(result).toMatchObject({ width: 20, height: 12, animated: true, frameCount: 3 });
    const { x, y, width, height, parts } = result.picture;
    const first = await sharp(bytes)
      .ensureAlpha()
      .extract({ left: x, top: y, width, height })
      .raw()
      .toBuffer();
    expect(
      await sharp(concat(...parts))
        .ensureAlpha()
        .raw()
        .toBuffer(),
    ).toEqual(first);
  });

  it('tells the place of a frame on the canvas, and the transparency of the canvas', () => {
    const file = (flags: number) =>
      webp(vp8x(flags, 20, 12), riffChunk('ANIM', new Uint8Array(6)), anmf(4, 6, 7, 5, vp8l(7, 5)));
    expect(readWebpForDecoding(file(0x02))).toMatchObject({
      width: 20,
      height: 12,
      hasAlpha: false,
      picture: { x: 4, y: 6, width: 7, height: 5, hasAlpha: false },
    });
    expect(readWebpForDecoding(file(0x12)).hasAlpha).toBe(true);
  });

  it('drops every other chunk, and what follows the RIFF chunk', () => {
    const file = webp(
      vp8x(0x2c, 7, 5),
      riffChunk('ICCP', [1, 2, 3]),
      riffChunk('ALPH', [1]),
      vp8l(7, 5),
      riffChunk('EXIF', [1, 2, 3]),
      riffChunk('junk', []),
    );
    expect(kept(file)).toEqual(['VP8L']);
    expect(kept(concat(file, latin1('trailing')))).toEqual(['VP8L']);
  });

  it('takes a file that lacks its last byte of padding, and adds it', () => {
    const file = webp(vp8l(7, 5, [])).subarray(0, -1);
    const shorter = file.slice();
    shorter[4]! -= 1;
    for (const bytes of [file, shorter]) {
      const rest = concat(...readWebpForDecoding(bytes).picture.parts);
      expect(rest).toEqual(webp(vp8l(7, 5, [])));
    }
  });

  it('says that a file is cut at every length', () => {
    for (const [name, bytes] of Object.entries(samples)) {
      if (!name.endsWith('.webp')) continue;
      // Padding alone may be missing.
      const last = webpChunks(bytes).at(-1)!;
      const padding = last.bytes.length - 8 - last.data.length;
      for (let length = 12; length < bytes.length - padding; length++) {
        expect(() => readWebpForDecoding(bytes.subarray(0, length)), `${name} ${length}`).toThrow(
          fails('TRUNCATED_INPUT'),
        );
      }
    }
  });

  it.each([
    ['a canvas of another size', webp(vp8x(0, 7, 6), vp8l(7, 5))],
    ['no image', webp(vp8x(0, 7, 5), riffChunk('EXIF', [1, 2]))],
    ['an animation without frames', webp(vp8x(2, 7, 5), vp8l(7, 5))],
    ['a frame without an image', webp(vp8x(2, 7, 5), anmf(0, 0, 7, 5))],
    ['a frame of another size', webp(vp8x(2, 7, 5), anmf(0, 0, 7, 4, vp8l(7, 5)))],
    ['a frame to the right of the canvas', webp(vp8x(2, 7, 5), anmf(2, 0, 7, 5, vp8l(7, 5)))],
    ['a frame below the canvas', webp(vp8x(2, 7, 5), anmf(0, 2, 7, 5, vp8l(7, 5)))],
    ['a short frame', webp(vp8x(2, 7, 5), riffChunk('ANMF', new Uint8Array(15)))],
    [
      'an image longer than its frame',
      webp(vp8x(2, 7, 5), anmf(0, 0, 7, 5, vp8l(7, 5).subarray(0, -1)), vp8l(7, 5)),
    ],
    [
      'a chunk longer than the RIFF chunk',
      concat(latin1('RIFF'), le(16, 4), webp(vp8l(7, 5)).subarray(8), latin1('xxxxxxxx')),
    ],
    ['a RIFF size of 0', concat(latin1('RIFF'), le(0, 4), webp(vp8l(7, 5)).subarray(8))],
  ])('refuses %s', (_, bytes) => {
    expect(() => readWebpForDecoding(bytes)).toThrow(fails('CORRUPT_INPUT'));
  });

  it('refuses more than 1,000 chunks and frames', () => {
    const frames = (count: number) => Array.from({ length: count }, () => anmf(0, 0, 7, 5, vp8l(7, 5)));
    expect(readWebpForDecoding(webp(vp8x(2, 7, 5), ...frames(999))).frameCount).toBe(999);
    expect(() => readWebpForDecoding(webp(vp8x(2, 7, 5), ...frames(1000)))).toThrow(fails('LIMIT_EXCEEDED'));
    const junk = Array.from({ length: 1001 }, () => riffChunk('junk', []));
    expect(() => readWebpForDecoding(webp(vp8x(0, 7, 5), vp8l(7, 5), ...junk))).toThrow(
      fails('LIMIT_EXCEEDED'),
    );
    expect(() => readWebpForDecoding(webp(vp8x(2, 7, 5), anmf(0, 0, 7, 5, ...junk, vp8l(7, 5))))).toThrow(
      fails('LIMIT_EXCEEDED'),
    );
  });

  it('refuses another format', () => {
    const other = samples['still.gif']!;
    expect(() => readWebpForDecoding(other)).toThrow(fails('UNKNOWN_FORMAT'));
    expect(() => readWebpForDecoding(new Uint8Array())).toThrow(fails('UNKNOWN_FORMAT'));
  });

  it('ends on any bytes with a result or a CodecError', () => {
    const files = Object.keys(samples).filter((name) => name.endsWith('.webp'));
    fc.assert(
      fc.property(
        fc.constantFrom(...files),
        fc.array(fc.tuple(fc.nat(400), fc.nat(255)), { minLength: 1, maxLength: 4 }),
        (name, changes) => {
          const bytes = samples[name]!.slice();
          for (const [at, value] of changes) bytes[at % bytes.length] = value;
          try {
            readWebpForDecoding(bytes);
          } catch (error) {
            if (!(error instanceof CodecError)) throw error;
          }
        },
      ),
      { numRuns: 2000 },
    );
  });
});

describe.skipIf(!hasCorpus)('corpus (skipped where ../shared/corpus does not exist)', () => {
  it('takes every valid file, with the pixels it had, and refuses every damaged one', async () => {
    const rows = readFileSync(`${CORPUS}INDEX.tsv`, 'utf8')
      .trim()
      .split('\n')
      .map((line) => line.split('\t'))
      .filter(([path]) => path!.endsWith('.webp'));
    let valid = 0;
    for (const [path, , , , expectation, width, height, mode, frames] of rows) {
      const bytes = new Uint8Array(readFileSync(CORPUS + path));
      let result: ReturnType<typeof readWebpForDecoding> | undefined;
      try {
        result = readWebpForDecoding(bytes);
      } catch (error) {
        if (!(error instanceof CodecError)) throw error;
      }
      if (expectation === 'error') expect(result, path).toBeUndefined();
      if (expectation !== 'ok') continue;
      valid++;
      expect({ path, ...result }).toMatchObject({
        path,
        width: Number(width),
        height: Number(height),
        frameCount: Number(frames),
        hasAlpha: mode === 'RGBA',
      });
      if (result!.animated) continue;
      const pixels = (file: Uint8Array) => sharp(file).raw().toBuffer();
      expect((await pixels(concat(...result!.picture.parts))).equals(await pixels(bytes)), path).toBe(true);
    }
    expect(valid).toBeGreaterThan(65);
  });
});
