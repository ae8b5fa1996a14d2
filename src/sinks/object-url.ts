import { CodecError } from '../errors.js';
import { toBlob } from './blob.js';
import type { EncodedBytes } from './payload.js';

/** A `blob:` URL that lives until it is disposed of, or the page is left. */
export interface ObjectURL {
  /** What `<img src>`, `<a href download>` and `fetch` take. */
  readonly url: string;
  /** Revokes the URL and lets its bytes go. Further calls do nothing. */
  [Symbol.dispose](): void;
}

/**
 * Makes a `blob:` URL of encoded bytes, typed by their signature. The bytes are copied; the caller disposes of the URL,
 * with `using` or, where the runtime has no `Symbol.dispose`, with `URL.revokeObjectURL(url)`.
 *
 * @throws TypeError where `bytes` is no buffer
 * @throws CodecError `UNSUPPORTED_FEATURE` where the runtime has no object URLs: service workers, Cloudflare Workers
 * @example
 * using picture = toObjectURL(await encode(pixels, 'webp'));
 * img.src = picture.url;
 * await img.decode();
 */
export function toObjectURL(bytes: EncodedBytes): ObjectURL {
  const blob = toBlob(bytes);
  if (typeof URL.createObjectURL !== 'function') {
    throw new CodecError('UNSUPPORTED_FEATURE', 'This runtime has no object URLs: use toDataURL');
  }
  const url = URL.createObjectURL(blob);
  // Revoking twice is no error, and no URL is given out twice.
  return { url, [Symbol.dispose]: () => URL.revokeObjectURL(url) };
}
