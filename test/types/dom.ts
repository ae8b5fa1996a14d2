// Beside everywhere.ts, in a page.
import { encode, type ImageSource } from 'pixbytes';

export async function sources(
  image: ImageData,
  bitmap: ImageBitmap,
  canvas: HTMLCanvasElement,
  offscreen: OffscreenCanvas,
  frame: VideoFrame,
): Promise<void> {
  const all: ImageSource[] = [image, bitmap, canvas, offscreen, frame];
  for (const source of all) await encode(source, 'png');
}

export async function wrong(picture: HTMLImageElement): Promise<void> {
  // @ts-expect-error: an element to be drawn first
  await encode(picture, 'png');
}
