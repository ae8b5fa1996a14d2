/** Copies rows of `row` bytes, `strideBytes` apart, to where they lie `pitch` bytes apart. */
export function copyRows(
  bytes: Uint8Array,
  strideBytes: number,
  rows: number,
  row: number,
  out: Uint8Array,
  pitch: number,
): void {
  if (strideBytes === pitch) {
    // One copy for all is faster than one for each.
    out.set(bytes.subarray(0, strideBytes * (rows - 1) + row));
    return;
  }
  for (let y = 0; y < rows; y++) {
    out.set(bytes.subarray(y * strideBytes, y * strideBytes + row), y * pitch);
  }
}
