import { existsSync, readFileSync } from 'node:fs';
import { deflateSync } from 'node:zlib';
import fc from 'fast-check';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { readPngForDecoding } from '../../src/container/png-chunks.js';
import { CodecError } from '../../src/errors.js';
import { concat, ihdr, latin1, makeSamples, PNG_SIGNATURE, pngChunk, pngChunks } from './samples.js';

const CORPUS = '../shared/corpus/';
const hasCorpus = existsSync(CORPUS);

const png = (...chunks: readonly Uint8Array[]) => concat(PNG_SIGNATURE, ...chunks);
const data = (rawBytes: number) => pngChunk('IDAT', deflateSync(new Uint8Array(rawBytes)));
const iend = pngChunk('IEND');
const plte = pngChunk('PLTE', [1, 2, 3, 4, 5, 6]);
const fails = (code: string) => expect.objectContaining({ name: 'CodecError', code, format: 'png' });
const types = (bytes: Uint8Array) => pngChunks(bytes).map(({ type }) => type);
const kept = (bytes: Uint8Array) => types(concat(...readPngForDecoding(bytes).parts));

let samples: Record<string, Uint8Array>;
beforeAll(async () => {
  samples = await makeSamples();
});

describe('readPngForDecoding', () => {
  it('keeps the pixels and nothing else, without a copy', async () => {
    for (const [name, bytes] of Object.entries(samples)) {
      if (!name.endsWith('.png')) continue;
      const { parts } = readPngForDecoding(bytes);
      const rest = concat(...parts);
      for (const type of types(rest)) expect(['IHDR', 'PLTE', 'tRNS', 'IDAT', 'IEND']).toContain(type);
      expect(await sharp(rest).raw().toBuffer()).toEqual(await sharp(bytes).raw().toBuffer());
      for (const part of parts) expect(part.buffer).toBe(bytes.buffer);
    }
    const extra = png(
      ihdr(2, 2),
      pngChunk('iCCP', latin1('bomb\0\0')),
      plte,
      pngChunk('zTXt', latin1('bomb\0\0')),
      data(14),
      data(0),
      pngChunk('eXIf'),
      iend,
      latin1('what follows is no chunk'),
    );
    expect(kept(extra)).toEqual(['IHDR', 'IDAT', 'IDAT', 'IEND']);
    expect(readPngForDecoding(extra).parts).toHaveLength(3);
  });

  it('keeps the palette of a palette image, and transparency', () => {
    const trns = pngChunk('tRNS', [0, 5]);
    const palette = png(ihdr(2, 2, 8, 3), plte, trns, data(6), iend);
    expect(kept(palette)).toEqual(['IHDR', 'PLTE', 'tRNS', 'IDAT', 'IEND']);
    expect(readPngForDecoding(palette)).toMatchObject({
      hasTransparency: true,
      header: { width: 2, height: 2, bitDepth: 8, colorType: 3, interlaced: false },
    });
    expect(kept(png(ihdr(2, 2, 8, 0), trns, data(6), iend))).toContain('tRNS');
  });

  it.each([
    ['of the wrong length', [ihdr(2, 2, 8, 0), pngChunk('tRNS', [0]), data(6), iend]],
    ['longer than the palette', [ihdr(2, 2, 8, 3), plte, pngChunk('tRNS', [0, 1, 2]), data(6), iend]],
    ['ahead of the palette', [ihdr(2, 2, 8, 3), pngChunk('tRNS', [0]), plte, data(6), iend]],
    ['of an image with alpha', [ihdr(2, 2, 8, 4), pngChunk('tRNS', [0, 1]), data(10), iend]],
    ['behind the pixels', [ihdr(2, 2, 8, 0), data(6), pngChunk('tRNS', [0, 1]), iend]],
  ])('drops tRNS %s', (_, chunks) => {
    expect(kept(png(...chunks))).not.toContain('tRNS');
    expect(readPngForDecoding(png(...chunks)).hasTransparency).toBe(false);
  });

  it.each([
    ['PLTE behind IDAT', [ihdr(2, 2), data(14), plte, iend]],
    ['two PLTE', [ihdr(2, 2), plte, plte, data(14), iend]],
    ['PLTE of a gray image', [ihdr(2, 2, 8, 0), plte, data(6), iend]],
    ['PLTE of a gray image with alpha', [ihdr(2, 2, 8, 4), plte, data(10), iend]],
    ['no PLTE of a palette image', [ihdr(2, 2, 8, 3), data(6), iend]],
    ['PLTE of 4 bytes', [ihdr(2, 2, 8, 3), pngChunk('PLTE', [1, 2, 3, 4]), data(6), iend]],
    ['PLTE of none', [ihdr(2, 2, 8, 3), pngChunk('PLTE'), data(6), iend]],
    ['PLTE of 257 colours', [ihdr(2, 2, 8, 3), pngChunk('PLTE', new Uint8Array(771)), data(6), iend]],
    ['IDAT apart', [ihdr(2, 2), data(14), pngChunk('tEXt'), data(0), iend]],
    ['no IDAT', [ihdr(2, 2), iend]],
    ['IHDR again', [ihdr(2, 2), ihdr(2, 2), data(14), iend]],
    ['IHDR late', [pngChunk('tEXt', new Uint8Array(13)), ihdr(2, 2), data(14), iend]],
    ['IEND with data', [ihdr(2, 2), data(14), pngChunk('IEND', [0])]],
    ['a type that is not of letters', [ihdr(2, 2), pngChunk('a1bc'), data(14), iend]],
  ])('refuses %s', (_, chunks) => {
    expect(() => readPngForDecoding(png(...chunks))).toThrow(fails('CORRUPT_INPUT'));
  });

  it('refuses a critical chunk that is not known', () => {
    const bytes = png(ihdr(2, 2), pngChunk('NEWc'), data(14), iend);
    expect(() => readPngForDecoding(bytes)).toThrow(fails('UNSUPPORTED_FEATURE'));
  });

  it('checks the CRC of every chunk that it keeps, and of no other', () => {
    const good = png(ihdr(2, 2, 8, 3), pngChunk('tEXt', [1]), plte, pngChunk('tRNS', [0]), data(6), iend);
    let at = 8;
    for (const { type, bytes } of pngChunks(good)) {
      for (const offset of [at + 8, at + bytes.length - 1]) {
        const bad = good.slice();
        bad[offset]! ^= 1;
        if (type === 'tEXt') expect(kept(bad)).toContain('tRNS');
        else expect(() => readPngForDecoding(bad), `${type} ${offset}`).toThrow(fails('CORRUPT_INPUT'));
      }
      at += bytes.length;
    }
  });

  it('says that a file is cut at every length', () => {
    for (const name of ['rgb.png', 'palette.png']) {
      const bytes = samples[name]!;
      for (let length = 8; length < bytes.length; length++) {
        expect(() => readPngForDecoding(bytes.subarray(0, length))).toThrow(fails('TRUNCATED_INPUT'));
      }
    }
  });

  it('refuses a length over 2^31 - 1 and more than 1,000 chunks besides the pixels', () => {
    const bytes = png(ihdr(2, 2), data(14), iend);
    bytes[33] = 0x80;
    expect(() => readPngForDecoding(bytes)).toThrow(fails('CORRUPT_INPUT'));
    const texts = (count: number) => Array.from({ length: count }, () => pngChunk('tEXt'));
    const idats = Array.from({ length: 2000 }, () => data(0));
    const fdats = Array.from({ length: 2000 }, () => pngChunk('fdAT'));
    expect(kept(png(ihdr(2, 2), ...texts(998), data(14), ...idats, ...fdats, iend))).toHaveLength(2003);
    expect(() => readPngForDecoding(png(ihdr(2, 2), ...texts(999), data(14), iend))).toThrow(
      fails('LIMIT_EXCEEDED'),
    );
  });

  it('refuses compressed data that cannot hold the image, and takes what just can', () => {
    const zeros = (
      width: number,
      height: number,
      depth: number,
      type: number,
      interlace: number,
      raw: number,
    ) => {
      const chunks = [pngChunk('IDAT', deflateSync(new Uint8Array(raw), { level: 9 })), iend];
      const palette = type === 3 ? [plte] : [];
      return png(ihdr(width, height, depth, type, interlace), ...palette, ...chunks);
    };
    // As small as deflate can make it: gray, 1 bit, interlaced, and so on.
    expect(kept(zeros(4096, 4096, 8, 0, 0, 4097 * 4096))).toContain('IDAT');
    expect(kept(zeros(4096, 4096, 16, 6, 0, 32769 * 4096))).toContain('IDAT');
    expect(kept(zeros(9999, 9999, 1, 3, 0, 1251 * 9999))).toContain('IDAT');
    // Passes of 8 to 4096 columns with one filter byte for each row.
    expect(kept(zeros(4096, 4096, 8, 2, 1, 4096 * 4096 * 3 + 1.875 * 4096))).toContain('IDAT');
    expect(kept(zeros(1, 5, 8, 0, 1, 10))).toContain('IDAT');
    // Rows of 1,032 bytes with that of their filter, a byte of deflate for each.
    const rows = (height: number, compressed: number) =>
      png(ihdr(1031, height, 8, 0), pngChunk('IDAT', new Uint8Array(compressed)), iend);
    expect(kept(rows(5, 5))).toContain('IDAT');
    expect(() => readPngForDecoding(rows(6, 5))).toThrow(fails('CORRUPT_INPUT'));
    expect(() => readPngForDecoding(zeros(16000, 16000, 8, 6, 0, 700_000))).toThrow(fails('CORRUPT_INPUT'));
    expect(() => readPngForDecoding(zeros(16000, 16000, 8, 6, 1, 700_000))).toThrow(fails('CORRUPT_INPUT'));
    expect(() => readPngForDecoding(png(ihdr(2, 2), pngChunk('IDAT'), iend))).toThrow(fails('CORRUPT_INPUT'));
  });

  it('refuses another format', () => {
    const other = samples['still.gif']!;
    expect(() => readPngForDecoding(other)).toThrow(fails('UNKNOWN_FORMAT'));
    expect(() => readPngForDecoding(new Uint8Array())).toThrow(fails('UNKNOWN_FORMAT'));
  });

  it('ends on any bytes with a result or a CodecError', () => {
    const files = Object.keys(samples).filter((name) => name.endsWith('.png'));
    fc.assert(
      fc.property(
        fc.constantFrom(...files),
        fc.array(fc.tuple(fc.nat(2000), fc.nat(255)), { minLength: 1, maxLength: 4 }),
        (name, changes) => {
          const bytes = samples[name]!.slice();
          for (const [at, value] of changes) bytes[at % bytes.length] = value;
          try {
            readPngForDecoding(bytes);
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
  const rows = hasCorpus
    ? readFileSync(`${CORPUS}INDEX.tsv`, 'utf8')
        .trim()
        .split('\n')
        .map((line) => line.split('\t'))
        .filter(([path]) => path!.endsWith('.png'))
    : [];

  it('takes every valid file, with the pixels it had, and refuses every damaged one', async () => {
    let valid = 0;
    let damaged = 0;
    for (const [path, size, , kind, expectation] of rows) {
      if (kind!.startsWith('fuzz')) continue;
      const bytes = new Uint8Array(readFileSync(CORPUS + path));
      if (expectation === 'error' || expectation === 'ref-both-error') {
        expect(() => readPngForDecoding(bytes), path).toThrow(CodecError);
        damaged++;
      } else if (expectation!.startsWith('ok') || expectation === 'ref-disagree') {
        const rest = concat(...readPngForDecoding(bytes).parts);
        valid++;
        if (Number(size) > 100_000 || expectation !== 'ok') continue;
        const pixels = (file: Uint8Array) =>
          sharp(file).toColourspace('rgb16').raw({ depth: 'ushort' }).toBuffer();
        // Without a profile, as the rest has none.
        const judge = concat(
          PNG_SIGNATURE,
          ...pngChunks(bytes)
            .filter(({ type }) => !/^(iCCP|gAMA|cHRM|sRGB|cICP|sBIT)$/.test(type))
            .map((chunk) => chunk.bytes),
        );
        expect((await pixels(rest)).equals(await pixels(judge)), path).toBe(true);
      }
    }
    expect(valid).toBeGreaterThan(300);
    expect(damaged).toBeGreaterThan(14);
  });

  it('never fails on fuzz files but with a CodecError', () => {
    for (const [path] of rows) {
      try {
        readPngForDecoding(new Uint8Array(readFileSync(CORPUS + path)));
      } catch (error) {
        if (!(error instanceof CodecError)) throw error;
      }
    }
  });
});
