import type { EnginePixels } from '../engines/engine.js';
import { loadPixels } from '../engines/kernels/pixels.js';
import type { ImageLayout, PixelSource } from '../image.js';
import type { Rgb } from '../options.js';
import { orient } from '../orient.js';
import { PIXEL_LAYOUTS } from '../pixel-format.js';
import type { DecodedImage, ResolvedDecodeOptions } from './codec.js';

/** Whether an image can hold a pixel that is not opaque. */
export function mayBeTransparent({ palette, pixelFormat }: ImageLayout): boolean {
  return palette
    ? palette.some((sample, at) => at % 4 === 3 && sample < 255)
    : PIXEL_LAYOUTS[pixelFormat].alpha;
}

/** Whether a caller's pixels are RGBA8 as engines want them: then nothing needs to be converted or copied. */
function isEngineReady(image: PixelSource): boolean {
  return image.pixelFormat === 'rgba8' && !image.premultiplied && image.strideBytes === image.width * 4;
}

/**
 * An image as the RGBA8 that the engines take, straight alpha.
 *
 * @param background where given, alpha is flattened on it and the result is opaque
 * @returns the caller's own bytes where they are that already, else new ones
 */
export async function toRgba8(
  image: PixelSource,
  signal?: AbortSignal,
  background?: Rgb,
): Promise<Uint8Array> {
  const flatten = background !== undefined && mayBeTransparent(image);
  if (!flatten && isEngineReady(image)) return image.bytes;
  const kernel = await loadPixels();
  signal?.throwIfAborted();
  return kernel.convert(image, flatten ? { pixelFormat: 'rgbx8', background } : { pixelFormat: 'rgba8' });
}

/** What an engine decoded, turned and converted as the caller wants it. */
export async function finishDecode(
  pixels: EnginePixels,
  depth: 8 | 16,
  orientation: number | undefined,
  { autoOrient, pixelFormat, background, signal }: ResolvedDecodeOptions,
): Promise<DecodedImage> {
  signal?.throwIfAborted();
  const { data, width, height } = orient(pixels, autoOrient ? (orientation ?? 1) : 1, depth === 8 ? 4 : 8);
  if (depth === 8 && pixelFormat === 'rgba8') return { data, width, height, pixelFormat };
  const kernel = await loadPixels();
  signal?.throwIfAborted();
  const converted = kernel.convert(
    {
      bytes: data,
      width,
      height,
      pixelFormat: depth === 8 ? 'rgba8' : 'rgba16',
      strideBytes: width * (depth === 8 ? 4 : 8),
      premultiplied: false,
    },
    { pixelFormat, background },
  );
  const wide = PIXEL_LAYOUTS[pixelFormat].sampleBits === 16;
  return { data: wide ? new Uint16Array(converted.buffer) : converted, width, height, pixelFormat };
}
