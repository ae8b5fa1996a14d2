import type { ProbeFormat } from '../../src/formats.js';

function sample(...parts: (string | number[])[]): Uint8Array {
  const head = parts.flatMap((part) => (typeof part === 'string' ? [...Buffer.from(part, 'latin1')] : part));
  const bytes = new Uint8Array(96);
  bytes.set(head);
  return bytes;
}

const u32le = (value: number) => [value & 255, (value >> 8) & 255, (value >> 16) & 255, value >>> 24];

/** The start of a file of each format, with its MIME type and extension. */
export const SAMPLES: Record<ProbeFormat, { bytes: Uint8Array; mime: string; extension: string }> = {
  png: {
    bytes: sample(
      '\x89PNG\r\n\x1a\n',
      [0, 0, 0, 13],
      'IHDR',
      [0, 0, 0, 1, 0, 0, 0, 1, 8, 6, 0, 0, 0],
      '\x1f\x15\xc4\x89',
    ),
    mime: 'image/png',
    extension: 'png',
  },
  jpeg: {
    bytes: sample('\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0'),
    mime: 'image/jpeg',
    extension: 'jpg',
  },
  webp: {
    bytes: sample('RIFF', u32le(88), 'WEBPVP8L', u32le(76), [0x2f, 0, 0, 0, 0]),
    mime: 'image/webp',
    extension: 'webp',
  },
  gif: { bytes: sample('GIF89a', [1, 0, 1, 0, 0, 0, 0]), mime: 'image/gif', extension: 'gif' },
  bmp: {
    bytes: sample('BM', u32le(96), u32le(0), u32le(54), u32le(40), u32le(1), u32le(1), [1, 0, 24, 0]),
    mime: 'image/bmp',
    extension: 'bmp',
  },
  avif: {
    bytes: sample([0, 0, 0, 28], 'ftypavif', [0, 0, 0, 0], 'avifmif1miaf'),
    mime: 'image/avif',
    extension: 'avif',
  },
  jxl: { bytes: sample([0xff, 0x0a, 0, 0, 0, 0, 0, 0]), mime: 'image/jxl', extension: 'jxl' },
};

/** Bytes that announce no format. */
export const UNKNOWN: Uint8Array = Uint8Array.from({ length: 70_001 }, (_, i) => (i * 7 + (i >> 8)) & 255);

/** The same bytes in every kind of memory that a caller may hold them in. */
export function waysToHold(bytes: Uint8Array): [kind: string, held: ArrayBufferView | ArrayBufferLike][] {
  const offset = new Uint8Array(bytes.length + 13).fill(0xee);
  offset.set(bytes, 6);
  const shared = new Uint8Array(new SharedArrayBuffer(bytes.length + 5), 3, bytes.length);
  shared.set(bytes);
  const pooled = Buffer.concat([Buffer.from('head'), bytes, Buffer.from('tail')]);
  return [
    ['Uint8Array', bytes.slice()],
    ['ArrayBuffer', bytes.slice().buffer],
    ['a view at an offset', offset.subarray(6, 6 + bytes.length)],
    ['a DataView at an offset', new DataView(offset.slice().buffer, 6, bytes.length)],
    ['a slice of a Buffer', pooled.subarray(4, 4 + bytes.length)],
    ['a view of shared memory', shared],
    ['a SharedArrayBuffer', copyShared(bytes)],
  ];
}

function copyShared(bytes: Uint8Array): SharedArrayBuffer {
  const buffer = new SharedArrayBuffer(bytes.length);
  new Uint8Array(buffer).set(bytes);
  return buffer;
}

/** What no sink takes for bytes. */
export const NOT_BYTES: unknown[] = [undefined, null, 'text', 7, [1, 2, 3], {}, { length: 3 }];
