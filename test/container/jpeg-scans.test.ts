import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { checkJpegForDecoding } from '../../src/container/jpeg-scans.js';
import { CodecError } from '../../src/errors.js';
import { concat, latin1, makeSamples, segment } from './samples.js';

const CORPUS = '../shared/corpus/';
const hasCorpus = existsSync(CORPUS);

const SOI = [0xff, 0xd8];
const EOI = [0xff, 0xd9];
const frame = (marker = 0xc0, factors: readonly number[] = [0x22, 0x11, 0x11], precision = 8, height = 12) =>
  segment(marker, [
    precision,
    0,
    height,
    0,
    20,
    factors.length,
    ...factors.flatMap((factor, i) => [i + 1, factor, 0]),
  ]);
const scan = (...entropy: readonly number[]) => concat(segment(0xda, [1, 1, 0, 0, 63, 0]), entropy);
const fails = (code: string) => expect.objectContaining({ name: 'CodecError', code, format: 'jpeg' });

let samples: Record<string, Uint8Array>;
beforeAll(async () => {
  samples = await makeSamples();
});

describe('checkJpegForDecoding', () => {
  it('reads what a decoder has to expect', () => {
    expect(checkJpegForDecoding(samples['baseline.jpg']!)).toMatchObject({
      width: 20,
      height: 12,
      progressive: false,
      components: [
        { id: 1, horizontal: 2, vertical: 2 },
        { id: 2, horizontal: 1, vertical: 1 },
        { id: 3, horizontal: 1, vertical: 1 },
      ],
      adobeTransform: undefined,
      scans: 1,
      complete: true,
    });
    expect(checkJpegForDecoding(samples['gray.jpg']!).components).toHaveLength(1);
    const progressive = checkJpegForDecoding(samples['progressive.jpg']!);
    expect(progressive.progressive).toBe(true);
    expect(progressive.scans).toBeGreaterThan(3);
    const cmyk = checkJpegForDecoding(samples['cmyk.jpg']!);
    expect(cmyk.components).toHaveLength(4);
    expect([0, 2]).toContain(cmyk.adobeTransform);
  });

  it('does not take entropy-coded data for markers', () => {
    const data = [1, 0xff, 0, 0xda, 0xff, 0xd0, 0xff, 0xd7, 0xff, 0, 0xff, 0xff, 0, 7];
    const bytes = concat(SOI, frame(), scan(...data), scan(...data, 0xff, 0xff), EOI, scan(), frame());
    expect(checkJpegForDecoding(bytes)).toMatchObject({ scans: 2, complete: true });
    // One byte of padding ahead of a marker.
    expect(checkJpegForDecoding(concat(SOI, frame(), scan(1, 0xff), EOI)).complete).toBe(true);
  });

  it('takes a file that ends in a scan, and says so', () => {
    for (const name of ['baseline.jpg', 'progressive.jpg']) {
      const bytes = samples[name]!;
      const firstScan = bytes.findIndex((_, i) => bytes[i] === 0xff && bytes[i + 1] === 0xda);
      const begun = firstScan + 2 + bytes[firstScan + 2]! * 256 + bytes[firstScan + 3]!;
      for (let length = 3; length < bytes.length; length++) {
        const cut = bytes.subarray(0, length);
        if (length < begun)
          expect(() => checkJpegForDecoding(cut), `${length}`).toThrow(fails('TRUNCATED_INPUT'));
        else {
          const { complete, end } = checkJpegForDecoding(cut);
          expect(complete, `${length}`).toBe(false);
          expect(end).toBeGreaterThanOrEqual(begun);
          expect(end).toBeLessThanOrEqual(length);
        }
      }
    }
  });

  it('tells the segments, and where what is whole of them ends', () => {
    const whole = concat(SOI, frame(), scan(1, 2, 0xff, 0), segment(0xfe, [1, 2]));
    const markers = [0xc0, 0xda, 0xfe];
    const check = (bytes: Uint8Array) => {
      const { segments, end } = checkJpegForDecoding(bytes);
      return { markers: segments.map(({ marker }) => marker), end };
    };
    const length = whole.length;
    expect(check(concat(whole, EOI, [1, 2]))).toEqual({ markers: [...markers, 0xd9], end: length + 2 });
    expect(check(whole)).toEqual({ markers, end: length });
    expect(check(concat(whole, [0xff]))).toEqual({ markers, end: length });
    // The comment is 6 bytes long.
    for (let cut = 1; cut <= 6; cut++) {
      expect(check(whole.subarray(0, -cut))).toEqual({ markers: [0xc0, 0xda], end: length - 6 });
    }
    // Half of a stuffed byte.
    expect(check(whole.subarray(0, -7)).end).toBe(length - 8);
  });

  it('reads the transform of an Adobe segment', () => {
    for (const transform of [0, 1, 2]) {
      const adobe = segment(0xee, concat(latin1('Adobe'), [0, 100, 0, 0, 0, 0, transform]));
      expect(checkJpegForDecoding(concat(SOI, adobe, frame(), scan(), EOI)).adobeTransform).toBe(transform);
    }
    const other = segment(0xee, latin1('Other\0\0\0\0\0\0\x02'));
    expect(checkJpegForDecoding(concat(SOI, other, frame(), scan(), EOI)).adobeTransform).toBeUndefined();
  });

  it('takes baseline, extended and progressive coding and refuses the others', () => {
    for (let marker = 0xc0; marker <= 0xcf; marker++) {
      if ([0xc4, 0xc8, 0xcc].includes(marker)) continue;
      const bytes = concat(SOI, frame(marker), scan(), EOI);
      if (marker <= 0xc2) expect(checkJpegForDecoding(bytes).progressive).toBe(marker === 0xc2);
      else expect(() => checkJpegForDecoding(bytes)).toThrow(fails('UNSUPPORTED_FEATURE'));
    }
  });

  it.each([
    ['12 bits', 'UNSUPPORTED_FEATURE', [frame(0xc1, [0x11], 12), scan()]],
    ['two components', 'UNSUPPORTED_FEATURE', [frame(0xc0, [0x11, 0x11]), scan()]],
    ['five components', 'UNSUPPORTED_FEATURE', [frame(0xc0, [0x11, 0x11, 0x11, 0x11, 0x11]), scan()]],
    ['a height behind the pixels', 'UNSUPPORTED_FEATURE', [frame(0xc0, [0x11], 8, 0), scan()]],
    ['sampling factors 0 by 1', 'CORRUPT_INPUT', [frame(0xc0, [0x01, 0x11, 0x11]), scan()]],
    ['sampling factors 1 by 0', 'CORRUPT_INPUT', [frame(0xc0, [0x11, 0x10, 0x11]), scan()]],
    ['sampling factors 5 by 1', 'CORRUPT_INPUT', [frame(0xc0, [0x51, 0x11, 0x11]), scan()]],
    ['sampling factors 1 by 5', 'CORRUPT_INPUT', [frame(0xc0, [0x15, 0x11, 0x11]), scan()]],
    ['two frame headers', 'CORRUPT_INPUT', [frame(), frame(), scan()]],
    ['a second frame header behind a scan', 'CORRUPT_INPUT', [frame(), scan(), frame(), scan()]],
    ['a scan ahead of the frame header', 'CORRUPT_INPUT', [scan(), frame(), scan()]],
    ['no scan', 'CORRUPT_INPUT', [frame()]],
    ['nothing', 'CORRUPT_INPUT', []],
  ])('refuses %s', (_, code, parts) => {
    expect(() => checkJpegForDecoding(concat(SOI, ...parts, EOI))).toThrow(fails(code));
  });

  it('refuses more than 100 scans and more than 1,000 segments', () => {
    const scans = (count: number) => Array.from({ length: count }, () => scan(1, 2));
    expect(checkJpegForDecoding(concat(SOI, frame(0xc2), ...scans(100), EOI)).scans).toBe(100);
    expect(() => checkJpegForDecoding(concat(SOI, frame(0xc2), ...scans(101), EOI))).toThrow(
      fails('LIMIT_EXCEEDED'),
    );
    const comments = (count: number) => Array.from({ length: count }, () => segment(0xfe, [1]));
    expect(checkJpegForDecoding(concat(SOI, ...comments(998), frame(), scan(), EOI)).complete).toBe(true);
    expect(() => checkJpegForDecoding(concat(SOI, ...comments(999), frame(), scan(), EOI))).toThrow(
      fails('LIMIT_EXCEEDED'),
    );
  });

  it('refuses another format', () => {
    const other = samples['still.gif']!;
    expect(() => checkJpegForDecoding(other)).toThrow(fails('UNKNOWN_FORMAT'));
    expect(() => checkJpegForDecoding(new Uint8Array())).toThrow(fails('UNKNOWN_FORMAT'));
  });

  it('ends on any bytes with a result or a CodecError', () => {
    const files = Object.keys(samples).filter((name) => name.endsWith('.jpg'));
    fc.assert(
      fc.property(
        fc.constantFrom(...files),
        fc.array(fc.tuple(fc.nat(2000), fc.nat(255)), { minLength: 1, maxLength: 4 }),
        (name, changes) => {
          const bytes = samples[name]!.slice();
          for (const [at, value] of changes) bytes[at % bytes.length] = value;
          try {
            checkJpegForDecoding(bytes);
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
  it('takes every valid file and refuses every damaged one', () => {
    const rows = readFileSync(`${CORPUS}INDEX.tsv`, 'utf8')
      .trim()
      .split('\n')
      .map((line) => line.split('\t'))
      .filter(([path]) => /\.jpe?g$/.test(path!));
    let valid = 0;
    for (const [path, , , , expectation, width, height] of rows) {
      const bytes = new Uint8Array(readFileSync(CORPUS + path));
      let result: ReturnType<typeof checkJpegForDecoding> | undefined;
      try {
        result = checkJpegForDecoding(bytes);
      } catch (error) {
        if (!(error instanceof CodecError)) throw error;
      }
      if (expectation === 'error') expect(result, path).toBeUndefined();
      if (expectation !== 'ok') continue;
      valid++;
      expect({ path, width: result?.width, height: result?.height }).toEqual({
        path,
        width: Number(width),
        height: Number(height),
      });
      if (path === 'hostile-synthetic/jpg_no_eoi.jpg') expect(result?.complete).toBe(false);
    }
    expect(valid).toBeGreaterThan(35);
  });
});
