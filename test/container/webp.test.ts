import { describe, expect, it } from 'vitest';
import { probe } from '../../src/probe.js';
import { be, exif, le, riffChunk, vp8x, webp } from './samples.js';

const vp8 = (width: number, height: number, first = 0) =>
  riffChunk('VP8 ', [first, 0, 0, 0x9d, 0x01, 0x2a, ...le(width, 2), ...le(height, 2), 0]);
const vp8l = (width: number, height: number, alpha = 0, version = 0) =>
  riffChunk('VP8L', [
    0x2f,
    ...le(width - 1 + (height - 1) * 2 ** 14 + alpha * 2 ** 28 + version * 2 ** 29, 4),
    0,
  ]);

describe('readWebp', () => {
  it('reads the size of each kind of bitstream to its greatest', () => {
    expect(probe(webp(vp8(16383, 1)))).toMatchObject({ width: 16383, height: 1, channels: 3 });
    // The upper two bits are the scale.
    expect(probe(webp(vp8(0x4000 + 5, 0xc000 + 6)))).toMatchObject({ width: 5, height: 6 });
    expect(probe(webp(vp8l(16384, 1)))).toMatchObject({ width: 16384, height: 1, hasAlpha: false });
    expect(probe(webp(vp8l(1, 16384, 1)))).toMatchObject({ width: 1, height: 16384, channels: 4 });
    expect(probe(webp(vp8x(0, 2 ** 24, 3)))).toMatchObject({ width: 2 ** 24, height: 3 });
  });

  it('reads the flags', () => {
    const none = { hasIcc: false, hasAlpha: false, hasExif: false, hasXmp: false, animated: false };
    expect(probe(webp(vp8x(0xc1, 5, 6)))).toMatchObject(none);
    expect(probe(webp(vp8x(0x20, 5, 6)))).toMatchObject({ ...none, hasIcc: true });
    expect(probe(webp(vp8x(0x10, 5, 6)))).toMatchObject({ ...none, hasAlpha: true });
    expect(probe(webp(vp8x(0x08, 5, 6)))).toMatchObject({ ...none, hasExif: true });
    expect(probe(webp(vp8x(0x04, 5, 6)))).toMatchObject({ ...none, hasXmp: true });
    expect(probe(webp(vp8x(0x02, 5, 6)))).toMatchObject({ ...none, animated: true });
  });

  it('finds the orientation behind the image', () => {
    const bytes = webp(vp8x(8, 5, 6), vp8(5, 6), riffChunk('EXIF', exif(3)));
    expect(probe(bytes).orientation).toBe(3);
    expect(probe(bytes.subarray(0, 60)).orientation).toBeUndefined();
  });

  it('counts frames of the whole file only, with or without its last byte of padding', () => {
    const frame = riffChunk('ANMF', new Uint8Array(17));
    const bytes = webp(vp8x(2, 5, 6), frame, frame, riffChunk('XMP ', be(0, 3)));
    expect(probe(bytes).frameCount).toBe(2);
    expect(probe(bytes.subarray(0, -1)).frameCount).toBe(2);
    expect(probe(bytes.subarray(0, -2)).frameCount).toBeUndefined();
    expect(probe(bytes.subarray(0, 40))).toMatchObject({ animated: true, frameCount: undefined });
  });

  it.each([
    ['an interframe', vp8(5, 6, 1)],
    ['VP8 without its start code', riffChunk('VP8 ', new Uint8Array(12))],
    ['a width of 0', vp8(0, 6)],
    ['another VP8L version', vp8l(5, 6, 0, 1)],
    ['VP8L without its signature', riffChunk('VP8L', new Uint8Array(6))],
    ['a short VP8X', riffChunk('VP8X', new Uint8Array(8))],
    ['a first chunk of another kind', riffChunk('ALPH', new Uint8Array(20))],
  ])('refuses %s', (_, chunk) => {
    expect(() => probe(webp(chunk))).toThrow(
      expect.objectContaining({ code: 'CORRUPT_INPUT', format: 'webp' }),
    );
  });
});
