import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { holdsAllPixels } from '../../src/container/jpeg-entropy.js';
import { checkJpegForDecoding, type JpegForDecoding } from '../../src/container/jpeg-scans.js';
import { decode, encode } from '../../src/index.js';
import { rejection } from '../setup/fresh.js';
import { type CoefficientsFile, makeJpeg, type ScanScript } from './jpeg-coefficients.js';
import { be, concat, segment } from './samples.js';

const RESTARTS = '../shared/corpus/jpeg-odd/restarts.jpg';
const TRUNCATED = { name: 'CodecError', code: 'TRUNCATED_INPUT', format: 'jpeg' };
const EOI = [0xff, 0xd9];

const photograph = (width: number, height: number) =>
  sharp('test/fixtures/rocket.jpg').resize(width, height, { fit: 'fill' });

/** Bands one by one, high bits first: every kind of scan comes last once, as the last `n` of these can go ahead. */
const REFINED: readonly ScanScript[] = [
  { components: [0, 1, 2], first: 0, last: 0, low: 1 },
  { components: [0], first: 1, last: 5, low: 2 },
  { components: [2], first: 1, last: 63, low: 1 },
  { components: [1], first: 1, last: 63, low: 1 },
  { components: [0], first: 6, last: 63, low: 2 },
  { components: [0], first: 1, last: 63, high: 2, low: 1 },
  { components: [0, 1, 2], first: 0, last: 0, high: 1, low: 0 },
  { components: [2], first: 1, last: 63, high: 1, low: 0 },
  { components: [1], first: 1, last: 63, high: 1, low: 0 },
  { components: [0], first: 1, last: 63, high: 1, low: 0 },
];
const refinedGray = REFINED.filter(({ components }) => components[0] === 0).map((scan) => ({
  ...scan,
  components: [0],
}));
/** The refinement of the DC coefficients at the end, and a band that is coded at once. */
const DC_LAST = [...REFINED.filter((scan) => scan.first !== 0 || !scan.high), REFINED[6]!];
const BAND_LAST: readonly ScanScript[] = [
  { components: [0, 1, 2], first: 0, last: 0 },
  ...[1, 2, 0].map((component) => ({ components: [component], first: 1, last: 63 })),
];
const SEQUENTIAL: readonly ScanScript[] = [{ components: [0, 1, 2] }];
const APART: readonly ScanScript[] = [0, 1, 2].map((component) => ({ components: [component] }));

/** Sampling factors of three components, and of one. */
const FACTORS = {
  '4:4:4': [0x11, 0x11, 0x11],
  '4:2:2': [0x21, 0x11, 0x11],
  '4:4:0': [0x12, 0x11, 0x11],
  '4:2:0': [0x22, 0x11, 0x11],
  '4:1:1': [0x41, 0x11, 0x11],
  mixed: [0x22, 0x21, 0x12],
} as const;

const made: Record<string, CoefficientsFile> = {};
for (const restartInterval of [0, 2]) {
  const restarts = restartInterval > 0 ? `, restart interval ${restartInterval}` : '';
  const size = { width: 35, height: 19, restartInterval };
  for (const [name, factors] of Object.entries(FACTORS)) {
    made[`sequential ${name}${restarts}`] = { ...size, factors, scans: SEQUENTIAL };
    made[`sequential ${name}, a scan a component${restarts}`] = { ...size, factors, scans: APART };
    const progressive = { ...size, factors, progressive: true };
    made[`progressive ${name}, ends in AC refinement${restarts}`] = { ...progressive, scans: REFINED };
    made[`progressive ${name}, ends in DC refinement${restarts}`] = { ...progressive, scans: DC_LAST };
    made[`progressive ${name}, ends in a band${restarts}`] = { ...progressive, scans: BAND_LAST };
  }
  for (const factors of [[0x11], [0x22]]) {
    const gray = { ...size, factors };
    made[`sequential gray ${factors}${restarts}`] = { ...gray, scans: [{ components: [0] }] };
    made[`progressive gray ${factors}${restarts}`] = { ...gray, progressive: true, scans: refinedGray };
    const dcLast = [
      { components: [0], first: 1, last: 63 },
      { components: [0], first: 0, last: 0 },
    ].reverse();
    made[`progressive gray ${factors}, bands${restarts}`] = { ...gray, progressive: true, scans: dcLast };
  }
}

