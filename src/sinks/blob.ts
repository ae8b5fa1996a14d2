import { withExtension } from './file-name.js';
import { type EncodedBytes, extensionOf, mimeTypeOf, payloadOf } from './payload.js';

/** What `Blob` takes in every browser: neither shared nor resizable memory. A copy only where it has to be. */
function blobPart(payload: Uint8Array): Uint8Array<ArrayBuffer> {
  const { buffer } = payload;
  const plain = buffer instanceof ArrayBuffer && !(buffer as { resizable?: boolean }).resizable;
  return plain ? (payload as Uint8Array<ArrayBuffer>) : new Uint8Array(payload);
}

/**
 * Wraps encoded bytes in a `Blob` with the MIME type that their signature announces, `application/octet-stream` where it
 * announces none. The bytes are copied: the caller may change them afterwards.
 *
 * @throws TypeError where `bytes` is no buffer
 * @example
 * form.append('picture', toBlob(await encode(pixels, 'png')), 'picture.png');
 */
export function toBlob(bytes: EncodedBytes): Blob {
  const payload = payloadOf(bytes);
  return new Blob([blobPart(payload)], { type: mimeTypeOf(payload) });
}

/**
 * Wraps encoded bytes in a `File` with the MIME type that their signature announces. The bytes are copied.
 *
 * @param name the file's name; without an extension it gets the right one, with one it stays as it is. Default `'image'`
 * @throws TypeError where `bytes` is no buffer or `name` no string
 * @throws RangeError where `name` is empty
 * @example
 * toFile(await encode(pixels, 'jpeg'), 'holiday').name; // 'holiday.jpg'
 */
export function toFile(bytes: EncodedBytes, name = 'image'): File {
  const payload = payloadOf(bytes);
  const fileName = withExtension(name, extensionOf(payload));
  return new File([blobPart(payload)], fileName, { type: mimeTypeOf(payload) });
}
