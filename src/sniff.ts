import type { ProbeFormat } from './formats.js';

/** The MIME type of each format that `sniffFormat` knows. */
export const MIME_TYPES: Readonly<Record<ProbeFormat, string>> = Object.freeze({
  png: 'image/png',
  jpeg: 'image/jpeg',
  webp: 'image/webp',
  gif: 'image/gif',
  bmp: 'image/bmp',
  avif: 'image/avif',
  jxl: 'image/jxl',
});

/** The usual file name extension of each format, without the dot. */
export const EXTENSIONS: Readonly<Record<ProbeFormat, string>> = Object.freeze({
  png: 'png',
  jpeg: 'jpg',
  webp: 'webp',
  gif: 'gif',
  bmp: 'bmp',
  avif: 'avif',
  jxl: 'jxl',
});

/** Signatures by format, in Latin-1; `.` stands for any byte. */
const SIGNATURES: readonly (readonly [ProbeFormat, string])[] = [
  ['png', '\x89PNG\r\n\x1a\n'],
  ['jpeg', '\xff\xd8\xff'],
  ['webp', 'RIFF....WEBP'],
  ['gif', 'GIF87a'],
  ['gif', 'GIF89a'],
  // "BM" alone begins many a text: the header behind the 14 bytes of the file header has a size below 256 as well.
  ['bmp', 'BM.............\0\0\0'],
  ['jxl', '\xff\x0a'],
  ['jxl', '\0\0\0\x0cJXL \r\n\x87\n'],
];

/** Whether the bytes at `at` are those of `pattern`, in Latin-1, `.` standing for any byte. */
export function bytesMatch(bytes: Uint8Array, pattern: string, at = 0): boolean {
  if (at + pattern.length > bytes.length) return false;
  for (let i = 0; i < pattern.length; i++) {
    if (pattern[i] !== '.' && pattern.charCodeAt(i) !== bytes[at + i]) return false;
  }
  return true;
}

/** ISO 14496-12 4.3: a box `ftyp` of the major brand, its version and the compatible brands. */
function isAvif(bytes: Uint8Array): boolean {
  if (!bytesMatch(bytes, '\0\0..ftyp')) return false;
  const end = Math.min(bytes[2]! * 256 + bytes[3]!, bytes.length);
  for (let at = 8; at < end; at += 4) {
    // Not `mif1`, which HEIC has as well.
    if (bytesMatch(bytes, 'avif', at) || bytesMatch(bytes, 'avis', at)) return true;
  }
  return false;
}

/**
 * The format whose signature the bytes begin with; nothing behind the signature is looked at. 18 bytes are enough for every
 * format but AVIF, which may name itself anywhere in its first box: give 64 there.
 */
export function sniffFormat(bytes: Uint8Array): ProbeFormat | undefined {
  const found = SIGNATURES.find(([, signature]) => bytesMatch(bytes, signature));
  return found ? found[0] : isAvif(bytes) ? 'avif' : undefined;
}