/** Files of real encoders. */
const encoded: Record<string, () => Promise<Uint8Array>> = {};
for (const progressive of [false, true]) {
  for (const chromaSubsampling of ['4:2:0', '4:4:4'] as const) {
    for (const quality of [50, 100]) {
      const options = { progressive, chromaSubsampling, quality };
      const name = `${progressive ? 'progressive' : 'baseline'} ${chromaSubsampling} ${quality}`;
      encoded[`sharp, ${name}`] = () => photograph(40, 33).jpeg(options).toBuffer();
      encoded[`sharp's mozjpeg, ${name}`] = () =>
        photograph(40, 33)
          .jpeg({ ...options, mozjpeg: true, progressive })
          .toBuffer();
      encoded[`our encoder, ${name}`] = async () =>
        encode(
          {
            data: await photograph(35, 28).ensureAlpha().raw().toBuffer(),
            width: 35,
            height: 28,
            pixelFormat: 'rgba8',
          },
          'jpeg',
          options,
        );
    }
  }
  encoded[`sharp, gray, progressive ${progressive}`] = () =>
    photograph(41, 30).toColourspace('b-w').jpeg({ progressive }).toBuffer();
  encoded[`our encoder, gray, progressive ${progressive}`] = async () =>
    encode(
      {
        data: await photograph(35, 28).toColourspace('b-w').raw().toBuffer(),
        width: 35,
        height: 28,
        pixelFormat: 'gray8',
      },
      'jpeg',
      { progressive },
    );
  // Blocks whose bits change no pixel.
  for (const background of ['#fff', '#7f8183']) {
    encoded[`flat ${background}, progressive ${progressive}`] = () =>
      sharp({ create: { width: 40, height: 40, channels: 3, background } })
        .jpeg({ quality: 100, progressive })
        .toBuffer();
  }
}

/** Cuts behind every byte: only what lacks no more than the end marker is decoded, to the pixels of the whole file. */
async function cutEverywhere(whole: Uint8Array): Promise<void> {
  const { data } = await decode(whole);
  for (let length = 3; length < whole.length; length++) {
    const result = decode(whole.slice(0, length));
    if (length < whole.length - 2)
      expect(await rejection(result), `${length} bytes`).toMatchObject(TRUNCATED);
    else expect((await result).data, `${length} bytes`).toEqual(data);
  }
}

describe('a file that is cut off behind any byte is refused, and read without its end marker', () => {
  it.each(Object.keys(made))('%s', async (name) => {
    const whole = makeJpeg(made[name]!);
    // An independent decoder has nothing to say against it.
    await sharp(whole, { failOn: 'warning' }).raw().toBuffer();
    await cutEverywhere(whole);
  });

  it.each(Object.keys(encoded))('%s', async (name) => {
    await cutEverywhere(new Uint8Array(await encoded[name]!()));
  });

  it.skipIf(!existsSync(RESTARTS))(`restarts.jpg (skipped where ${RESTARTS} does not exist)`, async () => {
    await cutEverywhere(new Uint8Array(readFileSync(RESTARTS)));
  });

  it('progressive files have the pixels of sequential ones', async () => {
    for (const factors of Object.values(FACTORS)) {
      const base = { width: 37, height: 29, factors };
      const { data } = await decode(makeJpeg({ ...base, scans: SEQUENTIAL }));
      for (const scans of [REFINED, DC_LAST, BAND_LAST]) {
        for (const restartInterval of [0, 3]) {
          const progressive = makeJpeg({ ...base, scans, progressive: true, restartInterval });
          expect((await decode(progressive)).data).toEqual(data);
        }
      }
    }
  });
});

