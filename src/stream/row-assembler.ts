import { wrongValue } from '../errors.js';
import type { ImageLayout } from '../image.js';
import { rowBytes, rowsBytes } from '../pixel-format.js';

/**
 * Makes whole rows of pieces that end anywhere. Rows that are whole within a piece are passed on as they are; only one that pieces
 * share is put together in memory of its own.
 */
export class RowAssembler {
  readonly #layout: ImageLayout;
  /** Bytes up to the end of the last row, and with the padding that it may have. */
  readonly #end: number;
  readonly #most: number;
  /** The beginning of a row whose end is still to come. */
  readonly #partial: Uint8Array;
  #filled = 0;
  #received = 0;
  #rows = 0;

  constructor(layout: ImageLayout) {
    const { width, height, pixelFormat, strideBytes } = layout;
    this.#layout = layout;
    this.#end = rowsBytes(pixelFormat, width, strideBytes, height);
    this.#most = strideBytes * height;
    this.#partial = new Uint8Array(strideBytes);
  }

  /**
   * Takes the next piece.
   *
   * @param take gets whole rows, `strideBytes` apart, to be read before it returns
   * @throws RangeError where the image has no room for that many bytes; none of them is taken then
   */
  push(bytes: Uint8Array, take: (bytes: Uint8Array, rows: number) => void): void {
    const received = this.#received + bytes.length;
    if (received > this.#most) throw this.#wrongLength(received);
    // Behind the last row lies nothing but its padding.
    let rest = bytes.subarray(0, Math.max(0, this.#end - this.#received));
    this.#received = received;
    const { width, height, pixelFormat, strideBytes } = this.#layout;
    if (this.#filled > 0) {
      const whole = this.#rows === height - 1 ? rowBytes(pixelFormat, width) : strideBytes;
      const missing = whole - this.#filled;
      this.#keep(rest.subarray(0, missing));
      rest = rest.subarray(missing);
      if (this.#filled < whole) return;
      this.#filled = 0;
      this.#rows++;
      take(this.#partial, 1);
    }
    const whole = received >= this.#end ? height : Math.floor(received / strideBytes);
    const count = whole - this.#rows;
    if (count > 0) {
      this.#rows = whole;
      take(rest, count);
    }
    this.#keep(rest.subarray(count * strideBytes));
  }

  /** @throws RangeError where bytes are missing */
  finish(): void {
    if (this.#received < this.#end) throw this.#wrongLength(this.#received);
  }

  #keep(bytes: Uint8Array): void {
    this.#partial.set(bytes, this.#filled);
    this.#filled += bytes.length;
  }

  #wrongLength(received: number): RangeError {
    const { width, height, pixelFormat } = this.#layout;
    const bytes = this.#end === this.#most ? `${this.#end}` : `${this.#end} to ${this.#most}`;
    const rows = `${height} rows of ${width} pixels of ${pixelFormat}`;
    return wrongValue(`${bytes} bytes (${rows})`, 'the length of the stream', received);
  }
}
