import { describe, expect, test } from 'vitest';
import { SpareMemory } from '../../src/pool/spare-memory.js';

const MB = 1024 * 1024;

describe('spare memory', () => {
  test('holds a copy as long as what was copied, and no view of what is behind', () => {
    const spares = new SpareMemory(2);
    const bytes = Uint8Array.from({ length: MB + 5 }, (_, i) => i * 7);
    const copy = spares.copyOf(bytes.subarray(2));
    expect(copy).toEqual(bytes.subarray(2));
    expect(copy.buffer.byteLength).toBe(2 * MB);
  });

  test('is used again for as much or less', () => {
    const spares = new SpareMemory(2);
    const { buffer } = spares.copyOf(new Uint8Array(3 * MB));
    spares.giveBack(buffer);
    expect(spares.copyOf(new Uint8Array(3 * MB + 1)).buffer).not.toBe(buffer);
    const less = spares.copyOf(new Uint8Array(2 * MB).fill(1));
    expect(less.buffer).toBe(buffer);
    expect(less.every((byte) => byte === 1)).toBe(true);
    // It is lent now.
    expect(spares.copyOf(new Uint8Array(2 * MB)).buffer).not.toBe(buffer);
  });

  test('the smallest piece that does is taken', () => {
    const spares = new SpareMemory(3);
    const [large, small] = [4, 2].map((size) => new ArrayBuffer(size * MB));
    spares.giveBack(large!);
    spares.giveBack(small!);
    expect(spares.copyOf(new Uint8Array(MB)).buffer).toBe(small);
    expect(spares.copyOf(new Uint8Array(MB)).buffer).toBe(large);
  });

  test('keeps only so many, the larger ones, and none that are very small or very large', () => {
    const spares = new SpareMemory(1);
    const pieces = [0.1, 100, 4, 2].map((size) => new ArrayBuffer(size * MB));
    for (const piece of pieces) spares.giveBack(piece);
    expect(spares.copyOf(new Uint8Array(MB)).buffer).toBe(pieces[2]);
    expect(pieces).not.toContain(spares.copyOf(new Uint8Array(MB)).buffer);
  });

  test('copies of other sizes lie alone in their memory', () => {
    const spares = new SpareMemory(1);
    for (const length of [0, 1, 1000, 64 * MB]) {
      const copy = spares.copyOf(new Uint8Array(length).fill(3));
      expect(copy.buffer.byteLength).toBe(length);
      expect(copy[length - 1]).toBe(length === 0 ? undefined : 3);
    }
  });

  test('is let go when it is cleared', () => {
    const spares = new SpareMemory(2);
    const piece = new ArrayBuffer(2 * MB);
    spares.giveBack(piece);
    spares.clear();
    expect(spares.copyOf(new Uint8Array(MB)).buffer).not.toBe(piece);
  });
});
