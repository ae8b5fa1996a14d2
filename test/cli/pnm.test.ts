import { describe, expect, test } from 'vitest';
import { isPnm, readPnm } from '../../src/cli/pnm.js';

const file = (header: string, ...samples: number[]) =>
  Uint8Array.from([...Buffer.from(header, 'latin1'), ...samples]);
const TUPLE_TYPES = ['GRAYSCALE', 'GRAYSCALE_ALPHA', 'RGB', 'RGB_ALPHA'];
const pam = (width: number, height: number, depth: number, most: number) =>
  `P7\n# from a test\nWIDTH ${width}\nHEIGHT ${height}\nDEPTH ${depth}\nMAXVAL ${most}\nTUPLTYPE ${TUPLE_TYPES[depth - 1] ?? 'X'}\nENDHDR\n`;

test.each([
  ['P5 2 1 255\n', [1, 2], 'gray8'],
  ['P5\n# a comment\n2\t1\n# another\n255\n', [10, 35], 'gray8'],
  ['P6\n2 1\n255\n', [1, 2, 3, 4, 5, 6], 'rgb8'],
  ['P6\n2 1\n255\r', [32, 10, 3, 4, 5, 6], 'rgb8'],
  [pam(2, 1, 2, 255), [1, 2, 3, 4], 'graya8'],
  [pam(2, 1, 4, 255), [1, 2, 3, 4, 5, 6, 7, 8], 'rgba8'],
])('%j is read', (header, samples, pixelFormat) => {
  const bytes = file(header, ...samples, 99);
  expect(isPnm(bytes)).toBe(true);
  expect(readPnm(bytes)).toEqual({ data: Uint8Array.from(samples), width: 2, height: 1, pixelFormat });
});

test.each([
  ['P5 2 1 65535\n', 1, 'gray16'],
  ['P6 2 1 65535\n', 3, 'rgb16'],
  [pam(2, 1, 4, 65_535), 4, 'rgba16'],
])('samples of 16 bits come in the order of this machine: %j', (header, depth, pixelFormat) => {
  const samples = Array.from({ length: 4 * depth }, (_, i) => i + 1);
  // At an odd place too.
  for (const offset of [0, 1]) {
    const memory = new Uint8Array(200);
    const bytes = file(header, ...samples);
    memory.set(bytes, offset);
    const { data, ...layout } = readPnm(memory.subarray(offset, offset + bytes.length));
    expect(layout).toEqual({ width: 2, height: 1, pixelFormat });
    const words = new Uint16Array(data.buffer, data.byteOffset, data.byteLength / 2);
    expect([...words]).toEqual(Array.from({ length: 2 * depth }, (_, i) => ((2 * i + 1) << 8) + 2 * i + 2));
  }
});

describe('what cannot be read is told', () => {
  test.each([
    [file('P6 2 2 255\n', 1, 2, 3), 'TRUNCATED_INPUT', /ends before byte 23$/],
    [file('P5 2 1 255'), 'CORRUPT_INPUT', /broken$/],
    [file('P5 2 x 255\n'), 'CORRUPT_INPUT', /broken$/],
    [file('P5 0 1 255\n'), 'CORRUPT_INPUT', /broken$/],
    [file('P5 #'), 'CORRUPT_INPUT', /broken$/],
    [file('P5 99999999999999999999 1 255\n'), 'CORRUPT_INPUT', /broken$/],
    [file('P5 2 1 100\n', 1, 2), 'UNSUPPORTED_FEATURE', /Samples up to 100/],
    [file('P3 1 1 255\n1 2 3'), 'UNSUPPORTED_FEATURE', /Only binary PGM and PPM/],
    [file('P4 8 1\n', 3), 'UNSUPPORTED_FEATURE', /Only binary PGM and PPM/],
    [file('P7\nWIDTH 2\nHEIGHT 1\n'), 'CORRUPT_INPUT', /broken$/],
    [file('P7\nWIDTH 2\nHEIGHT 1\nMAXVAL 255\nENDHDR\n', 1, 2), 'CORRUPT_INPUT', /broken$/],
    [
      file(pam(1, 1, 4, 255).replace('RGB_ALPHA', 'CMYK'), 1, 2, 3, 4),
      'UNSUPPORTED_FEATURE',
      /of CMYK with 4 samples/,
    ],
    [file(pam(1, 1, 5, 255), 1, 2, 3, 4, 5), 'UNSUPPORTED_FEATURE', /5 samples a pixel/],
  ])('%#', (bytes, code, message) => {
    expect(isPnm(bytes)).toBe(true);
    expect(() => readPnm(bytes)).toThrow(
      expect.objectContaining({ code, message: expect.stringMatching(message) }),
    );
  });
});

test.each(['P8 1 1', 'PNG', '', 'P', 'P6', 'P6x'])('%j is none of them', (text) => {
  expect(isPnm(file(text))).toBe(text === 'P6');
});
