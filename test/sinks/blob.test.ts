import { afterEach, describe, expect, it, vi } from 'vitest';
import { toBlob, toFile } from '../../src/sinks/blob.js';
import { NOT_BYTES, SAMPLES, UNKNOWN, waysToHold } from './samples.js';

const contents = async (blob: Blob) => Buffer.from(await blob.arrayBuffer());

/** As in browsers: Node's takes shared and resizable memory too. */
class StrictBlob extends Blob {
  constructor(parts: Uint8Array[], options?: BlobPropertyBag) {
    for (const { buffer } of parts) {
      const plain = buffer instanceof ArrayBuffer && !(buffer as { resizable?: boolean }).resizable;
      if (!plain) throw new TypeError('The provided value must not be shared or resizable');
    }
    super(parts as BlobPart[], options);
  }
}

afterEach(() => {
  vi.unstubAllGlobals();
});

describe('toBlob', () => {
  it.each(Object.entries(SAMPLES))('types %s by its signature', async (_, { bytes, mime }) => {
    const blob = toBlob(bytes);
    expect(blob.type).toBe(mime);
    expect((await contents(blob)).equals(bytes)).toBe(true);
  });

  it.each([
    ['no bytes', new Uint8Array(0)],
    ['one byte', Uint8Array.of(0x89)],
    ['bytes of no known format', UNKNOWN],
  ])('types %s as bytes', async (_, bytes) => {
    const blob = toBlob(bytes);
    expect(blob.type).toBe('application/octet-stream');
    expect((await contents(blob)).equals(bytes)).toBe(true);
  });

  it.each(waysToHold(SAMPLES.webp.bytes))('takes %s', async (_, held) => {
    vi.stubGlobal('Blob', StrictBlob);
    const blob = toBlob(held);
    expect(blob.type).toBe('image/webp');
    expect((await contents(blob)).equals(SAMPLES.webp.bytes)).toBe(true);
  });

  it('takes resizable memory', async () => {
    vi.stubGlobal('Blob', StrictBlob);
    const options = { maxByteLength: 1000 };
    const buffer = new (ArrayBuffer as new (size: number, options: object) => ArrayBuffer)(96, options);
    new Uint8Array(buffer).set(SAMPLES.png.bytes);
    expect((await contents(toBlob(buffer))).equals(SAMPLES.png.bytes)).toBe(true);
  });

  it('keeps its own copy', async () => {
    for (const [, held] of waysToHold(SAMPLES.png.bytes)) {
      const blob = toBlob(held);
      const view = ArrayBuffer.isView(held)
        ? new Uint8Array(held.buffer, held.byteOffset, held.byteLength)
        : new Uint8Array(held);
      view.fill(0);
      expect((await contents(blob)).equals(SAMPLES.png.bytes)).toBe(true);
    }
  });

  it.each(NOT_BYTES.map((value) => [value]))('refuses %j', (value) => {
    expect(() => toBlob(value as Uint8Array)).toThrow(TypeError);
    expect(() => toBlob(value as Uint8Array)).toThrow(
      /^Expected an ArrayBuffer or a view of one for bytes but received .* of type \w+$/,
    );
  });
});

describe('toFile', () => {
  it.each(Object.entries(SAMPLES))('names and types %s', async (_, { bytes, mime, extension }) => {
    const file = toFile(bytes);
    expect(file).toBeInstanceOf(File);
    expect([file.name, file.type]).toEqual([`image.${extension}`, mime]);
    expect(toFile(bytes, 'photo').name).toBe(`photo.${extension}`);
    expect((await contents(file)).equals(bytes)).toBe(true);
  });

  it('names unknown bytes .bin', () => {
    expect(toFile(new Uint8Array(0)).name).toBe('image.bin');
    expect(toFile(UNKNOWN, 'data').name).toBe('data.bin');
  });

  it('keeps an extension as it is', () => {
    expect(toFile(SAMPLES.png.bytes, 'a.PNG').name).toBe('a.PNG');
    expect(toFile(SAMPLES.png.bytes, 'a.jpg').name).toBe('a.jpg');
    expect(toFile(SAMPLES.png.bytes, 'a.jpg').type).toBe('image/png');
  });

  it.each(waysToHold(SAMPLES.gif.bytes))('takes %s', async (_, held) => {
    expect((await contents(toFile(held))).equals(SAMPLES.gif.bytes)).toBe(true);
  });

  it('refuses a name that is none', () => {
    expect(() => toFile(UNKNOWN, 5 as unknown as string)).toThrow(
      new TypeError('Expected a string for name but received 5 of type number'),
    );
    expect(() => toFile(UNKNOWN, null as unknown as string)).toThrow(TypeError);
    expect(() => toFile(UNKNOWN, '')).toThrow(RangeError);
    expect(() => toFile('x' as unknown as Uint8Array)).toThrow(/ for bytes but received "x" of type string$/);
  });
});
