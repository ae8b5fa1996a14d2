import { describe, expect, it } from 'vitest';
import { probe } from '../../src/probe.js';
import { be, concat, exif, ihdr, latin1, PNG_SIGNATURE, pngChunk } from './samples.js';

const png = (...chunks: readonly Uint8Array[]) => concat(PNG_SIGNATURE, ...chunks);
const idat = pngChunk('IDAT', [1, 2, 3]);
const iend = pngChunk('IEND');
const actl = (frames: number) => pngChunk('acTL', [...be(frames, 4), 0, 0, 0, 0]);

describe('readPng', () => {
  it('takes every colour type with its bit depths and refuses the others', () => {
    const allowed: Record<number, number[]> = {
      0: [1, 2, 4, 8, 16],
      2: [8, 16],
      3: [1, 2, 4, 8],
      4: [8, 16],
      6: [8, 16],
    };
    for (let colorType = 0; colorType < 256; colorType++) {
      for (const depth of [0, 1, 2, 3, 4, 5, 7, 8, 12, 16, 17, 32, 33, 40, 255]) {
        const bytes = png(ihdr(3, 2, depth, colorType), idat);
        if (!allowed[colorType]?.includes(depth)) {
          expect(() => probe(bytes), `${colorType}/${depth}`).toThrow(
            expect.objectContaining({ code: 'CORRUPT_INPUT' }),
          );
          continue;
        }
        expect(probe(bytes)).toMatchObject({
          bitDepth: colorType === 3 ? 8 : depth,
          channels: { 0: 1, 2: 3, 3: 3, 4: 2, 6: 4 }[colorType],
          hasAlpha: colorType > 3,
        });
      }
    }
  });

  it.each([
    ['width 0', ihdr(0, 2)],
    ['height 0', ihdr(3, 0)],
    ['width 2^31', ihdr(2 ** 31, 1)],
    ['interlace 2', ihdr(3, 2, 8, 2, 2)],
    ['another filter method', pngChunk('IHDR', [0, 0, 0, 3, 0, 0, 0, 2, 8, 2, 0, 1, 0])],
    ['another compression', pngChunk('IHDR', [0, 0, 0, 3, 0, 0, 0, 2, 8, 2, 1, 0, 0])],
    ['IHDR of 14 bytes', pngChunk('IHDR', [0, 0, 0, 3, 0, 0, 0, 2, 8, 2, 0, 0, 0, 0])],
    ['no IHDR', pngChunk('tEXt', new Uint8Array(13))],
  ])('refuses %s', (_, header) => {
    expect(() => probe(png(header))).toThrow(
      expect.objectContaining({ code: 'CORRUPT_INPUT', format: 'png' }),
    );
  });

  it('counts a key colour and a palette with alpha as alpha', () => {
    const trns = pngChunk('tRNS', [0, 0]);
    expect(probe(png(ihdr(3, 2, 8, 0), trns, idat))).toMatchObject({ channels: 2, hasAlpha: true });
    expect(probe(png(ihdr(3, 2, 8, 3), trns, idat))).toMatchObject({ channels: 4, hasAlpha: true });
    expect(probe(png(ihdr(3, 2, 8, 0), idat, trns))).toMatchObject({ channels: 1, hasAlpha: false });
  });

  it('knows what is absent only when it can no longer come', () => {
    const unknown = {
      hasAlpha: undefined,
      channels: undefined,
      animated: undefined,
      frameCount: undefined,
      hasIcc: undefined,
      hasExif: undefined,
      hasXmp: undefined,
    };
    expect(probe(png(ihdr(3, 2)))).toMatchObject(unknown);
    const settled = { hasAlpha: false, channels: 3, animated: false, frameCount: 1, hasIcc: false };
    expect(probe(png(ihdr(3, 2), idat))).toMatchObject({ ...unknown, ...settled });
    expect(probe(png(ihdr(3, 2), idat, iend))).toMatchObject({ ...settled, hasExif: false, hasXmp: false });
  });

  it('finds metadata, EXIF and XMP behind the pixels as well', () => {
    const xmp = pngChunk('iTXt', latin1('XML:com.adobe.xmp\0\0\0\0\0<x/>'));
    const bytes = png(
      ihdr(3, 2),
      pngChunk('iCCP', latin1('x\0\0')),
      idat,
      pngChunk('eXIf', exif(7, false)),
      xmp,
      iend,
    );
    const again = png(ihdr(3, 2), pngChunk('eXIf', exif(7)), pngChunk('eXIf', exif(2)), idat, iend);
    expect(probe(again).orientation).toBe(7);
    expect(probe(bytes)).toMatchObject({ hasIcc: true, hasExif: true, hasXmp: true, orientation: 7 });
    const other = pngChunk('iTXt', latin1('Title\0\0\0\0\0XML:com.adobe.xmp\0'));
    expect(probe(png(ihdr(3, 2), other, idat, iend)).hasXmp).toBe(false);
  });

  it('reads the number of frames ahead of the pixels only', () => {
    expect(probe(png(ihdr(3, 2), actl(5), idat))).toMatchObject({ animated: true, frameCount: 5 });
    expect(probe(png(ihdr(3, 2), actl(1), idat))).toMatchObject({ animated: false, frameCount: 1 });
    expect(probe(png(ihdr(3, 2), idat, actl(5), iend))).toMatchObject({ animated: false, frameCount: 1 });
  });
});
