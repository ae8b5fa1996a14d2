import { describe, expect, it } from 'vitest';
import { encode } from '../../src/encode.js';
import type { RawImage } from '../../src/image.js';
import type { PngEncodeOptions } from '../../src/options.js';
import { expectPng } from './lossless-judges.js';
import type { PngFile } from './png-file.js';
import { random } from './random-image.js';
import { depthOf, referenceRgba } from './rgba-reference.js';

const GRAY = 0;
const RGB = 2;
const PALETTE = 3;
const GRAY_ALPHA = 4;
const RGBA = 6;

const SIDE = 48;

/** Pixels of a colour each, by the number of the pixel. */
function rgba(colourAt: (i: number) => readonly number[]): RawImage {
  const data = new Uint8Array(SIDE * SIDE * 4);
  for (let i = 0; i < SIDE * SIDE; i++) data.set(colourAt(i), i * 4);
  return { data, width: SIDE, height: SIDE, pixelFormat: 'rgba8' };
}

function deep(
  pixelAt: (i: number) => readonly number[],
  pixelFormat: 'rgba16' | 'rgb16' | 'gray16',
): RawImage {
  const data = Uint16Array.from(Array.from({ length: SIDE * SIDE }, (_, i) => pixelAt(i)).flat());
  return { data, width: SIDE, height: SIDE, pixelFormat };
}

/** Encodes, lets every judge look at it, and gives what the file says. */
async function written(source: RawImage, options: PngEncodeOptions = {}): Promise<PngFile> {
  const { data, width, height, pixelFormat = 'rgba8', palette } = source;
  const view = data as Uint8Array | Uint16Array;
  const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
  const reference = {
    bytes,
    width,
    height,
    pixelFormat,
    strideBytes: bytes.length / height,
    premultiplied: false,
    palette: palette as readonly number[][] | undefined,
  };
  const depth = depthOf(pixelFormat);
  const file = await encode(source, 'png', options);
  return expectPng(file, referenceRgba(reference, depth), { width, height }, depth);
}

/** Colour type, depth, entries of the palette, and of those how many have an alpha in tRNS. */
function layoutOf({ colorType, bitDepth, palette, chunks }: PngFile) {
  return [
    colorType,
    bitDepth,
    palette?.length ?? 0,
    chunks.includes('tRNS') ? palette?.filter(([, , , alpha]) => alpha! < 255).length : 0,
  ];
}

/** Colours that differ from each other, no two of a kind near each other. */
function colours(count: number, alphaOf: (i: number) => number = () => 255): number[][] {
  return Array.from({ length: count }, (_, i) => [
    (i * 89) & 255,
    ((i * 31) >> 3) & 255,
    255 - (i & 255),
    alphaOf(i),
  ]);
}

const among = (list: readonly (readonly number[])[]) => {
  const next = random(list.length);
  // Each at least once.
  return rgba((i) => list[i < list.length ? i : next() % list.length]!);
};

const EFFORTS = ['fast', 'balanced', 'smallest'] as const;

