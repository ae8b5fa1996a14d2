import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { writeWebp } from '../../../src/container/webp-write.js';
import { encodeJpegPixels } from '../../../src/engines/jsquash/mozjpeg.js';
import { vp8Kernel } from '../../../src/engines/kernels/vp8.js';
import { vp8lKernel } from '../../../src/engines/kernels/vp8l.js';
import type { EncodeFormat } from '../../../src/formats.js';
import type { PixelSource } from '../../../src/image.js';
import { encode, type RawImage } from '../../../src/index.js';
import { DEFAULT_LIMITS } from '../../../src/limits.js';
import type { PixelFormat } from '../../../src/pixel-format.js';
import { rejection } from '../../setup/fresh.js';

// jSquash's encoder for JPEG does not check the length of the pixels: given fewer than the image has, it goes on into what its memory
// held before, which is the image of an earlier caller. Kernels of our own would do so within a strip. Here earlier callers are magenta,
// and of the others each has another green than those around it.

const CALL = { limits: DEFAULT_LIMITS };

const MAGENTA = [255, 0, 255, 255] as const;

/** The colour of a call: further from those of the 24 calls before and behind it than a lossy codec could make it. */
function greenOf(call: number): number[] {
  return [0, 60 + 40 * (call % 5), 40 * (Math.floor(call / 5) % 5), 255];
}

/** Bytes of a pixel of that colour. */
const PIXEL = {
  rgba8: ([r, g, b, a]: readonly number[]) => [r, g, b, a],
  bgra8: ([r, g, b, a]: readonly number[]) => [b, g, r, a],
  rgb8: ([r, g, b]: readonly number[]) => [r, g, b],
  rgbx8: ([r, g, b]: readonly number[]) => [r, g, b, 0],
  rgb16: ([r, g, b]: readonly number[]) => [r, r, g, g, b, b],
  rgba16: ([r, g, b, a]: readonly number[]) => [r, r, g, g, b, b, a, a],
} satisfies Partial<Record<PixelFormat, (colour: readonly number[]) => unknown>>;
type Layout = keyof typeof PIXEL;
const LAYOUTS = Object.keys(PIXEL) as Layout[];

type Resizable = ArrayBuffer & { resize(length: number): void };
const ResizableBuffer = ArrayBuffer as unknown as new (
  length: number,
  options: { maxByteLength: number },
) => Resizable;

/** What an adversary does with the pixels of one call. */
interface Attack {
  readonly image: RawImage;
  /** Called some microtasks after the call began. */
  readonly meanwhile?: () => void;
  /** What has to come of it: the caller's own pixels, an error that says it is the caller's mistake, or either. */
  readonly outcome: 'own' | 'mistake' | 'either';
}

interface Size {
  readonly width: number;
  readonly height: number;
  readonly layout: Layout;
  readonly colour: readonly number[];
  readonly random: (below: number) => number;
}

function fill(layout: Layout, pixels: number, colour: readonly number[]): Uint8Array<ArrayBuffer> {
  const pixel = PIXEL[layout](colour) as number[];
  return Uint8Array.from({ length: pixels * pixel.length }, (_, i) => pixel[i % pixel.length]!);
}

function detach(buffer: ArrayBuffer): void {
  structuredClone(buffer, { transfer: [buffer] });
}

/** A view that tells each reader something else about itself. */
class Liar extends Uint8Array<ArrayBuffer> {
  static claimed = 0;
  override get length(): number {
    return Liar.claimed;
  }
  override get byteLength(): number {
    return Liar.claimed;
  }
}

/** Half the bytes under the species that `subarray` and `slice` construct, of the claimed length. */
class ShortSpecies extends Uint8Array<ArrayBuffer> {
  static get [Symbol.species]() {
    // biome-ignore lint/complexity/useArrowFunction: called with new
    return function (buffer: ArrayBuffer) {
      return new Uint8Array(buffer, 0, buffer.byteLength >> 1);
    } as unknown as typeof Uint8Array;
  }
}

