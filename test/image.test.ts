import vm from 'node:vm';
import { describe, expect, it } from 'vitest';
import { type RawImage, resolveImage } from '../src/image.js';
import { PIXEL_FORMATS, rowBytes } from '../src/pixel-format.js';

const image = (fields: object): RawImage =>
  ({ data: new Uint8Array(64), width: 4, height: 4, ...fields }) as RawImage;

describe('inference of the pixel format', () => {
  it.each([
    [new Uint8Array(16), 'gray8'],
    [new Uint8Array(32), 'graya8'],
    [new Uint8Array(48), 'rgb8'],
    [new Uint8Array(64), 'rgba8'],
    [new Uint8ClampedArray(64), 'rgba8'],
    [Buffer.alloc(48), 'rgb8'],
    [new ArrayBuffer(64), 'rgba8'],
    [new SharedArrayBuffer(64), 'rgba8'],
    [new DataView(new ArrayBuffer(100), 36), 'rgba8'],
    [new Uint16Array(16), 'gray16'],
    [new Uint16Array(32), 'graya16'],
    [new Uint16Array(48), 'rgb16'],
    [new Uint16Array(64), 'rgba16'],
  ])('%#: takes samples a pixel for %2$s', (data, pixelFormat) => {
    expect(resolveImage(image({ data })).pixelFormat).toBe(pixelFormat);
  });

  it('takes a palette for indexed8', () => {
    expect(resolveImage(image({ data: new Uint8Array(16), palette: [[1, 2, 3]] })).pixelFormat).toBe(
      'indexed8',
    );
  });

  it.each([0, 15, 17, 63, 65, 80])('refuses %i bytes for 4x4', (length) => {
    expect(() => resolveImage(image({ data: new Uint8Array(length) }))).toThrow(RangeError);
  });

  it.each([
    new Int8Array(64),
    new Int16Array(64),
    new Int32Array(64),
    new Uint32Array(16),
    new Float32Array(64),
    new Float64Array(64),
    new BigUint64Array(8),
  ])('is not tried with %s, whose samples could be anything', (data) => {
    expect(() => resolveImage(image({ data }))).toThrow(TypeError);
    expect(resolveImage(image({ data, pixelFormat: 'rgba8' })).bytes.length).toBe(64);
  });

  it('says how many bytes there are', () => {
    expect(() => resolveImage(image({ data: new Uint8Array(15) }))).toThrow(
      /data\.byteLength but received 15 /,
    );
  });

  it('is not tried where rows have a stride', () => {
    expect(() => resolveImage(image({ strideBytes: 16 }))).toThrow(TypeError);
  });
});

describe('views', () => {
  it('honours byteOffset and byteLength', () => {
    const memory = Uint8Array.from({ length: 100 }, (_, i) => i);
    const { bytes } = resolveImage(image({ data: memory.subarray(10, 74) }));
    expect([bytes[0], bytes.length]).toEqual([10, 64]);
    const words = new Uint32Array(memory.buffer, 8, 16);
    expect(resolveImage(image({ data: words, pixelFormat: 'rgba8' })).bytes[0]).toBe(8);
  });

  it('takes a detached buffer for an empty one', () => {
    for (const data of [new Uint8Array(64), new Uint16Array(64), Buffer.alloc(1 << 16)]) {
      structuredClone(data.buffer, { transfer: [data.buffer as ArrayBuffer] });
      const resolve = () => resolveImage(image({ data, pixelFormat: 'rgba8' }));
      expect(resolve).toThrow(/^Expected at least 64 bytes .* for data.byteLength but received 0 /);
      expect(resolve).toThrow(RangeError);
    }
  });

  it('takes a plain view of what a subclass holds', () => {
    class Liar extends Uint8Array {
      override get length() {
        return 64;
      }
    }
    expect(() => resolveImage(image({ data: new Liar(16), pixelFormat: 'rgba8' }))).toThrow(RangeError);
    const data = new Liar(64);
    expect(Object.getPrototypeOf(resolveImage(image({ data })).bytes)).toBe(Uint8Array.prototype);
  });

  it('takes buffers of another realm', () => {
    const data = vm.runInNewContext('new Uint8Array(64)');
    expect(resolveImage(image({ data })).bytes.length).toBe(64);
    expect(resolveImage(image({ data: vm.runInNewContext('new ArrayBuffer(64)') })).bytes.length).toBe(64);
    expect(resolveImage(image({ data: vm.runInNewContext('new Uint16Array(64)') })).pixelFormat).toBe(
      'rgba16',
    );
  });

  it('may be longer than the image, and the last row may lack its padding', () => {
    expect(resolveImage(image({ data: new Uint8Array(100), pixelFormat: 'rgba8' })).bytes.length).toBe(64);
    const padded = { pixelFormat: 'rgb8', strideBytes: 16, data: new Uint8Array(3 * 16 + 12) };
    expect(resolveImage(image(padded)).bytes.length).toBe(60);
  });

  it.each(PIXEL_FORMATS)('refuses %s that is a byte short', (pixelFormat) => {
    const palette = pixelFormat === 'indexed8' ? [[0, 0, 0]] : undefined;
    for (const strideBytes of [undefined, 100]) {
      const length = (strideBytes ?? rowBytes(pixelFormat, 5)) * 2 + rowBytes(pixelFormat, 5);
      const fields = { width: 5, height: 3, pixelFormat, palette, strideBytes };
      expect(resolveImage(image({ ...fields, data: new Uint8Array(length) })).bytes.length).toBe(length);
      expect(() => resolveImage(image({ ...fields, data: new Uint8Array(length - 1) }))).toThrow(RangeError);
    }
  });
});

