/** RGBA pixels, tightly packed. */
interface Pixels {
  readonly data: Uint8Array<ArrayBuffer>;
  readonly width: number;
  readonly height: number;
}

/**
 * Turns and mirrors pixels so that they stand upright.
 *
 * @param orientation how the pixels are stored, 1 to 8 (EXIF 2.32, section 4.6.4, tag 0x0112); 1 leaves them alone
 * @param bytesPerPixel 4 or 8
 */
export function orient<P extends Pixels>(pixels: P, orientation: number, bytesPerPixel: 4 | 8): Pixels {
  if (!(orientation >= 2 && orientation <= 8)) return pixels;
  const { width, height } = pixels;
  const { buffer, byteOffset } = pixels.data;
  // Not Float64Array: engines are free to change the bits of a NaN, and an opaque pixel of 8 bytes is one.
  const words = bytesPerPixel / 4;
  const from = new Uint32Array(buffer, byteOffset, width * height * words);
  const to = new Uint32Array(width * height * words);
  // From 5 on rows become columns.
  const outWidth = orientation >= 5 ? height : width;
  const outHeight = orientation >= 5 ? width : height;
  const right = { 2: -1, 3: -1, 4: 1, 5: width, 6: -width, 7: -width, 8: width }[orientation] as number;
  const down = { 2: width, 3: -width, 4: -width, 5: 1, 6: 1, 7: -1, 8: -1 }[orientation] as number;
  // The stored pixel that comes to stand at the top left: where a step is backwards, start at that side's end.
  const first =
    (orientation === 2 || orientation === 3 || orientation === 7 || orientation === 8 ? width - 1 : 0) +
    (orientation === 3 || orientation === 4 || orientation === 6 || orientation === 7
      ? (height - 1) * width
      : 0);
  for (let y = 0, at = 0; y < outHeight; y++) {
    let source = (first + y * down) * words;
    for (let x = 0; x < outWidth; x++, source += right * words) {
      to[at++] = from[source] as number;
      if (words === 2) to[at++] = from[source + 1] as number;
    }
  }
  return { data: new Uint8Array(to.buffer), width: outWidth, height: outHeight };
}