describe.each(EFFORTS)('reduction of 8 bits, effort %s', (effort) => {
  const many = (i: number) => [i & 255, (i >> 2) & 255, (i * 7) & 255] as const;

  it.each([
    ['opaque alpha is dropped', rgba((i) => [...many(i), 255]), [RGB, 8, 0, 0]],
    ['alpha of one pixel is kept', rgba((i) => [...many(i), i === 2000 ? 254 : 255]), [RGBA, 8, 0, 0]],
    ['gray in RGBA is found', rgba((i) => [i & 255, i & 255, i & 255, 255]), [GRAY, 8, 0, 0]],
    [
      'gray with more than 256 pairs of value and alpha is kept as such',
      rgba((i) => [i & 255, i & 255, i & 255, (i >> 3) & 255]),
      [GRAY_ALPHA, 8, 0, 0],
    ],
    ['one colour needs one bit', among(colours(1)), [PALETTE, 1, 1, 0]],
    ['2 colours need one bit', among(colours(2)), [PALETTE, 1, 2, 0]],
    ['3 colours need two bits', among(colours(3)), [PALETTE, 2, 3, 0]],
    ['4 colours need two bits', among(colours(4)), [PALETTE, 2, 4, 0]],
    ['5 colours need four bits', among(colours(5)), [PALETTE, 4, 5, 0]],
    ['16 colours need four bits', among(colours(16)), [PALETTE, 4, 16, 0]],
    ['17 colours need eight bits', among(colours(17)), [PALETTE, 8, 17, 0]],
    ['256 colours are a palette', among(colours(256)), [PALETTE, 8, 256, 0]],
    ['257 colours are none', among(colours(257)), [RGB, 8, 0, 0]],
    ['257 colours with alpha are none', among(colours(257, (i) => i & 255)), [RGBA, 8, 0, 0]],
    ['a palette keeps alpha in tRNS', among(colours(16, (i) => (i % 4 ? 255 : i))), [PALETTE, 4, 16, 4]],
    [
      'black and white are gray of one bit',
      among([
        [0, 0, 0, 255],
        [255, 255, 255, 255],
      ]),
      [GRAY, 1, 0, 0],
    ],
    [
      'four even levels are gray of two bits',
      among([0, 85, 170, 255].map((v) => [v, v, v, 255])),
      [GRAY, 2, 0, 0],
    ],
    [
      'sixteen even levels are gray of four bits',
      among(Array.from({ length: 16 }, (_, i) => [i * 17, i * 17, i * 17, 255])),
      [GRAY, 4, 0, 0],
    ],
  ])('%s', async (_, image, expected) => {
    expect(layoutOf(await written(image, { effort }))).toEqual(expected);
    const { width, height, data } = image;
    // Nothing of it without.
    const kept = await written({ data, width, height, pixelFormat: 'rgba8' }, { effort, reduce: false });
    expect(layoutOf(kept)).toEqual([RGBA, 8, 0, 0]);
  });

  it('two levels of gray that one bit does not stand for are a palette of one bit', async () => {
    const image = among([
      [10, 10, 10, 255],
      [200, 200, 200, 255],
    ]);
    expect(layoutOf(await written(image, { effort }))).toEqual([PALETTE, 1, 2, 0]);
  });

  it('gray with alpha that is opaque is gray where fewer than 8 bits are asked for, as alpha has no fewer', async () => {
    const data = Uint8Array.from({ length: SIDE * SIDE * 2 }, (_, i) => (i % 2 ? 255 : (i % 16) * 17));
    const image: RawImage = { data, width: SIDE, height: SIDE, pixelFormat: 'graya8' };
    expect(layoutOf(await written(image, { effort, bitDepth: 4 }))).toEqual([GRAY, 4, 0, 0]);
  });

  it('fully transparent pixels keep their colour', async () => {
    // Some colours, and many; expectPng compares them under alpha 0 too.
    const few = await written(among(colours(12, (i) => (i % 2 ? 0 : 255))), { effort });
    expect(layoutOf(few)).toEqual([PALETTE, 4, 12, 6]);
    const all = await written(
      rgba((i) => [...many(i), 0]),
      { effort },
    );
    expect(layoutOf(all)).toEqual([RGBA, 8, 0, 0]);
  });

  it('what only the last pixel tells is seen', async () => {
    const last = SIDE * SIDE - 1;
    const next = random(8);
    const bits = Array.from({ length: last }, () => (next() >>> 31) * 255);
    const layout = async (other: readonly number[]) =>
      layoutOf(
        await written(
          rgba((i) => (i === last ? other : [bits[i]!, bits[i]!, bits[i]!, 255])),
          { effort },
        ),
      );
    expect(await layout([255, 255, 255, 255])).toEqual([GRAY, 1, 0, 0]);
    expect(await layout([255, 255, 254, 255])).toEqual([PALETTE, 2, 3, 0]);
    expect(await layout([255, 255, 255, 0])).toEqual([PALETTE, 2, 3, 1]);
    const busy = (other: readonly number[]) =>
      rgba((i) => (i === last ? other : [i & 255, i & 255, i & 255, 255]));
    expect(layoutOf(await written(busy([0, 0, 0, 255]), { effort }))).toEqual([GRAY, 8, 0, 0]);
    expect((await written(busy([0, 1, 0, 255]), { effort })).colorType).toBe(RGB);
  });

  it('interlaced images are reduced just so', async () => {
    const png = await written(among(colours(4)), { effort, interlaced: true });
    expect(layoutOf(png)).toEqual([PALETTE, 2, 4, 0]);
  });
});

