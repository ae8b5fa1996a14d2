import { describe, expect, it } from 'vitest';
import { probe } from '../../src/probe.js';
import { concat, latin1, le } from './samples.js';

const screen = (packed = 0) => concat(latin1('GIF89a'), le(300, 2), le(2, 2), [packed, 0, 0]);
const table = (packed: number) => new Uint8Array(packed & 0x80 ? 3 * 2 ** ((packed & 7) + 1) : 0).fill(0x2c);
const frame = (packed = 0) =>
  concat(
    [0x2c],
    le(0, 4),
    le(300, 2),
    le(2, 2),
    [packed],
    table(packed),
    [8, 3, 0x2c, 0x3b, 0x21, 1, 0x2c, 0],
  );
const extension = Uint8Array.of(0x21, 0xf9, 4, 0x2c, 0, 0, 0x3b, 0);

describe('readGif', () => {
  it('counts frames past colour tables of every size', () => {
    for (const packed of [0, 7, 0x80, 0x83, 0x87]) {
      const bytes = concat(
        screen(packed),
        table(packed),
        extension,
        frame(packed),
        extension,
        frame(),
        [0x3b],
      );
      expect(probe(bytes)).toMatchObject({
        format: 'gif',
        width: 300,
        height: 2,
        bitDepth: 8,
        animated: true,
        frameCount: 2,
      });
      expect(probe(bytes.subarray(0, -1))).toMatchObject({ animated: true, frameCount: undefined });
    }
  });

  it('does not know whether a second frame follows where the input ends', () => {
    expect(probe(concat(screen(), frame()))).toMatchObject({ animated: undefined, frameCount: undefined });
    expect(probe(concat(screen(), frame(), [0x3b]))).toMatchObject({ animated: false, frameCount: 1 });
    expect(probe(screen().subarray(0, 10))).toMatchObject({ width: 300, height: 2, frameCount: undefined });
  });
});