const ATTACKS: Record<string, (size: Size) => Attack> = {
  'far fewer bytes than the image has': ({ width, height, layout }) => ({
    image: { data: new Uint8Array(16), width, height, pixelFormat: layout },
    outcome: 'mistake',
  }),
  'one byte less than the image has': ({ width, height, layout, colour }) => ({
    image: { data: fill(layout, width * height, colour).subarray(1), width, height, pixelFormat: layout },
    outcome: 'mistake',
  }),
  'no bytes': ({ width, height, layout }) => ({
    image: { data: new ArrayBuffer(0), width, height, pixelFormat: layout },
    outcome: 'mistake',
  }),
  'fewer bytes, and no pixel format': ({ width, height }) => ({
    image: { data: new Uint8Array(width * height + 3), width: width * 2, height: height * 2 },
    outcome: 'mistake',
  }),
  'more bytes than the image has': ({ width, height, layout, colour }) => {
    const pixels = width * height;
    const data = new Uint8Array([...fill(layout, pixels, colour), ...fill(layout, pixels, MAGENTA)]);
    return { image: { data, width, height, pixelFormat: layout }, outcome: 'own' };
  },
  'a view amid other pixels': ({ width, height, layout, colour }) => {
    const own = fill(layout, width * height, colour);
    const memory = fill('rgba8', own.length, MAGENTA);
    memory.set(own, own.length + 4);
    const data = memory.subarray(own.length + 4, own.length * 2 + 4);
    return { image: { data, width, height, pixelFormat: layout }, outcome: 'own' };
  },
  'a DataView amid other pixels': ({ width, height, layout, colour }) => {
    const own = fill(layout, width * height, colour);
    const memory = fill('rgba8', own.length, MAGENTA);
    memory.set(own, 8);
    const data = new DataView(memory.buffer, 8, own.length);
    return { image: { data, width, height, pixelFormat: layout }, outcome: 'own' };
  },
  'rows with other pixels between them': ({ width, height, layout, colour, random }) => {
    const row = fill(layout, width, colour);
    const strideBytes = row.length + row.length * (1 + random(3));
    const data = fill('rgba8', (strideBytes * height) / 4 + 1, MAGENTA);
    for (let y = 0; y < height; y++) data.set(row, y * strideBytes);
    return { image: { data, width, height, pixelFormat: layout, strideBytes }, outcome: 'own' };
  },
  'a stride that leads behind the end': ({ width, height, layout, colour }) => {
    const data = fill(layout, width * height, colour);
    return {
      image: { data, width, height, pixelFormat: layout, strideBytes: data.length },
      outcome: 'mistake',
    };
  },
  'a stride below the row': ({ width, height, layout, colour }) => ({
    image: {
      data: fill(layout, width * height, colour),
      width,
      height,
      pixelFormat: layout,
      strideBytes: width - 1,
    },
    outcome: 'mistake',
  }),
  'a size that grows from look to look': ({ width, height, layout, colour }) => {
    let looks = 0;
    const image = {
      data: fill(layout, width * height, colour),
      pixelFormat: layout,
      get width() {
        return width * 2 ** Math.min(looks++, 4);
      },
      height,
    };
    return { image, outcome: 'own' };
  },
  'a height that grows from look to look': ({ width, height, layout, colour }) => {
    let looks = 0;
    const image = {
      data: fill(layout, width * height, colour),
      pixelFormat: layout,
      width,
      get height() {
        return height * 2 ** Math.min(looks++, 4);
      },
    };
    return { image, outcome: 'own' };
  },
  'pixels that are fewer at the second look': ({ width, height, layout, colour }) => {
    let looks = 0;
    const image = {
      get data() {
        return looks++ ? new Uint8Array(4) : fill(layout, width * height, colour);
      },
      pixelFormat: layout,
      width,
      height,
    };
    return { image, outcome: 'own' };
  },
  'a size that grows meanwhile': ({ width, height, layout, colour }) => {
    const image = { data: fill(layout, width * height, colour), pixelFormat: layout, width, height };
    const meanwhile = () => Object.assign(image, { width: width * 4, height: height * 4, strideBytes: 1 });
    return { image, meanwhile, outcome: 'either' };
  },
  'memory that was detached before': ({ width, height, layout, colour }) => {
    const data = fill(layout, width * height, colour);
    detach(data.buffer);
    return { image: { data, width, height, pixelFormat: layout }, outcome: 'mistake' };
  },
  'memory that is detached meanwhile': ({ width, height, layout, colour }) => {
    const data = fill(layout, width * height, colour);
    const meanwhile = () => detach(data.buffer);
    return { image: { data, width, height, pixelFormat: layout }, meanwhile, outcome: 'either' };
  },
  'memory that shrinks meanwhile': ({ width, height, layout, colour, random }) => {
    const own = fill(layout, width * height, colour);
    const memory = new ResizableBuffer(own.length, { maxByteLength: own.length * 2 });
    new Uint8Array(memory).set(own);
    const data = random(2) ? memory : new Uint8Array(memory);
    const meanwhile = () => memory.resize(random(own.length));
    return { image: { data, width, height, pixelFormat: layout }, meanwhile, outcome: 'either' };
  },
  'memory that grows meanwhile': ({ width, height, layout, colour }) => {
    const own = fill(layout, width * height, colour);
    const memory = new ResizableBuffer(own.length, { maxByteLength: own.length * 2 });
    new Uint8Array(memory).set(own);
    const meanwhile = () => memory.resize(own.length * 2);
    return {
      image: { data: new Uint8Array(memory), width, height, pixelFormat: layout },
      meanwhile,
      outcome: 'own',
    };
  },
  'a view that lies about its length': ({ width, height, layout, colour }) => {
    Liar.claimed = fill(layout, width * height, colour).length;
    return {
      image: { data: new Liar(new ArrayBuffer(16)), width, height, pixelFormat: layout },
      outcome: 'mistake',
    };
  },
  'a view whose parts are shorter than asked for': ({ width, height, layout, colour }) => {
    const data = new ShortSpecies(fill(layout, width * height, colour).buffer);
    return { image: { data, width, height, pixelFormat: layout }, outcome: 'own' };
  },
  'a proxy of a view': ({ width, height, layout, colour }) => {
    const length = fill(layout, width * height, colour).length;
    const short = new Uint8Array(16);
    const part: Uint8Array = new Proxy(short, {
      get: (target, key) =>
        /ength/.test(String(key)) ? length : key === 'subarray' ? () => part : Reflect.get(target, key),
    });
    return { image: { data: part, width, height, pixelFormat: layout }, outcome: 'mistake' };
  },
};