describe('wrong fields', () => {
  it.each([
    ['data', [undefined, null, 'pixels', 5, [0, 0, 0, 255], {}]],
    ['width', ['4', undefined, null, 4n]],
    ['height', ['4', undefined, null, 4n]],
    ['pixelFormat', [4, null, {}]],
    ['strideBytes', ['16', null]],
    ['premultiplied', [1, 'true', null]],
    ['palette', ['red', 7]],
  ])('%s of the wrong kind is a TypeError', (name, values) => {
    for (const value of values) {
      const pixelFormat = name === 'palette' ? 'indexed8' : 'rgba8';
      expect(() => resolveImage(image({ pixelFormat, [name]: value })), String(value)).toThrow(TypeError);
    }
  });

  it.each([
    ['width', [0, -1, 7.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53]],
    ['height', [0, -1, 7.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53]],
    ['pixelFormat', ['', 'rgb', 'RGBA8', 'constructor']],
    ['strideBytes', [0, 15, -16, 16.5, Number.NaN]],
    ['palette', [[[1, 2, 3]]]],
  ])('%s out of range is a RangeError', (name, values) => {
    for (const value of values) {
      expect(() => resolveImage(image({ pixelFormat: 'rgba8', [name]: value })), String(value)).toThrow(
        RangeError,
      );
    }
  });

  it('names what was expected and what arrived', () => {
    expect(() => resolveImage(image({ width: 7.5 }))).toThrow(
      'Expected a positive integer for width but received 7.5 of type number',
    );
  });
});

describe('palettes', () => {
  const resolve = (palette: unknown) =>
    resolveImage(image({ data: new Uint8Array(16), pixelFormat: 'indexed8', palette })).palette;

  it('fills up with opaque black', () => {
    const expected = [1, 2, 3, 255, 4, 5, 6, 7, 0, 0, 0, 255];
    expect([
      ...resolve([
        [1, 2, 3],
        [4, 5, 6, 7],
      ])!.subarray(0, 12),
    ]).toEqual(expected);
    const flat = { data: new Uint8Array([1, 2, 3, 255, 4, 5, 6, 7]), channels: 4 };
    expect([...resolve(flat)!.subarray(0, 12)]).toEqual(expected);
    expect([...resolve({ data: new Uint8Array([1, 2, 3]), channels: 3 })!.subarray(0, 4)]).toEqual([
      1, 2, 3, 255,
    ]);
  });

  it.each([
    [[]],
    [[[1, 2]]],
    [[[1, 2, 3, 4, 5]]],
    [[[1, 2, 256]]],
    [[[1, 2, -1]]],
    [[[1, 2, 0.5]]],
    [Array(257).fill([1, 2, 3])],
    [{ data: new Uint8Array(7), channels: 3 }],
    [{ data: new Uint8Array(8), channels: 2 }],
    [{ data: new Uint8Array(0), channels: 3 }],
  ])('%#: refuses entries that are none', (palette) => {
    expect(() => resolve(palette)).toThrow(RangeError);
  });

  it('is needed', () => {
    expect(() => resolve(undefined)).toThrow(TypeError);
  });
});
