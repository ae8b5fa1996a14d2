import { wrongKind } from '../errors.js';
import { asBytes } from '../image.js';
import { EXTENSIONS, MIME_TYPES, sniffFormat } from '../sniff.js';

/** Encoded bytes as every sink takes them: a view's `byteOffset` and `byteLength` are honoured. Never changed or detached. */
export type EncodedBytes = ArrayBufferView | ArrayBufferLike;

/** The same memory as a `Uint8Array`. */
export function payloadOf(bytes: unknown): Uint8Array {
  const payload = asBytes(bytes);
  if (payload === undefined) throw wrongKind('an ArrayBuffer or a view of one', 'bytes', bytes);
  return payload;
}

/** The MIME type that the bytes' own signature announces. */
export function mimeTypeOf(payload: Uint8Array): string {
  const format = sniffFormat(payload);
  return format === undefined ? 'application/octet-stream' : MIME_TYPES[format];
}

/** The usual extension, without a dot, of the format that the bytes' own signature announces. */
export function extensionOf(payload: Uint8Array): string {
  const format = sniffFormat(payload);
  return format === undefined ? 'bin' : EXTENSIONS[format];
}