/** Each with an engine of its own. */
const ENCODINGS: readonly (readonly [EncodeFormat, object])[] = [
  ['jpeg', {}],
  ['jpeg', { effort: 'smallest' }],
  ['webp', { effort: 'fast' }],
  ['webp', { effort: 'fast', lossless: true }],
  ['png', {}],
  ['raw', { pixelFormat: 'rgb8' }],
];

/** The image of an earlier caller: as large as any of the attacks claims. */
function earlier(layout: Layout): RawImage {
  return { data: fill(layout, 48 * 48, MAGENTA), width: 48, height: 48, pixelFormat: layout };
}

/** Whether all pixels have that colour, as far as a lossy codec leaves it to them. */
async function isAll(file: Uint8Array, colour: readonly number[]): Promise<boolean> {
  const rgb = await sharp(file).removeAlpha().toColourspace('srgb').raw().toBuffer();
  return rgb.every((sample, i) => Math.abs(sample - colour[i % 3]!) <= 12);
}

it('10,000 adversarial calls: no pixel of an earlier caller, and no error but those that are documented', async () => {
  let seed = 7;
  const random = (below: number) => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((seed / 2 ** 32) * below);
  };
  const names = Object.keys(ATTACKS);
  const outcomes: Record<string, Record<string, number>> = {};
  for (const name of names) outcomes[name] = { own: 0, mistake: 0, failure: 0 };
  const failures: string[] = [];
  let calls = 0;

  while (calls < 10_000) {
    const batch = Array.from({ length: 40 }, async () => {
      const name = names[calls % names.length]!;
      const colour = greenOf(calls++);
      const [format, options] = ENCODINGS[random(ENCODINGS.length)]!;
      // Half of them need no conversion: then the encoder's own memory is the one at risk, else that of the kernel `pixels`.
      const layout = random(2) ? 'rgba8' : LAYOUTS[random(LAYOUTS.length)]!;
      const { image, meanwhile, outcome } = ATTACKS[name]!({
        width: 2 + random(15),
        height: 2 + random(15),
        layout,
        colour,
        random,
      });
      if (calls % 4 === 0) await encode(earlier(layout), format, options);
      const call = encode(image, format, options);
      if (meanwhile) {
        for (let i = random(30); i > 0; i--) await undefined;
        meanwhile();
      }
      let got: 'own' | 'mistake' | 'failure';
      try {
        const file = await call;
        const own =
          format === 'raw' ? file.every((sample, i) => sample === colour[i % 3]) : await isAll(file, colour);
        if (!own) failures.push(`${name}, ${format} of ${layout}: pixels that are not the caller's`);
        got = 'own';
      } catch (error) {
        const { name: kind } = error as Error;
        const documented = error instanceof Error && /^(TypeError|RangeError|CodecError)$/.test(kind);
        if (!documented) failures.push(`${name}, ${format} of ${layout}: ${String(error)}`);
        got = kind === 'CodecError' ? 'failure' : 'mistake';
      }
      if (outcome !== 'either' && got !== outcome) failures.push(`${name}, ${format} of ${layout}: ${got}`);
      outcomes[name]![got]! += 1;
    });
    await Promise.all(batch);
  }

  expect([...new Set(failures)]).toEqual([]);
  // Those that depend on the moment met each.
  for (const name of ['memory that is detached meanwhile', 'memory that shrinks meanwhile']) {
    expect(outcomes[name]!.own, name).toBeGreaterThan(20);
    expect(outcomes[name]!.mistake, name).toBeGreaterThan(20);
    expect(outcomes[name]!.failure, name).toBeGreaterThan(5);
  }
});

