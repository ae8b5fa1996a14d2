import { describe, expect, test } from 'vitest';
import { deltaQuality, deltaRate } from '../../bench/bd-rate.mjs';

const QUALITIES = [30, 33, 35, 38, 42];
const reference = QUALITIES.map((value) => ({ value, bytes: 1000 * 1.2 ** (value - 30) }));
const larger = (by: number) => reference.map(({ value, bytes }) => ({ value, bytes: bytes * (1 + by) }));

describe('the difference of two rate-distortion curves', () => {
  test.each([-0.3, 0, 0.02, 1])('is exact where files are larger by %d all along', (by) => {
    expect(deltaRate(larger(by), reference)).toBeCloseTo(by, 12);
  });

  test('is the opposite the other way round', () => {
    const curve = reference.map(({ value, bytes }, i) => ({ value, bytes: bytes * (1 + i / 10) }));
    const there = 1 + deltaRate(curve, reference);
    expect(there).toBeGreaterThan(1);
    expect(there * (1 + deltaRate(reference, curve))).toBeCloseTo(1, 12);
  });

  test('is right of curves that were sampled elsewhere', () => {
    // Quality as a square root of the logarithm, which no piece holds exactly.
    const curve = (from: number, factor: number) =>
      Array.from({ length: 7 }, (_, i) => {
        const value = from + i * 2;
        return { value, bytes: factor * Math.exp((value / 12) ** 2) };
      });
    expect(deltaRate(curve(30, 1.1), curve(31, 1))).toBeCloseTo(0.1, 3);
  });

  test('counts only qualities that both reach', () => {
    const part = larger(0.1).slice(1, 4);
    expect(deltaRate(part, reference)).toBeCloseTo(0.1, 12);
    expect(deltaRate(part, reference.slice(3))).toBeNaN();
    expect(deltaRate([], reference)).toBeNaN();
  });

  test('leaves out files that are larger and worse, in any order', () => {
    const curve = [{ value: 31, bytes: 5000 }, ...larger(0.1).reverse()];
    expect(deltaRate(curve, reference)).toBeCloseTo(0.1, 12);
  });

  test('of quality is what one is better at equal size', () => {
    const better = reference.map(({ value, bytes }) => ({ value: value + 0.25, bytes }));
    expect(deltaQuality(better, reference)).toBeCloseTo(0.25, 12);
    expect(deltaQuality(reference, better)).toBeCloseTo(-0.25, 12);
  });

  test('stays between the points of a curve with a step', () => {
    const step = [1000, 1010, 4000, 4040].map((bytes, i) => ({ value: 30 + i, bytes }));
    const flat = [30, 33].map((value) => ({ value, bytes: 1000 }));
    // A flat curve is no curve of files: one of them is larger and worse.
    expect(deltaRate(step, flat)).toBeNaN();
    const base = [30, 33].map((value, i) => ({ value, bytes: 1000 + i }));
    const ratio = 1 + deltaRate(step, base);
    expect(ratio).toBeGreaterThan(1);
    expect(ratio).toBeLessThan(4.04);
  });
});
