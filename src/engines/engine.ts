import type { Limits } from '../limits.js';

/** A WebAssembly instance in the care of a slot. */
export interface Engine {
  /** Bytes of WebAssembly memory that the instance holds now. */
  memoryBytes(): number;
  /** Bounds what `memoryBytes` can grow to, where the engine asks its host for memory. */
  limitMemory?(bytes: number): void;
  /** What the codec would have printed since it was last asked. */
  complaints?(): string;
}

/** What of a call's options concerns its engine. */
export interface EngineCall {
  readonly limits: Required<Limits>;
  readonly signal?: AbortSignal;
}

/** Pixels out of an engine: RGBA, tightly packed. */
export interface EnginePixels {
  readonly data: Uint8Array<ArrayBuffer>;
  readonly width: number;
  readonly height: number;
}

/**
 * Holds the pixels against the size that the codec is told, just before it is entered: codecs trust it, and with fewer pixels would
 * go on into those of an earlier call.
 */
export function checkPixels(pixels: Uint8Array, byteLength: number): void {
  if (pixels.length !== byteLength) throw new Error("the source's memory was detached or resized meanwhile");
}

/** An encoder that takes the rows of one image as they come. */
export interface RowEncoder {
  /**
   * Takes the next rows, read before it returns: any number of them, as long as the image has so many left.
   *
   * @param strideBytes from row to row; behind the last one nothing is read
   * @returns the next bytes of the file, often none
   * @throws RangeError where rows are too many or too short
   */
  write(bytes: Uint8Array, strideBytes: number, rows: number): Uint8Array<ArrayBuffer>[];
  /**
   * To be called once, after the last row.
   *
   * @returns what is left of the file
   */
  finish(): Promise<Uint8Array<ArrayBuffer>[]>;
  /** Bytes of WebAssembly memory, and of pixels kept, that it holds now. */
  readonly memoryBytes: number;
}