/** Encodes that many bytes of 16x16 pixels of RGBA, by what lies below every check but the last. */
const ENGINES: Record<string, (bytes: Uint8Array) => Promise<Uint8Array>> = {
  mozjpeg: (bytes) => {
    const settings = { quality: 80, progressive: false, gray: false, chromaStep: 2 } as const;
    return encodeJpegPixels(bytes, 16, 16, settings, CALL);
  },
  vp8: async (bytes) => {
    const settings = { quality: 80, effort: 'fast', exact: false } as const;
    return writeWebp([['VP8 ', await vp8Kernel.encode(sourceOf(bytes), settings, CALL)]]);
  },
  vp8l: async (bytes) => {
    const settings = { effort: 'fast' } as const;
    return writeWebp([['VP8L', await vp8lKernel.encode(sourceOf(bytes), settings, CALL)]]);
  },
};

function sourceOf(bytes: Uint8Array): PixelSource {
  return { bytes, width: 16, height: 16, pixelFormat: 'rgba8', strideBytes: 64, premultiplied: false };
}

// In the calls above the last guard is not alone: V8 refuses to copy from memory that was detached. Here it is.
describe.each(Object.keys(ENGINES))('%s', (name) => {
  const encodePixels = ENGINES[name]!;

  // A kernel takes what it needs of more.
  const more = name === 'mozjpeg' ? [1025, 4096] : [];
  it.each([0, 16, 1023, ...more])('refuses %i bytes as 16x16 pixels of RGBA', async (length) => {
    await encodePixels(fill('rgba8', 256, MAGENTA));
    expect(await rejection(encodePixels(new Uint8Array(length)))).toMatchObject({ code: 'CODEC_FAILED' });
    expect(await isAll(await encodePixels(fill('rgba8', 256, greenOf(0))), greenOf(0))).toBe(true);
  });
});
