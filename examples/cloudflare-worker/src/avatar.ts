import type { RawImage } from 'pixbytes';

/** Cells a side, and pixels a side of a cell. */
const CELLS = 5;
const CELL_PIXELS = 48;

/** A symmetric pattern in a colour of its own, the same for the same seed. */
export async function drawAvatar(seed: string): Promise<RawImage> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(seed));
  const [red = 0, green = 0, blue = 0, ...bits] = new Uint8Array(digest);
  const side = CELLS * CELL_PIXELS;
  const data = new Uint8Array(side * side);
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const column = Math.floor(x / CELL_PIXELS);
      const row = Math.floor(y / CELL_PIXELS);
      const mirrored = Math.min(column, CELLS - 1 - column);
      data[y * side + x] = (bits[row * CELLS + mirrored] ?? 0) & 1;
    }
  }
  const palette = [
    [240, 240, 240],
    [red >> 1, green >> 1, blue >> 1],
  ];
  return { data, width: side, height: side, pixelFormat: 'indexed8', palette };
}
