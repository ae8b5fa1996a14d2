// Beside everywhere.ts, in a worker of a browser.
import { encode, type ImageSource } from 'pixbytes';

export async function sources(
  image: ImageData,
  bitmap: ImageBitmap,
  canvas: OffscreenCanvas,
  frame: VideoFrame,
): Promise<void> {
  const all: ImageSource[] = [image, bitmap, canvas, frame];
  for (const source of all) await encode(source, 'png');
}

export async function wrong(file: Blob): Promise<void> {
  // @ts-expect-error: a file to be decoded first
  await encode(file, 'png');
}
