import { describe, expect, it } from 'vitest';
import { probe } from '../../src/probe.js';
import { bmp, concat, latin1, le } from './samples.js';

const core = (width: number, height: number) =>
  concat(latin1('BM'), new Uint8Array(12), le(12, 4), le(width, 2), le(height, 2), le(1, 2), le(24, 2));

describe('readBmp', () => {
  it('reads both kinds of header, and rows from the top down', () => {
    expect(probe(bmp(70000, 3))).toMatchObject({ format: 'bmp', width: 70000, height: 3, frameCount: 1 });
    expect(probe(bmp(5, -300))).toMatchObject({ width: 5, height: 300 });
    expect(probe(core(5, 65535))).toMatchObject({ width: 5, height: 65535 });
  });

  it('refuses sizes of 0, a negative width and a header of no known kind', () => {
    const odd = bmp(5, 6);
    odd[14] = 13;
    for (const bytes of [bmp(0, 5), bmp(5, 0), bmp(-5, 5), core(0, 5), core(5, 0), odd]) {
      expect(() => probe(bytes)).toThrow(expect.objectContaining({ code: 'CORRUPT_INPUT', format: 'bmp' }));
    }
  });
});
