import type { CompressedFormat } from '../formats.js';
import { sniffFormat } from '../sniff.js';
import { ByteReader } from './byte-reader.js';

/**
 * A reader of a file that is about to be decoded.
 *
 * @param reads see `ByteReader`
 * @throws CodecError `UNKNOWN_FORMAT` where the bytes do not begin as that format does
 */
export function openFile(bytes: Uint8Array, format: CompressedFormat, reads?: number): ByteReader {
  const reader = new ByteReader(bytes, format, reads);
  if (sniffFormat(bytes) !== format) throw reader.error('UNKNOWN_FORMAT', 'does not begin as one');
  return reader;
}