describe('a file without an end marker', () => {
  it('is refused ahead of the decoder where scans are missing, wherever between them it is cut', async () => {
    const whole = new Uint8Array(await photograph(640, 427).jpeg({ progressive: true }).toBuffer());
    const { segments, complete } = checkJpegForDecoding(whole);
    expect(complete).toBe(true);
    for (const { marker, start, end } of segments.slice(0, -1)) {
      if (marker !== 0xda && marker !== 0xc4) continue;
      for (const cut of [start - 4, start - 3, start - 2, start, end - 1, end]) {
        expect(await rejection(decode(whole.slice(0, cut))), `${cut}`).toMatchObject(TRUNCATED);
      }
    }
  });

  it('with an end marker and fewer scans is as its maker wanted it', async () => {
    const file = makeJpeg({
      width: 37,
      height: 29,
      factors: FACTORS['4:2:0'],
      progressive: true,
      scans: REFINED.slice(0, 3),
    });
    expect(await decode(file)).toMatchObject({ width: 37 });
    expect(await rejection(decode(file.slice(0, -2)))).toMatchObject(TRUNCATED);
  });

  it('is refused where it is cut off and libjpeg has had something else to complain of', async () => {
    const whole = new Uint8Array(await photograph(64, 48).jpeg().toBuffer());
    const tables = whole.findIndex((byte, i) => byte === 0xff && whole[i + 1] === 0xc4);
    // Garbage between segments: "extraneous bytes before marker", and not another word from then on.
    const garbage = concat(whole.subarray(0, tables), [1, 2, 3, 4, 5], whole.subarray(tables));
    const { data } = await decode(garbage);
    expect(data).toEqual((await decode(whole)).data);
    await cutEverywhere(garbage);
  });

  it('is read where only what follows the last scan is cut off', async () => {
    const whole = makeJpeg({ width: 37, height: 29, factors: FACTORS['4:2:0'], scans: SEQUENTIAL });
    const { data } = await decode(whole);
    for (const extra of [segment(0xfe, [1, 2, 3]), segment(0xc4, [0, ...Array(16).fill(0)])]) {
      const longer = concat(whole.subarray(0, -2), extra, EOI);
      for (let length = whole.length - 2; length < longer.length; length++) {
        expect((await decode(longer.slice(0, length))).data, `${length}`).toEqual(data);
      }
    }
  });

  it('is read where it is damaged ahead of its last restart marker', async () => {
    const whole = makeJpeg({
      width: 64,
      height: 64,
      factors: [0x11],
      restartInterval: 4,
      scans: [{ components: [0] }],
    });
    const markers = [...whole.keys()].filter((i) => whole[i] === 0xff && (whole[i + 1]! & 0xf8) === 0xd0);
    expect(markers.length).toBe(15);
    const unended = whole.subarray(0, -2);
    const without = (from: number, to: number) => concat(unended.subarray(0, from), unended.subarray(to));
    for (const damaged of [
      // An interval's data; an interval with its marker; two; a marker; a marker that comes twice.
      without(markers[5]! + 2, markers[6]!),
      without(markers[5]!, markers[6]!),
      without(markers[5]!, markers[7]!),
      without(markers[5]!, markers[5]! + 2),
      concat(unended.subarray(0, markers[6]), [0xff, 0xd0 + 5], unended.subarray(markers[6]!)),
    ]) {
      const { data } = await decode(damaged);
      expect(data).toEqual((await decode(concat(damaged, EOI))).data);
      expect(await rejection(decode(damaged.slice(0, -3)))).toMatchObject(TRUNCATED);
    }
    expect(await rejection(decode(without(markers[14]!, unended.length)))).toMatchObject(TRUNCATED);
  });

  it.each([
    ['ends at once', 1000, 0],
    // The bits 100 for each.
    ['has one coefficient, which takes a bit each time that it is passed', 100_000, 0b1001_0010],
  ])('is judged within a bounded time, where each of many blocks %s', (_, length, pattern) => {
    const side = 4000;
    const blocks = (side / 8) ** 2;
    const frame = segment(0xc2, [8, ...be(side, 2), ...be(side, 2), 1, 1, 0x11, 0]);
    // Codes 0: the end of at least 16,384 blocks; 10: a coefficient of 1 bit.
    const ac = segment(0xc4, [0x10, 1, 1, ...Array(14).fill(0), 0xe0, 0x01]);
    const dc = segment(0xc4, [0, 1, ...Array(15).fill(0), 0]);
    const scan = (first: number, last: number, bits: number, data: Uint8Array) =>
      concat(segment(0xda, [1, 1, 0, first, last, bits]), data);
    const data = Uint8Array.from({ length }, (_, i) => (pattern << (i % 3)) | (pattern >> (8 - (i % 3))));
    const refinement = scan(1, 63, 0x10, new Uint8Array(blocks / 4));
    const scans = [
      scan(0, 0, 0, new Uint8Array(blocks / 8 + 1)),
      scan(1, 1, 0x01, data),
      scan(2, 63, 0x01, new Uint8Array(1000)),
      ...Array.from({ length: 97 }, () => refinement),
    ];
    const bytes = concat([0xff, 0xd8], frame, dc, ac, ...scans);
    const jpeg = checkJpegForDecoding(bytes);
    expect(jpeg).toMatchObject({ width: side, scans: 100, complete: false });
    const start = performance.now();
    expect(holdsAllPixels(bytes, jpeg)).toBe(true);
    expect(performance.now() - start).toBeLessThan(3000);
  });

  it('is judged without an error, whatever is in it', () => {
    const files = [DC_LAST, REFINED, BAND_LAST, SEQUENTIAL].map((scans) =>
      makeJpeg({
        width: 37,
        height: 29,
        factors: FACTORS['4:2:0'],
        restartInterval: 2,
        progressive: scans !== SEQUENTIAL,
        scans,
      }),
    );
    const change = fc.tuple(fc.nat(20_000), fc.nat(255));
    fc.assert(
      fc.property(fc.constantFrom(...files), fc.array(change, { maxLength: 4 }), (file, changes) => {
        const bytes = file.slice(0, -2);
        for (const [at, value] of changes) bytes[at % bytes.length] = value;
        let jpeg: JpegForDecoding;
        try {
          jpeg = checkJpegForDecoding(bytes);
        } catch {
          return;
        }
        expect(typeof holdsAllPixels(bytes, jpeg)).toBe('boolean');
      }),
      { numRuns: 1000 },
    );
  });

  it('without Huffman tables, or with scans that no decoder takes, does not count as whole', () => {
    const scan = [3, 1, 0, 2, 0, 3, 0, 0, 63, 0];
    const frame = (factors: readonly number[]) =>
      segment(0xc0, [8, 0, 8, 0, 8, 3, ...factors.flatMap((factor, i) => [i + 1, factor, 0])]);
    const table = [0, ...Array(15).fill(0), 1, 0];
    const tables = concat(segment(0xc4, table), segment(0xc4, table.with(0, 0x10)));
    const verdict = (...parts: readonly (Uint8Array | readonly number[])[]) => {
      const bytes = concat([0xff, 0xd8], ...parts);
      return holdsAllPixels(bytes, checkJpegForDecoding(bytes));
    };
    const data = new Array(100).fill(0);
    expect(verdict(frame([0x11, 0x11, 0x11]), tables, segment(0xda, scan), data)).toBe(true);
    expect(verdict(frame([0x11, 0x11, 0x11]), segment(0xda, scan), data)).toBe(false);
    // More than ten blocks in an MCU; a component that the frame does not have.
    expect(verdict(frame([0x22, 0x22, 0x22]), tables, segment(0xda, scan), data)).toBe(false);
    expect(verdict(frame([0x11, 0x11, 0x11]), tables, segment(0xda, scan.with(5, 4)), data)).toBe(false);
  });
});
