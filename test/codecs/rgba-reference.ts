import type { PixelFormat } from '../../src/pixel-format.js';

/** The samples of a pixel in the order of their bytes: Y is gray, X is ignored. */
const SAMPLES: Readonly<Record<Exclude<PixelFormat, 'gray1' | 'indexed8'>, string>> = {
  gray8: 'Y',
  graya8: 'YA',
  rgb8: 'RGB',
  rgba8: 'RGBA',
  bgr8: 'BGR',
  bgra8: 'BGRA',
  argb8: 'ARGB',
  rgbx8: 'RGBX',
  bgrx8: 'BGRX',
  gray16: 'Y',
  graya16: 'YA',
  rgb16: 'RGB',
  rgba16: 'RGBA',
};

/** The names of the pixel formats, from here and not from the code under test. */
export const ALL_FORMATS = [...(Object.keys(SAMPLES) as PixelFormat[]), 'gray1', 'indexed8'] as const;

/** The samples of a pixel in the order of their bytes, none for formats without. */
export function samplesOf(pixelFormat: PixelFormat): string {
  return pixelFormat === 'gray1' || pixelFormat === 'indexed8' ? '' : SAMPLES[pixelFormat];
}

/** Pixels and all that is needed to read them. */
export interface ReferenceImage {
  /** From the first byte of the first row. */
  readonly bytes: Uint8Array;
  readonly width: number;
  readonly height: number;
  readonly pixelFormat: PixelFormat;
  readonly strideBytes: number;
  readonly premultiplied: boolean;
  /** Entries of `indexed8`, 3 or 4 samples each. */
  readonly palette?: readonly (readonly number[])[];
}

/** Bits a sample that the format holds: 8 for gray1 and indexed8 too. */
export function depthOf(pixelFormat: PixelFormat): 8 | 16 {
  return pixelFormat.endsWith('16') ? 16 : 8;
}

/** Bytes of a row without padding. */
export function rowLength(pixelFormat: PixelFormat, width: number): number {
  if (pixelFormat === 'gray1') return Math.ceil(width / 8);
  return pixelFormat === 'indexed8'
    ? width
    : (width * SAMPLES[pixelFormat].length * depthOf(pixelFormat)) / 8;
}

/** Whether pixels can be other than opaque. */
export function hasAlpha({ pixelFormat, palette }: Pick<ReferenceImage, 'pixelFormat' | 'palette'>): boolean {
  if (pixelFormat === 'indexed8') return !!palette?.some(([, , , alpha = 255]) => alpha < 255);
  return pixelFormat !== 'gray1' && SAMPLES[pixelFormat].includes('A');
}

function storedRgba(image: ReferenceImage, row: DataView, x: number): number[] {
  const { pixelFormat } = image;
  if (pixelFormat === 'gray1') {
    const white = (row.getUint8(Math.floor(x / 8)) / 2 ** (7 - (x % 8))) & 1;
    return [white * 255, white * 255, white * 255, 255];
  }
  if (pixelFormat === 'indexed8') {
    const [r, g, b, a = 255] = image.palette?.[row.getUint8(x)] ?? [0, 0, 0];
    return [r!, g!, b!, a];
  }
  const depth = depthOf(pixelFormat);
  const order = SAMPLES[pixelFormat];
  const sample = (name: string, absent: number) => {
    const at = order.indexOf(name);
    if (at < 0) return absent;
    const index = x * order.length + at;
    return depth === 8 ? row.getUint8(index) : row.getUint16(index * 2, true);
  };
  const gray = sample('Y', 0);
  return [sample('R', gray), sample('G', gray), sample('B', gray), sample('A', 2 ** depth - 1)];
}

/**
 * An image as straight RGBA of that depth, by the definitions and with no idea of the kernels: 8 bits become 16 times 257, colour is
 * divided by alpha, and 16 bits become 8 by rounding, in that order.
 */
export function referenceRgba(image: ReferenceImage, depth: 8 | 16): Uint16Array {
  const { width, height, bytes, strideBytes, pixelFormat } = image;
  const stored = depthOf(pixelFormat);
  const max = 2 ** Math.max(depth, stored) - 1;
  const divide = image.premultiplied && pixelFormat !== 'indexed8' && hasAlpha(image);
  const out = new Uint16Array(width * height * 4);
  for (let y = 0; y < height; y++) {
    const row = new DataView(bytes.buffer, bytes.byteOffset + y * strideBytes);
    for (let x = 0; x < width; x++) {
      const widened = storedRgba(image, row, x).map((v) => (depth > stored ? v * 257 : v));
      const alpha = widened[3]!;
      const straight = divide
        ? widened.map((v, channel) => {
            if (channel === 3) return v;
            return alpha === 0 ? 0 : Math.min(max, Math.floor((v * max + Math.floor(alpha / 2)) / alpha));
          })
        : widened;
      const result = depth < stored ? straight.map((v) => Math.floor((v * 255 + 32767) / 65535)) : straight;
      out.set(result, (y * width + x) * 4);
    }
  }
  return out;
}
