import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import type { RawImage } from '../../src/image.js';
import type { Rgb } from '../../src/options.js';
import type { PixelFormat } from '../../src/pixel-format.js';
import { noise, random } from './random-image.js';

/** Straight RGBA, 8 bits a sample, rows adjacent. */
export interface Picture {
  readonly rgba: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/** A picture in one pixel format, and what a JPEG of it is an approximation of. */
export interface Specimen {
  readonly source: RawImage;
  /** Gray, or red, green and blue, 8 bits a sample, alpha flattened. */
  readonly expected: Buffer;
  readonly channels: 1 | 3;
  readonly background: Rgb;
}

/** A way to hand a picture over. */
export interface Variant {
  readonly name: string;
  readonly make: (picture: Picture, background: Rgb) => Specimen;
}

type Read = (picture: Picture, pixel: number) => ArrayLike<number>;

/** Noise between the rows too: who reads there is seen. */
function fromBytes(
  picture: Picture,
  pixelFormat: PixelFormat,
  pixelBytes: number,
  write: (to: Uint8Array, at: number, pixel: number) => void,
): RawImage {
  const { width, height } = picture;
  const strideBytes = width * pixelBytes + ((width * 3 + height) % 4);
  const data = noise(strideBytes * height, width + height);
  for (let y = 0, pixel = 0; y < height; y++) {
    for (let x = 0; x < width; x++, pixel++) write(data, y * strideBytes + x * pixelBytes, pixel);
  }
  return { data, width, height, pixelFormat, strideBytes };
}

/** The samples of a pixel in memory by their index in what `read` gives; -1 is a byte that is ignored. */
function samples(picture: Picture, pixelFormat: PixelFormat, order: readonly number[], read: Read): RawImage {
  const wide = pixelFormat.endsWith('16');
  return fromBytes(picture, pixelFormat, order.length * (wide ? 2 : 1), (to, at, pixel) => {
    const values = read(picture, pixel);
    order.forEach((index, i) => {
      if (index < 0) return;
      // Both bytes of v * 257 are v, in either order.
      if (wide) to.fill(values[index]!, at + 2 * i, at + 2 * i + 2);
      else to[at + i] = values[index]!;
    });
  });
}

function expectedOf(
  { rgba }: Picture,
  channels: 1 | 3,
  pixelOf: (pixel: number) => ArrayLike<number>,
): Buffer {
  const expected = Buffer.alloc((rgba.length / 4) * channels);
  for (let pixel = 0; pixel < rgba.length / 4; pixel++) {
    const values = pixelOf(pixel);
    for (let c = 0; c < channels; c++) expected[pixel * channels + c] = values[c]!;
  }
  return expected;
}

const readRgba: Read = ({ rgba }, pixel) => rgba.subarray(pixel * 4, pixel * 4 + 4);
const readOpaque: Read = ({ rgba }, pixel) => [
  rgba[pixel * 4]!,
  rgba[pixel * 4 + 1]!,
  rgba[pixel * 4 + 2]!,
  255,
];
/** Gray and alpha. */
const readGray: Read = ({ rgba }, pixel) => [grayOf(rgba, pixel), rgba[pixel * 4 + 3]!];
const readOpaqueGray: Read = ({ rgba }, pixel) => [grayOf(rgba, pixel), 255];

function grayOf(rgba: Uint8Array, pixel: number): number {
  return (rgba[pixel * 4]! + 2 * rgba[pixel * 4 + 1]! + rgba[pixel * 4 + 2]! + 2) >> 2;
}

/** On the background, by the definition. */
function flattened(values: ArrayLike<number>, background: readonly number[]): number[] {
  const alpha = values[values.length - 1]!;
  return background.map((behind, c) =>
    Math.floor((values[Math.min(c, values.length - 2)]! * alpha + behind * (255 - alpha) + 127) / 255),
  );
}

const COLOUR_ORDERS = {
  rgb8: [0, 1, 2],
  rgba8: [0, 1, 2, 3],
  bgr8: [2, 1, 0],
  bgra8: [2, 1, 0, 3],
  argb8: [3, 0, 1, 2],
  rgbx8: [0, 1, 2, -1],
  bgrx8: [2, 1, 0, -1],
  rgb16: [0, 1, 2],
  rgba16: [0, 1, 2, 3],
} as const;

const GRAY_ORDERS = { gray8: [0], graya8: [0, 1], gray16: [0], graya16: [0, 1] } as const;

function keysOf<T extends object>(table: T): (keyof T & PixelFormat)[] {
  return Object.keys(table) as (keyof T & PixelFormat)[];
}

const colours = keysOf(COLOUR_ORDERS).map(
  (pixelFormat): Variant => ({
    name: pixelFormat,
    make: (picture, background) => ({
      source: samples(picture, pixelFormat, COLOUR_ORDERS[pixelFormat], readOpaque),
      expected: expectedOf(picture, 3, (pixel) => readOpaque(picture, pixel)),
      channels: 3,
      background,
    }),
  }),
);

/** Gray and alpha on a background that has a colour would have one, too. */
const grays = keysOf(GRAY_ORDERS).map(
  (pixelFormat): Variant => ({
    name: pixelFormat,
    make: (picture, [level]) => ({
      source: samples(picture, pixelFormat, GRAY_ORDERS[pixelFormat], readOpaqueGray),
      expected: expectedOf(picture, 1, (pixel) => readOpaqueGray(picture, pixel)),
      channels: 1,
      background: [level, level, level],
    }),
  }),
);

const flattenedColours = (['rgba8', 'bgra8', 'argb8', 'rgba16'] as const).map(
  (pixelFormat): Variant => ({
    name: `${pixelFormat} on a background`,
    make: (picture, background) => ({
      source: samples(picture, pixelFormat, COLOUR_ORDERS[pixelFormat], readRgba),
      expected: expectedOf(picture, 3, (pixel) => flattened(readRgba(picture, pixel), background)),
      channels: 3,
      background,
    }),
  }),
);

/** Gray as long as the background is, too. */
const flattenedGrays = (['graya8', 'graya16'] as const).flatMap((pixelFormat): Variant[] => [
  {
    name: `${pixelFormat} on gray`,
    make: (picture, [level]) => ({
      source: samples(picture, pixelFormat, [0, 1], readGray),
      expected: expectedOf(picture, 1, (pixel) => flattened(readGray(picture, pixel), [level])),
      channels: 1,
      background: [level, level, level],
    }),
  },
  {
    name: `${pixelFormat} on a background`,
    make: (picture, background) => ({
      source: samples(picture, pixelFormat, [0, 1], readGray),
      expected: expectedOf(picture, 3, (pixel) => flattened(readGray(picture, pixel), background)),
      channels: 3,
      background,
    }),
  },
]);

/** A checkerboard's threshold, so that black and white mix as they would in print. */
const gray1: Variant = {
  name: 'gray1',
  make: (picture, background) => {
    const { width, height, rgba } = picture;
    const isWhite = (pixel: number) =>
      grayOf(rgba, pixel) > (((pixel % width) + Math.floor(pixel / width)) % 2 ? 96 : 160);
    const strideBytes = Math.ceil(width / 8) + (height % 3);
    const data = noise(strideBytes * height, width);
    for (let pixel = 0; pixel < width * height; pixel++) {
      const at = Math.floor(pixel / width) * strideBytes + ((pixel % width) >> 3);
      const bit = 128 >> ((pixel % width) & 7);
      data[at] = isWhite(pixel) ? data[at]! | bit : data[at]! & ~bit;
    }
    return {
      source: { data, width, height, pixelFormat: 'gray1', strideBytes },
      expected: expectedOf(picture, 1, (pixel) => [isWhite(pixel) ? 255 : 0]),
      channels: 1,
      background,
    };
  },
};

/** Levels a sample of the palettes, opaque and not: 256 entries each. */
const OPAQUE_PALETTE = makePalette([8, 8, 4, 1]);
const ALPHA_PALETTE = makePalette([4, 4, 4, 4]);

function makePalette(levels: readonly number[]) {
  const count = levels.reduce((product, n) => product * n);
  const level = (sample: number, n: number) => (n === 1 ? 0 : Math.round((sample * (n - 1)) / 255));
  const entries = Array.from({ length: count }, (_, index) => {
    let rest = index;
    return levels.map((n) => {
      const at = rest % n;
      rest = Math.floor(rest / n);
      return n === 1 ? 255 : Math.round((at * 255) / (n - 1));
    });
  });
  const indexOf = (values: ArrayLike<number>) =>
    levels.reduceRight((index, n, c) => index * n + level(values[c]!, n), 0);
  return { entries, indexOf };
}

function indexed8(name: string, { entries, indexOf }: ReturnType<typeof makePalette>, read: Read): Variant {
  return {
    name,
    make: (picture, background) => ({
      source: {
        ...fromBytes(picture, 'indexed8', 1, (to, at, pixel) => {
          to[at] = indexOf(read(picture, pixel));
        }),
        palette: entries,
      },
      expected: expectedOf(picture, 3, (pixel) =>
        flattened(entries[indexOf(read(picture, pixel))]!, background),
      ),
      channels: 3,
      background,
    }),
  };
}

/** Every pixel format opaque, and those that can be transparent flattened on a background. */
export const VARIANTS: readonly Variant[] = [
  ...colours,
  indexed8('indexed8', OPAQUE_PALETTE, readOpaque),
  ...grays,
  gray1,
  ...flattenedColours,
  indexed8('indexed8 on a background', ALPHA_PALETTE, readRgba),
  ...flattenedGrays,
];

/** Draws pictures of any size: parts of two photographs, and of something between a drawing and noise, in turns by the seed. */
export async function openPictures(): Promise<(width: number, height: number, seed: number) => Picture> {
  const photographs = await Promise.all(
    ['coffee.png', 'astronaut.png'].map((name) =>
      sharp(fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url)))
        .removeAlpha()
        .raw()
        .toBuffer({ resolveWithObject: true }),
    ),
  );
  return (width, height, seed) => {
    const next = random(seed);
    const photograph = photographs[seed % 3];
    const left = photograph ? next() % (photograph.info.width - width + 1) : 0;
    const top = photograph ? next() % (photograph.info.height - height + 1) : 0;
    const rgba = new Uint8Array(width * height * 4);
    for (let y = 0, at = 0; y < height; y++) {
      for (let x = 0; x < width; x++, at += 4) {
        if (photograph) {
          const from = ((top + y) * photograph.info.width + left + x) * 3;
          rgba.set(photograph.data.subarray(from, from + 3), at);
        } else {
          for (let c = 0; c < 3; c++) {
            const wave = Math.sin((x + seed) / 5 + c) * 50 + Math.cos((y - seed) / (4 + c)) * 40;
            rgba[at + c] = 118 + wave + ((x * 5) % 24 > y ? 20 : 0) + (next() % 12);
          }
        }
        // Slopes between holes and what is opaque.
        rgba[at + 3] = Math.max(0, Math.min(255, 128 + 200 * Math.sin((x + 2 * y + seed) / 6)));
      }
    }
    return { rgba, width, height };
  };
}
