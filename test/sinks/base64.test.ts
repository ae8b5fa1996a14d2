import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { toBase64, toDataURL } from '../../src/sinks/base64.js';
import { NOT_BYTES, SAMPLES, UNKNOWN, waysToHold } from './samples.js';

const MEGABYTE = 1_000_000;

function noise(length: number): Uint8Array {
  const words = new Uint32Array(Math.ceil(length / 4));
  for (let i = 0, word = 1; i < words.length; i++) {
    word = Math.imul(word, 1664525) + 1013904223;
    words[i] = word;
  }
  return new Uint8Array(words.buffer, 0, length);
}

const native = Object.getOwnPropertyDescriptor(Uint8Array.prototype, 'toBase64');
const reference = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');

describe('toBase64', () => {
  afterEach(() => {
    Reflect.deleteProperty(Uint8Array.prototype, 'toBase64');
    if (native) Object.defineProperty(Uint8Array.prototype, 'toBase64', native);
  });

  it('encodes every length up to 300', () => {
    Reflect.deleteProperty(Uint8Array.prototype, 'toBase64');
    const bytes = noise(300);
    for (let length = 0; length <= 300; length++) {
      expect(toBase64(bytes.subarray(0, length))).toBe(reference(bytes.subarray(0, length)));
    }
  });

  it('encodes lengths about the size of its chunks', () => {
    Reflect.deleteProperty(Uint8Array.prototype, 'toBase64');
    const bytes = noise(100_000);
    for (const multiple of [1, 2, 3, 4]) {
      for (let length = multiple * 0x6000 - 4; length <= multiple * 0x6000 + 4; length++) {
        expect(toBase64(bytes.subarray(0, length)) === reference(bytes.subarray(0, length))).toBe(true);
      }
    }
  });

  it('encodes any bytes', () => {
    Reflect.deleteProperty(Uint8Array.prototype, 'toBase64');
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 500 }), (bytes) => toBase64(bytes) === reference(bytes)),
    );
  });

  it.each(waysToHold(UNKNOWN))('takes %s', (_, held) => {
    expect(toBase64(held) === reference(UNKNOWN)).toBe(true);
    Reflect.deleteProperty(Uint8Array.prototype, 'toBase64');
    expect(toBase64(held) === reference(UNKNOWN)).toBe(true);
  });

  it("uses the engine's own encoder", () => {
    const toNative = vi.fn(function (this: Uint8Array) {
      return `native ${this.length}`;
    });
    Object.defineProperty(Uint8Array.prototype, 'toBase64', { value: toNative, configurable: true });
    expect(toBase64(new Uint8Array(5).buffer)).toBe('native 5');
    expect(toBase64(new Uint8Array(0))).toBe('native 0');
  });

  it('encodes 50 MB, at a cost in proportion', () => {
    Reflect.deleteProperty(Uint8Array.prototype, 'toBase64');
    const bytes = noise(50 * MEGABYTE);
    const half = bytes.subarray(0, 25 * MEGABYTE);
    expect(toBase64(bytes) === reference(bytes)).toBe(true);
    const best = { half: Number.POSITIVE_INFINITY, whole: Number.POSITIVE_INFINITY };
    for (let round = 0; round < 5; round++) {
      const start = performance.now();
      toBase64(half).charCodeAt(0);
      const middle = performance.now();
      toBase64(bytes).charCodeAt(0);
      best.half = Math.min(best.half, middle - start);
      best.whole = Math.min(best.whole, performance.now() - middle);
    }
    // Twice the bytes: 2 where the cost is linear, 4 where it is quadratic.
    expect(best.whole / best.half).toBeLessThan(3);
  });

  it.each(NOT_BYTES.map((value) => [value]))('refuses %j', (value) => {
    expect(() => toBase64(value as Uint8Array)).toThrow(TypeError);
    expect(() => toBase64(value as Uint8Array)).toThrow(
      /^Expected an ArrayBuffer or a view of one for bytes/,
    );
  });
});

describe('toDataURL', () => {
  it.each(Object.entries(SAMPLES))('fetch reads %s back with its type', async (_, { bytes, mime }) => {
    const response = await fetch(toDataURL(bytes));
    expect(response.headers.get('content-type')).toBe(mime);
    expect(Buffer.from(await response.arrayBuffer()).equals(bytes)).toBe(true);
  });

  it.each([
    ['no bytes', new Uint8Array(0)],
    ['one byte', Uint8Array.of(255)],
    ['unknown bytes', UNKNOWN],
  ])('fetch reads %s back', async (_, bytes) => {
    const response = await fetch(toDataURL(bytes));
    expect(response.headers.get('content-type')).toBe('application/octet-stream');
    expect(Buffer.from(await response.arrayBuffer()).equals(bytes)).toBe(true);
  });

  it('is the URL as people write it', () => {
    expect(toDataURL(SAMPLES.png.bytes)).toMatch(/^data:image\/png;base64,iVBORw0KGgo/);
  });

  it('refuses what is no buffer', () => {
    expect(() => toDataURL('text' as unknown as Uint8Array)).toThrow(TypeError);
  });
});
