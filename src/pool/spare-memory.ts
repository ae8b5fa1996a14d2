/** Less is copied to new memory as fast. */
const LEAST_BYTES = 256 * 1024;
/** A larger piece would stay for the sake of a rare image. */
const MOST_BYTES = 20 * 1024 * 1024;
/** What a piece is rounded up to, so that it does for other images too. */
const STEP_BYTES = 1024 * 1024;

/**
 * Memory for copies that are moved to workers and come back with their answers. Of new memory every page is cleared by the system when
 * it is first written to, which takes as long as the copy.
 */
export class SpareMemory {
  readonly #most: number;
  readonly #pieces: ArrayBuffer[] = [];

  /** @param most pieces that are kept */
  constructor(most: number) {
    this.#most = most;
  }

  /** Whether a copy of so many bytes is made in a piece that is kept later. */
  serves(byteLength: number): boolean {
    return byteLength >= LEAST_BYTES && byteLength <= MOST_BYTES;
  }

  /** A copy, in a piece of memory that is as long or longer. */
  copyOf(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
    const { byteLength } = bytes;
    if (!this.serves(byteLength)) return new Uint8Array(bytes);
    const copy = new Uint8Array(this.#take(byteLength), 0, byteLength);
    copy.set(bytes);
    return copy;
  }

  /** Keeps a piece, or lets go of it; where there are too many, of the smallest. */
  giveBack(piece: ArrayBuffer): void {
    if (!this.serves(piece.byteLength)) return;
    this.#pieces.push(piece);
    this.#pieces.sort((a, b) => a.byteLength - b.byteLength);
    if (this.#pieces.length > this.#most) this.#pieces.shift();
  }

  clear(): void {
    this.#pieces.length = 0;
  }

  #take(byteLength: number): ArrayBuffer {
    const at = this.#pieces.findIndex((piece) => piece.byteLength >= byteLength);
    const [piece] = at < 0 ? [] : this.#pieces.splice(at, 1);
    return piece ?? new ArrayBuffer(Math.ceil(byteLength / STEP_BYTES) * STEP_BYTES);
  }
}
