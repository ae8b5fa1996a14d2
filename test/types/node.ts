// Beside everywhere.ts, with the types of Node and none of a browser: the sources are pixels in memory, and nothing else.
import { type CanvasSource, encode, type ImageSource, type RawImage } from 'pixbytes';

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

export const canvases: Same<CanvasSource, never> = true;
export const sources: Same<ImageSource, RawImage> = true;

export const png: Promise<Uint8Array<ArrayBuffer>> = encode(
  { data: Buffer.alloc(4), width: 1, height: 1 },
  'png',
);
