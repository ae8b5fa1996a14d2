import { CodecError } from './errors.js';
import type { RawImage } from './image.js';

/** An object of browsers by the name of its class; nothing where a program's own libraries (`lib` in its tsconfig.json) lack it. */
export type Dom<Name extends string> =
  typeof globalThis extends Record<Name, { prototype: infer T extends object }> ? T : never;

/** Browser objects that hold pixels out of a program's direct reach. */
export type CanvasSource =
  | Dom<'ImageBitmap'>
  | Dom<'HTMLCanvasElement'>
  | Dom<'OffscreenCanvas'>
  | Dom<'VideoFrame'>;

/** Whether a frame's pixels need neither be scaled, nor turned, nor mirrored to be shown. */
function isShownAsStored(frame: VideoFrame): boolean {
  const { visibleRect, displayWidth, displayHeight } = frame;
  // Of late frames have these two as well.
  const { rotation = 0, flip = false } = frame as { rotation?: number; flip?: boolean };
  const unscaled = visibleRect?.width === displayWidth && visibleRect.height === displayHeight;
  return unscaled && rotation === 0 && !flip;
}

/**
 * The pixels of a browser object at the moment of the call, as sRGB RGBA. A `VideoFrame` is copied without a canvas where the browser
 * can convert it.
 *
 * The source is drawn on a canvas of our own and never asked for a context: a canvas keeps the kind of context it first gave.
 *
 * @throws CodecError `UNSUPPORTED_FEATURE` where the runtime cannot draw, `CODEC_FAILED` where the source gives no pixels, as a canvas
 * that another origin's picture was drawn on
 */
export async function readCanvas(source: CanvasSource, width: number, height: number): Promise<RawImage> {
  if (!('copyTo' in source)) return draw(source, width, height);
  // The caller may close the frame while it is copied.
  const frame = source.clone();
  try {
    return await copyFrame(frame, width, height);
  } catch {
    // This browser or this frame's format has no conversion to RGBA.
    return draw(frame, width, height);
  } finally {
    frame.close();
  }
}

async function copyFrame(frame: VideoFrame, width: number, height: number): Promise<RawImage> {
  if (!isShownAsStored(frame)) return draw(frame, width, height);
  const data = new Uint8Array(width * height * 4);
  const layout = [{ offset: 0, stride: width * 4 }];
  await frame.copyTo(data, { format: 'RGBA', colorSpace: 'srgb', layout } as VideoFrameCopyToOptions);
  return { data, width, height, pixelFormat: 'rgba8' };
}

function draw(source: CanvasSource, width: number, height: number): RawImage {
  const context =
    typeof OffscreenCanvas === 'undefined'
      ? null
      : new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true, colorSpace: 'srgb' });
  if (context === null) {
    throw new CodecError(
      'UNSUPPORTED_FEATURE',
      'This runtime has no OffscreenCanvas to read the pixels with',
    );
  }
  try {
    context.drawImage(source, 0, 0, width, height);
    const { data } = context.getImageData(0, 0, width, height, { colorSpace: 'srgb' });
    return { data, width, height, pixelFormat: 'rgba8' };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new CodecError('CODEC_FAILED', `Could not read the pixels: ${reason}`, { cause });
  }
}
