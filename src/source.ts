import type { CanvasSource } from './canvas.js';
import { CodecError, wrongKind } from './errors.js';
import type { ImageFormat } from './formats.js';
import { type PixelSource, type RawImage, resolveImage } from './image.js';
import { checkSize, type Limits } from './limits.js';

/** What `encode` takes: pixels in memory or, in browsers, anything that can be drawn on a canvas at once. */
export type ImageSource = RawImage | ImageData | CanvasSource;

const CANVAS_BRANDS = ['ImageBitmap', 'HTMLCanvasElement', 'OffscreenCanvas', 'VideoFrame'];

function canvasSize(source: CanvasSource): { width: number; height: number } {
  return 'displayWidth' in source
    ? { width: source.displayWidth, height: source.displayHeight }
    : { width: source.width, height: source.height };
}

/**
 * Checks a source and, where it is no plain memory, reads its pixels.
 *
 * @throws TypeError where the source, or a field of it, is of the wrong kind
 * @throws RangeError where sizes do not fit together
 * @throws CodecError `LIMIT_EXCEEDED`, before memory is taken
 */
export async function readSource(
  source: ImageSource,
  format: ImageFormat,
  limits: Required<Limits>,
): Promise<PixelSource> {
  if (typeof source !== 'object' || source === null) {
    throw wrongKind(`a RawImage, an ImageData, or one of ${CANVAS_BRANDS.join(', ')}`, 'source', source);
  }
  // By brand, so that an object of another realm counts too.
  const brand = Object.prototype.toString.call(source).slice(8, -1);
  if (CANVAS_BRANDS.includes(brand)) {
    const { width, height } = canvasSize(source as CanvasSource);
    if (!(Number.isSafeInteger(width) && width > 0 && Number.isSafeInteger(height) && height > 0)) {
      // A closed ImageBitmap or VideoFrame has no size either.
      throw new CodecError('CODEC_FAILED', `The ${brand} has no pixels: ${width}x${height}`, { format });
    }
    checkSize(width, height, format, limits);
    const { readCanvas } = await import('./canvas.js');
    return resolveImage(await readCanvas(source as CanvasSource, width, height));
  }
  if (brand !== 'ImageData')
    return resolveImage(source as RawImage, (w, h) => checkSize(w, h, format, limits));
  // ImageData has a pixelFormat of its own, with names of its own.
  const { data, width, height, pixelFormat } = source as ImageData & { pixelFormat?: string };
  if (pixelFormat !== undefined && pixelFormat !== 'rgba-unorm8') {
    throw new CodecError('UNSUPPORTED_FEATURE', `ImageData of ${pixelFormat} cannot be encoded yet`, {
      format,
    });
  }
  return resolveImage({ data, width, height, pixelFormat: 'rgba8' }, (w, h) =>
    checkSize(w, h, format, limits),
  );
}
