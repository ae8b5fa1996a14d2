import { CodecError, type CodecErrorCode } from '../errors.js';
import type { ProbeFormat } from '../formats.js';

/** The bytes of a file that nobody vouches for: a read behind their end throws and never yields `undefined`. */
export class ByteReader {
  constructor(
    readonly bytes: Uint8Array,
    readonly format: ProbeFormat,
  ) {}

  /** The unsigned big-endian integer of `size` bytes, up to 6. */
  be(at: number, size: number): number {
    this.need(at + size);
    return size ? this.be(at, size - 1) * 256 + this.bytes[at + size - 1]! : 0;
  }

  /** The unsigned little-endian integer of `size` bytes, up to 6. */
  le(at: number, size: number): number {
    return size ? this.be(at, 1) + this.le(at + 1, size - 1) * 256 : 0;
  }

  /** Four bytes as characters: the type of a chunk or a box. */
  tag(at: number): string {
    this.need(at + 4);
    return String.fromCharCode(...this.bytes.subarray(at, at + 4));
  }

  /** @throws CodecError `TRUNCATED_INPUT` where the input has fewer than `end` bytes */
  need(end: number): void {
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
