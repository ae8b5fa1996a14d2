import { CodecError, type CodecErrorCode } from '../errors.js';
import type { ProbeFormat } from '../formats.js';

/** Reads that a header may take: enough for the sub-blocks of a GIF of 250 MB; takes a fifth of a second. */
export const MAX_READS = 1_000_000;

/** The bytes of a file that nobody vouches for: a read behind their end throws and never yields `undefined`. */
export class ByteReader {
  /**
   * @param reads how often it can be read from, so that a file of nothing but empty chunks does not hold up the caller; more
   * often, it throws `CORRUPT_INPUT`
   */
  constructor(
    readonly bytes: Uint8Array,
    readonly format: ProbeFormat,
    private reads = Number.POSITIVE_INFINITY,
  ) {}

  /** The unsigned big-endian integer of `size` bytes, up to 6. */
  be(at: number, size: number): number {
    this.need(at + size);
    let value = 0;
    for (let i = at; i < at + size; i++) value = value * 256 + this.bytes[i]!;
    return value;
  }

  /** The unsigned little-endian integer of `size` bytes, up to 6. */
  le(at: number, size: number): number {
    this.need(at + size);
    let value = 0;
    for (let i = at + size; i > at; ) value = value * 256 + this.bytes[--i]!;
    return value;
  }

  /** Four bytes as characters: the type of a chunk or a box. */
  tag(at: number): string {
    this.need(at + 4);
    return String.fromCharCode(...this.bytes.subarray(at, at + 4));
  }

  /** @throws CodecError `TRUNCATED_INPUT` where the input has fewer than `end` bytes */
  need(end: number): void {
    if (!this.reads--) throw this.corrupt('too many parts');
    if (end > this.bytes.length) throw this.error('TRUNCATED_INPUT', `ends before byte ${end}`);
  }

  /** @throws CodecError `CORRUPT_INPUT` where a side is 0 */
  checkSize(width: number, height: number): void {
    if (!(width && height)) throw this.corrupt(`size ${width}x${height}`);
  }

  /** The error for a file that breaks its format's rules. */
  corrupt(what: string): CodecError {
    return this.error('CORRUPT_INPUT', `is corrupt: ${what}`);
  }

  /** An error of this format; `what` ends the sentence "The ... file". */
  error(code: CodecErrorCode, what: string): CodecError {
    return new CodecError(code, `The ${this.format} file ${what}`, { format: this.format });
  }
}
