import { readAvif } from './container/avif.js';
import { readBmp } from './container/bmp.js';
import { ByteReader, MAX_READS } from './container/byte-reader.js';
import { readGif } from './container/gif.js';
import type { ImageHeader } from './container/image-header.js';
import { readJpeg } from './container/jpeg.js';
import { readJxl } from './container/jxl.js';
import { readPng } from './container/png.js';
import { readWebp } from './container/webp.js';
import { CodecError, wrongKind } from './errors.js';
import type { ProbeFormat } from './formats.js';
import { asBytes } from './image.js';
import { MIME_TYPES, sniffFormat } from './sniff.js';

/** What `probe` tells of an image file. */
export interface ImageInfo extends ImageHeader {
  /** The format, by its signature. */
  readonly format: ProbeFormat;
  /** Its MIME type, such as `image/png`. */
  readonly mimeType: string;
}

const READERS: Readonly<Record<ProbeFormat, (reader: ByteReader) => ImageHeader>> = {
  png: readPng,
  jpeg: readJpeg,
  webp: readWebp,
  gif: readGif,
  bmp: readBmp,
  avif: readAvif,
  jxl: readJxl,
};

/**
 * Reads an image's format, size and traits from its header: no WASM, no pixels, and no more of the file than it needs. The bytes
 * may be only the beginning of a file; fields that it does not settle are `undefined` (see `ImageInfo`).
 *
 * @param bytes a file or its beginning, neither changed nor kept. 64 kB hold the size of nearly every file.
 * @throws TypeError where `bytes` is no buffer or view of one
 * @throws CodecError `UNKNOWN_FORMAT` where the bytes begin as none of the formats does, `TRUNCATED_INPUT` where they end before
 * the size: give more; `CORRUPT_INPUT` where the header makes no sense; `UNSUPPORTED_FEATURE` where a JPEG has no height in its header
 *
 * @example
 * const { format, width, height } = probe(await file.slice(0, 65536).arrayBuffer());
 */
export function probe(bytes: ArrayBufferView | ArrayBufferLike): ImageInfo {
  const view = asBytes(bytes);
  if (!view) throw wrongKind('an ArrayBuffer or a view of one', 'bytes', bytes);
  const format = sniffFormat(view);
  if (!format) throw new CodecError('UNKNOWN_FORMAT', 'The bytes begin as no image format does');
  return {
    format,
    mimeType: MIME_TYPES[format],
    ...READERS[format](new ByteReader(view, format, MAX_READS)),
  };
}
