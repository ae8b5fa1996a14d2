import { describe, expect, it } from 'vitest';
import { probe } from '../../src/probe.js';
import { concat, exif, latin1, segment } from './samples.js';

const SOI = [0xff, 0xd8];
const SCAN = segment(0xda, [1, 1, 0, 0, 63, 0]);
const frame = (marker = 0xc0, components = 3, precision = 8) =>
  segment(marker, [
    precision,
    0,
    12,
    0,
    20,
    components,
    ...Array.from({ length: components }, (_, i) => [i + 1, 0x11, 0]).flat(),
  ]);
const app1 = (text: string, data: Uint8Array = new Uint8Array()) => segment(0xe1, concat(latin1(text), data));

describe('readJpeg', () => {
  it('reads every frame header, and no other marker as one', () => {
    for (let marker = 0xc0; marker <= 0xcf; marker++) {
      const bytes = concat(SOI, frame(marker, 1, 12), SCAN);
      if ([0xc4, 0xc8, 0xcc].includes(marker)) {
        expect(() => probe(bytes)).toThrow(expect.objectContaining({ code: 'CORRUPT_INPUT' }));
      } else {
        expect(probe(bytes)).toMatchObject({ width: 20, height: 12, bitDepth: 12, channels: 1 });
      }
    }
  });

  it('skips padding and garbage between segments', () => {
    const bytes = concat(SOI, [0xff, 0xff, 0xff], frame().subarray(1), [1, 2, 0xff, 0], SCAN);
    expect(probe(bytes)).toMatchObject({ width: 20, height: 12, channels: 3, hasIcc: false });
  });

  it('finds metadata, behind the frame header as well, up to the first scan', () => {
    const icc = segment(0xe2, latin1('ICC_PROFILE\0\x01\x01abc'));
    const bytes = concat(
      SOI,
      app1('Exif\0\0', exif(5)),
      frame(),
      icc,
      app1('http://ns.adobe.com/xap/1.0/\0<x/>'),
      SCAN,
    );
    const again = concat(SOI, app1('Exif\0\0', exif(5)), app1('Exif\0\0', exif(2)), frame(), SCAN);
    expect(probe(again).orientation).toBe(5);
    expect(probe(bytes)).toMatchObject({ orientation: 5, hasExif: true, hasIcc: true, hasXmp: true });
    const none = { orientation: undefined, hasExif: false, hasIcc: false, hasXmp: false };
    expect(probe(concat(SOI, frame(), SCAN, icc))).toMatchObject(none);
    // Of other segments, only APP1 and APP2 hold them.
    expect(probe(concat(SOI, segment(0xe3, latin1('ICC_PROFILE\0')), frame(), SCAN))).toMatchObject(none);
  });

  it('takes the first of several frame headers', () => {
    const second = frame(0xc0, 1);
    expect(probe(concat(SOI, frame(), second, SCAN)).channels).toBe(3);
  });

  it('does not know what is absent ahead of the scan', () => {
    expect(probe(concat(SOI, frame()))).toMatchObject({ width: 20, hasIcc: undefined, hasXmp: undefined });
  });

  it.each([
    ['no component', frame(0xc0, 0)],
    ['a precision of 0', frame(0xc0, 3, 0)],
    ['a frame header of the wrong length', segment(0xc0, [8, 0, 12, 0, 20, 3, 1, 0x11, 0])],
    ['a segment shorter than its length', Uint8Array.of(0xff, 0xe0, 0, 1)],
  ])('refuses %s', (_, bad) => {
    expect(() => probe(concat(SOI, bad, SCAN))).toThrow(expect.objectContaining({ code: 'CORRUPT_INPUT' }));
  });
});
