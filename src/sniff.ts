import type { ProbeFormat } from './formats.js';

/** The MIME type of each format. */
export const MIME_TYPES: Record<ProbeFormat, string> = {
  png: 'image/png',
  jpeg: 'image/jpeg',
  webp: 'image/webp',
  gif: 'image/gif',
  bmp: 'image/bmp',
  avif: 'image/avif',
  jxl: 'image/jxl',
};

/** The usual file name extension of each format, without a dot. */
export const EXTENSIONS: Record<ProbeFormat, string> = {
  png: 'png',
  jpeg: 'jpg',
  webp: 'webp',
  gif: 'gif',
  bmp: 'bmp',
  avif: 'avif',
  jxl: 'jxl',
};

const SIGNATURES: readonly [offset: number, signature: string, format: ProbeFormat][] = [
  [0, '\x89PNG\r\n\x1a\n', 'png'],
  [0, '\xff\xd8\xff', 'jpeg'],
  [8, 'WEBP', 'webp'],
  [0, 'GIF8', 'gif'],
  [0, 'BM', 'bmp'],
  [4, 'ftypavi', 'avif'],
  [0, '\xff\x0a', 'jxl'],
  [0, '\0\0\0\x0cJXL \r\n\x87\n', 'jxl'],
];

/** The format that the first bytes announce. A stand-in: the module of this name with the whole rules replaces it. */
export function sniffFormat(bytes: Uint8Array): ProbeFormat | undefined {
  const head = String.fromCharCode(...bytes.subarray(0, 16));
  return SIGNATURES.find(([offset, signature]) => head.startsWith(signature, offset))?.[2];
}
