import { describe, expect, it } from 'vitest';
import { probe } from '../../src/probe.js';
import { be, box, concat, latin1, makeSamples } from './samples.js';

const ispe = (width: number, height: number) => box('ispe', be(0, 4), be(width, 4), be(height, 4));
const pitm = (item: number, version = 0) => box('pitm', [version, 0, 0, 0], be(item, version ? 4 : 2));
const ipma = (items: readonly (readonly [number, readonly number[]])[], version = 0, wide = 0) =>
  box(
    'ipma',
    [version, 0, 0, wide],
    be(items.length, 4),
    ...items.map(([id, indices]) =>
      concat(
        be(id, version ? 4 : 2),
        [indices.length],
        // The highest bit is set: "essential".
        ...indices.map((index) => be(index + (wide ? 0x8000 : 0x80), wide ? 2 : 1)),
      ),
    ),
  );
const avif = (
  properties: readonly Uint8Array[],
  rest: readonly Uint8Array[],
  item: readonly Uint8Array[] = [],
) =>
  concat(
    box('ftyp', latin1('avif\0\0\0\0mif1')),
    box('free', new Uint8Array(5)),
    box(
      'meta',
      be(0, 4),
      box('hdlr', new Uint8Array(8)),
      ...item,
      box('iprp', box('ipco', ...properties), ...rest),
    ),
  );

describe('readAvif', () => {
  it.each([
    [0, 0],
    [1, 0],
    [0, 1],
    [1, 1],
  ])('takes the size of the primary item (ipma version %i, flags %i)', (version, wide) => {
    const bytes = avif(
      [ispe(100, 100), box('free'), ispe(20, 12), ispe(640, 480)],
      [
        ipma(
          [
            [1, [1]],
            [2, [2, 3]],
            [3, [4]],
          ],
          version,
          wide,
        ),
      ],
      [pitm(2, version)],
    );
    expect(probe(bytes)).toMatchObject({ format: 'avif', width: 20, height: 12, orientation: undefined });
  });

  it('takes the largest where nothing tells which is the primary item', () => {
    const bytes = avif([ispe(100, 100), ispe(640, 480), ispe(20, 12)], []);
    expect(probe(bytes)).toMatchObject({ width: 640, height: 480 });
  });

  it('tells the rotation and the mirroring of the primary item as an orientation', () => {
    const turned = (...properties: readonly Uint8Array[]) =>
      probe(
        avif(
          [ispe(20, 12), ...properties, box('irot', [1])],
          [ipma([[1, [1, ...properties.map((_, i) => i + 2)]]])],
          [pitm(1)],
        ),
      ).orientation;
    const irot = (quarters: number) => box('irot', [quarters]);
    const imir = (axis: number) => box('imir', [axis]);
    expect(turned()).toBeUndefined();
    // Pixels of a 2x2 image, turned anti-clockwise and then mirrored, against what EXIF's values do to it.
    const rotate = ([a, b, c, d]: string) => b! + d + a + c;
    const mirrors = [([a, b, c, d]: string) => c! + d + a + b, ([a, b, c, d]: string) => b! + a + d + c];
    const shown: Record<string, number> = {
      abcd: 1,
      badc: 2,
      dcba: 3,
      cdab: 4,
      acbd: 5,
      cadb: 6,
      dbca: 7,
      bdac: 8,
    };
    for (let quarters = 0; quarters < 4; quarters++) {
      let image = 'abcd';
      for (let i = 0; i < quarters; i++) image = rotate(image);
      if (quarters) expect(turned(irot(quarters))).toBe(shown[image]);
      for (const axis of [0, 1])
        expect(turned(irot(quarters), imir(axis))).toBe(shown[mirrors[axis]!(image)]);
    }
  });

  it('reads a box with a size of 64 bits and one up to the end', () => {
    const file = avif([ispe(20, 12)], [ipma([[1, [1]]])], [pitm(1)]);
    const meta = file.subarray(20 + 13);
    const long = concat(be(1, 4), latin1('free'), be(24, 8), new Uint8Array(8));
    const open = concat(be(0, 4), meta.subarray(4));
    expect(probe(concat(box('ftyp', latin1('avif\0\0\0\0')), long, open))).toMatchObject({
      width: 20,
      height: 12,
    });
  });

  it('knows an image sequence', async () => {
    const bytes = (await makeSamples())['still.avif']!.slice();
    bytes.set(latin1('avis'), 8);
    expect(probe(bytes).animated).toBe(true);
  });

  it('refuses what has no size', () => {
    for (const bytes of [
      avif([], []),
      avif([ispe(0, 5)], []),
      avif([ispe(5, 5)], [ipma([[1, [2]]])], [pitm(1)]),
      concat(box('ftyp', latin1('avif\0\0\0\0')), box('meta', be(0, 4), box('iprp'))),
      concat(box('ftyp', latin1('avif\0\0\0\0')), be(3, 4), latin1('free')),
      concat(box('ftyp', latin1('avif\0\0\0\0')), box('meta', be(0, 4), be(500, 4), latin1('iprp'))),
    ]) {
      expect(() => probe(bytes)).toThrow(expect.objectContaining({ code: 'CORRUPT_INPUT', format: 'avif' }));
    }
  });
});
