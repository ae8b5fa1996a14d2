import type { PixelSource } from '../../../src/image.js';
import { PIXEL_LAYOUTS, type PixelFormat, rowBytes } from '../../../src/pixel-format.js';

/**
 * What `convert` must give, pixel by pixel in plain numbers, sharing no idea with the kernel but the
 * arithmetic of its README.
 */
export function convertReference(
  source: PixelSource,
  target: PixelFormat,
  premultiplied = false,
  background: readonly number[] = [255, 255, 255],
): Uint8Array {
  const { width, height } = source;
  const row = rowBytes(target, width);
  const out = new Uint8Array(row * height);
  const wide = depthOf(source.pixelFormat) === 16 || depthOf(target) === 16;
  const max = wide ? 65535 : 255;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (target === 'indexed8') {
        out[y * row + x] = source.bytes[y * source.strideBytes + x]!;
        continue;
      }
      let pixel = readPixel(source, x, y);
      if (wide && depthOf(source.pixelFormat) === 8) pixel = pixel.map((v) => v * 257);
      pixel = convertAlpha(pixel, max, source, target, premultiplied, background);
      if (PIXEL_LAYOUTS[target].gray) {
        const luma = Math.floor((pixel[0]! * 19595 + pixel[1]! * 38470 + pixel[2]! * 7471 + 32768) / 65536);
        pixel = [luma, luma, luma, pixel[3]!];
      }
      if (wide && depthOf(target) === 8) pixel = pixel.map((v) => Math.floor((v * 255 + 32767) / 65535));
      writePixel(out.subarray(y * row, (y + 1) * row), target, x, pixel);
    }
  }
  return out;
}

/** Each pixel as red, green, blue and alpha, as stored. */
export function readPixel(
  { bytes, pixelFormat, strideBytes, palette }: PixelSource,
  x: number,
  y: number,
): number[] {
  const row = bytes.subarray(y * strideBytes);
  const s8 = (channels: number, i: number) => row[x * channels + i]!;
  const s16 = (channels: number, i: number) => {
    const at = (x * channels + i) * 2;
    return row[at]! + row[at + 1]! * 256;
  };
  switch (pixelFormat) {
    case 'gray8':
      return [row[x]!, row[x]!, row[x]!, 255];
    case 'graya8':
      return [s8(2, 0), s8(2, 0), s8(2, 0), s8(2, 1)];
    case 'rgb8':
      return [s8(3, 0), s8(3, 1), s8(3, 2), 255];
    case 'bgr8':
      return [s8(3, 2), s8(3, 1), s8(3, 0), 255];
    case 'rgba8':
      return [s8(4, 0), s8(4, 1), s8(4, 2), s8(4, 3)];
    case 'bgra8':
      return [s8(4, 2), s8(4, 1), s8(4, 0), s8(4, 3)];
    case 'argb8':
      return [s8(4, 1), s8(4, 2), s8(4, 3), s8(4, 0)];
    case 'rgbx8':
      return [s8(4, 0), s8(4, 1), s8(4, 2), 255];
    case 'bgrx8':
      return [s8(4, 2), s8(4, 1), s8(4, 0), 255];
    case 'gray16':
      return [s16(1, 0), s16(1, 0), s16(1, 0), 65535];
    case 'graya16':
      return [s16(2, 0), s16(2, 0), s16(2, 0), s16(2, 1)];
    case 'rgb16':
      return [s16(3, 0), s16(3, 1), s16(3, 2), 65535];
    case 'rgba16':
      return [s16(4, 0), s16(4, 1), s16(4, 2), s16(4, 3)];
    case 'gray1': {
      const white = row[Math.floor(x / 8)]!.toString(2).padStart(8, '0')[x % 8] === '1';
      return white ? [255, 255, 255, 255] : [0, 0, 0, 255];
    }
    case 'indexed8':
      return [...palette!.subarray(row[x]! * 4, row[x]! * 4 + 4)];
  }
}

function depthOf(pixelFormat: PixelFormat): 8 | 16 {
  return pixelFormat.endsWith('16') ? 16 : 8;
}

function hasAlpha(pixelFormat: PixelFormat): boolean {
  return ['graya8', 'rgba8', 'bgra8', 'argb8', 'graya16', 'rgba16'].includes(pixelFormat);
}

function convertAlpha(
  [r, g, b, a]: number[],
  max: number,
  source: PixelSource,
  target: PixelFormat,
  premultiplied: boolean,
  background: readonly number[],
): number[] {
  const alpha = a!;
  const half = Math.floor(max / 2);
  const each = (op: (sample: number, channel: number) => number, newAlpha = alpha) => [
    ...[r!, g!, b!].map(op),
    newAlpha,
  ];
  const fromPremultiplied = source.premultiplied && hasAlpha(source.pixelFormat);
  if (!hasAlpha(source.pixelFormat) && source.pixelFormat !== 'indexed8') return [r!, g!, b!, alpha];
  if (!hasAlpha(target)) {
    const behind = background.map((v) => v * (max / 255) * (max - alpha));
    return fromPremultiplied
      ? each((v, i) => Math.min(max, v + Math.floor((behind[i]! + half) / max)), max)
      : each((v, i) => Math.floor((v * alpha + behind[i]! + half) / max), max);
  }
  if (premultiplied && !fromPremultiplied) return each((v) => Math.floor((v * alpha + half) / max));
  if (!premultiplied && fromPremultiplied) {
    return each((v) =>
      alpha === 0 ? 0 : Math.min(max, Math.floor((v * max + Math.floor(alpha / 2)) / alpha)),
    );
  }
  return [r!, g!, b!, alpha];
}

function writePixel(row: Uint8Array, pixelFormat: PixelFormat, x: number, [r, g, b, a]: number[]): void {
  if (pixelFormat === 'gray1') {
    if (r! >= 128) row[x >> 3]! += 2 ** (7 - (x % 8));
    return;
  }
  const samples = {
    gray8: [r],
    graya8: [r, a],
    rgb8: [r, g, b],
    bgr8: [b, g, r],
    rgba8: [r, g, b, a],
    bgra8: [b, g, r, a],
    argb8: [a, r, g, b],
    rgbx8: [r, g, b, 255],
    bgrx8: [b, g, r, 255],
    gray16: [r],
    graya16: [r, a],
    rgb16: [r, g, b],
    rgba16: [r, g, b, a],
    indexed8: [],
  }[pixelFormat] as number[];
  const bytes = pixelFormat.endsWith('16') ? samples.flatMap((v) => [v & 255, v >> 8]) : samples;
  row.set(bytes, x * bytes.length);
}
