/**
 * The tag Orientation (0x0112) in the first directory of an EXIF block (TIFF 6.0, section 2), which may begin with `Exif\0\0`.
 * EXIF is beside the image, so nothing in it is an error: what can't be read gives `undefined`, and so does a value that is not 1 to 8.
 */
export function readOrientation(exif: Uint8Array): number | undefined {
  const tiff = exif[0] === 0x45 ? exif.subarray(6) : exif;
  const littleEndian = tiff[0] === 0x49;
  const u16 = (at: number): number =>
    littleEndian ? tiff[at]! | (tiff[at + 1]! << 8) : (tiff[at]! << 8) | tiff[at + 1]!;
  const u32 = (at: number): number =>
    littleEndian ? u16(at) + u16(at + 2) * 65536 : u16(at) * 65536 + u16(at + 2);
  if (u16(0) !== (littleEndian ? 0x4949 : 0x4d4d) || u16(2) !== 42) return undefined;
  const directory = u32(4);
  // A missing byte reads as 0 here, so the walk is bounded by the bytes and not by the count that the block claims.
  const end = Math.min(directory + 2 + u16(directory) * 12, tiff.length - 11);
  for (let entry = directory + 2; entry < end; entry += 12) {
    if (u16(entry) === 0x0112) {
      // Type SHORT by the standard; LONG is met in the wild.
      const value = u16(entry + 2) === 4 ? u32(entry + 8) : u16(entry + 8);
      return value >= 1 && value <= 8 ? value : undefined;
    }
  }
  return undefined;
}