describe('reduction of a palette', () => {
  const indexed = (entries: number[][], used: number): RawImage => ({
    data: Uint8Array.from({ length: SIDE * SIDE }, (_, i) => (i * 7) % used),
    width: SIDE,
    height: SIDE,
    pixelFormat: 'indexed8',
    palette: entries,
  });

  it('keeps entries that are used, at the least depth', async () => {
    expect(layoutOf(await written(indexed(colours(256), 3)))).toEqual([PALETTE, 2, 3, 0]);
    expect(layoutOf(await written(indexed(colours(256), 200)))).toEqual([PALETTE, 8, 200, 0]);
  });

  it('keeps the indices as they are without', async () => {
    const png = await written(indexed(colours(20), 3), { reduce: false });
    expect([png.colorType, png.bitDepth]).toEqual([PALETTE, 8]);
    expect(png.samples).toEqual(Uint16Array.from({ length: SIDE * SIDE }, (_, i) => (i * 7) % 3));
    expect(png.palette!.slice(0, 3)).toEqual(colours(3));
  });

  it('writes alpha of entries in tRNS', async () => {
    const entries = colours(8, (i) => (i < 3 ? i * 20 : 255));
    for (const reduce of [false, true]) {
      const png = await written(indexed(entries, 8), { reduce });
      expect([png.colorType, png.chunks.includes('tRNS')]).toEqual([PALETTE, true]);
      expect(png.palette!.filter(([, , , alpha]) => alpha! < 255).length).toBe(3);
    }
  });

  it('writes indices without an entry as opaque black', async () => {
    const image = { ...indexed(colours(2), 5) };
    for (const reduce of [false, true]) expect((await written(image, { reduce })).colorType).toBe(PALETTE);
  });
});

describe('reduction of 16 bits', () => {
  const noise = random(3);
  const samples = Array.from({ length: SIDE * SIDE * 4 }, () => noise() >>> 16);

  it.each(EFFORTS)('alpha and colour that are not needed go, effort %s', async (effort) => {
    const at = (i: number) => samples.slice(i * 4, i * 4 + 3);
    expect(
      layoutOf(
        await written(
          deep((i) => [...at(i), 65_535], 'rgba16'),
          { effort },
        ),
      ),
    ).toEqual([RGB, 16, 0, 0]);
    const gray = deep((i) => [samples[i]!, samples[i]!, samples[i]!, 65_535], 'rgba16');
    expect(layoutOf(await written(gray, { effort }))).toEqual([GRAY, 16, 0, 0]);
    const seen = deep((i) => [...at(i), i === 0 ? 65_534 : 65_535], 'rgba16');
    expect(layoutOf(await written(seen, { effort }))).toEqual([RGBA, 16, 0, 0]);
    expect(layoutOf(await written(gray, { effort, reduce: false }))).toEqual([RGBA, 16, 0, 0]);
  });

  it('bytes that repeat make 8 bits of 16, under smallest alone', async () => {
    const image = deep((i) => [(i & 255) * 257, ((i >> 2) & 255) * 257, ((i * 7) & 255) * 257], 'rgb16');
    for (const effort of ['fast', 'balanced'] as const) {
      expect(layoutOf(await written(image, { effort }))).toEqual([RGB, 16, 0, 0]);
    }
    expect(layoutOf(await written(image, { effort: 'smallest' }))).toEqual([RGB, 8, 0, 0]);
    expect(layoutOf(await written(image, { effort: 'smallest', reduce: false }))).toEqual([RGB, 16, 0, 0]);
    expect(layoutOf(await written(image, { effort: 'smallest', bitDepth: 16 }))).toEqual([RGB, 16, 0, 0]);
    const one = deep((i) => [(i & 255) * 257, 0, i === 1000 ? 256 : 257], 'rgb16');
    expect((await written(one, { effort: 'smallest' })).bitDepth).toBe(16);
  });

  it('bytes that repeat are looked at further: few colours are a palette, levels of gray fewer bits', async () => {
    const few = deep((i) => [i % 3 ? 65_535 : 0, 257 * 7, 0], 'rgb16');
    expect(layoutOf(await written(few, { effort: 'smallest' }))).toEqual([PALETTE, 1, 2, 0]);
    const levels = deep((i) => [(i % 4) * 85 * 257], 'gray16');
    expect(layoutOf(await written(levels, { effort: 'smallest' }))).toEqual([GRAY, 2, 0, 0]);
  });
});
