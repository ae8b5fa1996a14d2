import { type CanvasSource, type Dom, readCanvas } from './canvas.js';
import { CodecError, wrongKind, wrongValue } from './errors.js';
import type { ImageFormat } from './formats.js';
import { type PixelSource, type RawImage, resolveImage } from './image.js';
import { checkSize, type Limits } from './limits.js';

/** What `encode` takes: pixels in memory or, in browsers, anything that can be drawn on a canvas at once. */
export type ImageSource = RawImage | Dom<'ImageData'> | CanvasSource;

const CANVAS_BRANDS = ['ImageBitmap', 'HTMLCanvasElement', 'OffscreenCanvas', 'VideoFrame'];

function canvasSize(source: CanvasSource): { width: number; height: number } {
  return 'displayWidth' in source
    ? { width: source.displayWidth, height: source.displayHeight }
    : { width: source.width, height: source.height };
}

/** By brand, so that an object of another realm counts too. */
const brandOf = (source: unknown) => Object.prototype.toString.call(source).slice(8, -1);

/**
 * What a canvas or a frame shows at this moment: it may be cleared, drawn over or closed as soon as a call first waits.
 *
 * @param limits asked for only where there is a canvas to read
 * @returns pixels, or the source itself where it is memory or of a wrong kind
 */
export function captureSource(
  source: ImageSource,
  format: ImageFormat,
  limits: () => Required<Limits>,
): ImageSource | Promise<RawImage> {
  const brand = brandOf(source);
  if (!CANVAS_BRANDS.includes(brand)) return source;
  const { width, height } = canvasSize(source as CanvasSource);
  for (const [name, side] of Object.entries({ width, height })) {
    if (Number.isSafeInteger(side) && side > 0) continue;
    if (brand.endsWith('Canvas') || brand.endsWith('Element'))
      throw wrongValue('a positive integer', name, side);
    // So tell a bitmap and a frame that they were closed.
    throw new CodecError('CODEC_FAILED', `The ${brand} has no pixels: it is closed`, { format });
  }
  checkSize(width, height, format, limits());
  return readCanvas(source as CanvasSource, width, height);
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
  const captured = await captureSource(source, format, () => limits);
  const brand = brandOf(captured);
  if (typeof captured !== 'object' || captured === null || (brand !== 'Object' && !('data' in captured))) {
    throw wrongKind(`a RawImage, an ImageData, or one of ${CANVAS_BRANDS.join(', ')}`, 'source', source);
  }
  if (brand !== 'ImageData')
    return resolveImage(captured as RawImage, (w, h) => checkSize(w, h, format, limits));
  // ImageData has a pixelFormat of its own, with names of its own.
  const { data, width, height, pixelFormat } = captured as ImageData & { pixelFormat?: string };
  if (pixelFormat !== undefined && pixelFormat !== 'rgba-unorm8') {
    throw new CodecError('UNSUPPORTED_FEATURE', `ImageData of ${pixelFormat} cannot be encoded yet`, {
      format,
    });
  }
  return resolveImage({ data, width, height, pixelFormat: 'rgba8' }, (w, h) =>
    checkSize(w, h, format, limits),
  );
}
