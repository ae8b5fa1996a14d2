import { concat, segment } from './samples.js';

/** Bits, highest first, with the 0 behind 0xFF that keeps data from being taken for a marker (T.81, F.1.2.3). */
class BitWriter {
  readonly bytes: number[] = [];
  #pending: number[] = [];

  put(value: number, count: number): void {
    for (let i = count - 1; i >= 0; i--) this.#pending.push((value >> i) & 1);
    while (this.#pending.length >= 8) {
      const byte = Number.parseInt(this.#pending.splice(0, 8).join(''), 2);
      this.bytes.push(byte, ...(byte === 0xff ? [0] : []));
    }
  }

  /** Fills up the last byte with ones. */
  align(): void {
    if (this.#pending.length > 0) this.put(0xff, 8 - this.#pending.length);
  }
}

/** What a scan codes (T.81, B.2.3). */
export interface ScanScript {
  readonly components: readonly number[];
  readonly first?: number;
  readonly last?: number;
  readonly high?: number;
  readonly low?: number;
}

/** A JPEG that is made from coefficients of chance, so that it can be of any shape that T.81 has. */
export interface CoefficientsFile {
  readonly width: number;
  readonly height: number;
  /** Sampling factors, one byte a component. */
  readonly factors: readonly number[];
  readonly progressive?: boolean;
  readonly restartInterval?: number;
  readonly scans: readonly ScanScript[];
  readonly seed?: number;
}

/** Bits of a code: every table has one code for each symbol, all of a length, so that the symbol is the code. */
const DC_CODE = 5;
const AC_CODE = 9;

const TABLES = concat(
  segment(0xc4, [
    0,
    ...Array.from({ length: 16 }, (_, i) => (i + 1 === DC_CODE ? 16 : 0)),
    ...Array(16).keys(),
  ]),
  segment(0xc4, [
    0x10,
    ...Array.from({ length: 16 }, (_, i) => (i + 1 === AC_CODE ? 255 : 0)),
    ...Array(255).keys(),
  ]),
);

const sizeOf = (value: number) => 32 - Math.clz32(Math.abs(value));

/** The point transform of AC coefficients (T.81, G.1.2.1): towards 0. */
const shifted = (value: number, low: number) => Math.sign(value) * (Math.abs(value) >> low);

/** The file, with its end marker. */
export function makeJpeg(file: CoefficientsFile): Uint8Array {
  const { width, height, factors, progressive = false, restartInterval = 0, scans } = file;
  let state = file.seed ?? 1;
  const random = (below: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  const wide = factors.map((factor) => factor >> 4);
  const tall = factors.map((factor) => factor & 15);
  const across = Math.ceil(width / (8 * Math.max(...wide)));
  const down = Math.ceil(height / (8 * Math.max(...tall)));
  // Rows of whole MCUs, in zigzag order; every block ends in the last coefficient or before.
  const planes = factors.map((_, c) =>
    Array.from({ length: across * wide[c]! * down * tall[c]! }, () => {
      const block = Array.from({ length: 64 }, (_, k) => (random(64) > k ? random(13) - 6 : 0));
      block[0] = random(200) - 100;
      return random(3) === 0 ? block.map((value, k) => (k === 0 ? value : 0)) : block;
    }),
  );

  function encodeScan({ components, first = 0, last = 63, high = 0, low = 0 }: ScanScript): Uint8Array {
    const bits = new BitWriter();
    const predictions = factors.map(() => 0);
    let run = 0;
    const endRun = () => {
      if (run === 0) return;
      const size = sizeOf(run) - 1;
      bits.put(size << 4, AC_CODE);
      bits.put(run - (1 << size), size);
      run = 0;
    };
    const putValue = (value: number, size: number) =>
      bits.put(value < 0 ? value + (1 << size) - 1 : value, size);
    const dc = (c: number, block: readonly number[]) => {
      const value = block[0]! >> low;
      if (high > 0) {
        bits.put(value & 1, 1);
        return;
      }
      const difference = value - predictions[c]!;
      predictions[c] = value;
      bits.put(sizeOf(difference), DC_CODE);
      putValue(difference, sizeOf(difference));
    };
    const ac = (block: readonly number[], runs: boolean) => {
      let zeros = 0;
      for (let k = Math.max(first, 1); k <= last; k++) {
        const value = shifted(block[k]!, low);
        if (value === 0) {
          zeros++;
          continue;
        }
        endRun();
        for (; zeros > 15; zeros -= 16) bits.put(0xf0, AC_CODE);
        bits.put((zeros << 4) | sizeOf(value), AC_CODE);
        putValue(value, sizeOf(value));
        zeros = 0;
      }
      if (zeros === 0) return;
      if (++run === 0x7fff || !runs) endRun();
    };
    const refine = (block: readonly number[]) => {
      const values = block.map((value) => Math.abs(value) >> low);
      const lastNew = values.findLastIndex((value, k) => value === 1 && k <= last);
      let corrections: number[] = [];
      const correct = () => {
        for (const bit of corrections) bits.put(bit, 1);
        corrections = [];
      };
      let zeros = 0;
      for (let k = first; k <= last; k++) {
        const value = values[k]!;
        if (value === 0) {
          zeros++;
          continue;
        }
        for (; zeros > 15 && k <= lastNew; zeros -= 16) {
          bits.put(0xf0, AC_CODE);
          correct();
        }
        if (value > 1) {
          corrections.push(value & 1);
          continue;
        }
        bits.put((zeros << 4) | 1, AC_CODE);
        bits.put(block[k]! > 0 ? 1 : 0, 1);
        correct();
        zeros = 0;
      }
      if (zeros === 0 && corrections.length === 0) return;
      bits.put(0, AC_CODE);
      correct();
    };
    const encodeBlock = (c: number, block: readonly number[]) => {
      if (!progressive) {
        dc(c, block);
        ac(block, false);
      } else if (first === 0) dc(c, block);
      else if (high === 0) ac(block, true);
      else refine(block);
    };

    const parts: Uint8Array[] = [];
    let mcu = 0;
    const beginMcu = () => {
      if (restartInterval > 0 && mcu > 0 && mcu % restartInterval === 0) {
        endRun();
        bits.align();
        bits.bytes.push(0xff, 0xd0 + ((mcu / restartInterval - 1) & 7));
        predictions.fill(0);
      }
      mcu++;
    };
    const [only] = components as [number];
    if (components.length === 1) {
      const columns = Math.ceil((width * wide[only]!) / (8 * Math.max(...wide)));
      const rows = Math.ceil((height * tall[only]!) / (8 * Math.max(...tall)));
      for (let y = 0; y < rows; y++) {
        for (let x = 0; x < columns; x++) {
          beginMcu();
          encodeBlock(only, planes[only]![y * across * wide[only]! + x]!);
        }
      }
    } else {
      for (let y = 0; y < down; y++) {
        for (let x = 0; x < across; x++) {
          beginMcu();
          for (const c of components) {
            for (let i = 0; i < wide[c]! * tall[c]!; i++) {
              const row = y * tall[c]! + Math.floor(i / wide[c]!);
              encodeBlock(c, planes[c]![(row * across + x) * wide[c]! + (i % wide[c]!)]!);
            }
          }
        }
      }
    }
    endRun();
    bits.align();
    const selectors = components.flatMap((c) => [c + 1, 0]);
    parts.push(segment(0xda, [components.length, ...selectors, first, last, high * 16 + low]));
    parts.push(Uint8Array.from(bits.bytes));
    return concat(...parts);
  }

  const frame = [
    8,
    height >> 8,
    height & 255,
    width >> 8,
    width & 255,
    factors.length,
    ...factors.flatMap((factor, c) => [c + 1, factor, 0]),
  ];
  return concat(
    [0xff, 0xd8],
    segment(0xdb, [0, ...Array.from({ length: 64 }, (_, k) => 3 + (k >> 2))]),
    segment(progressive ? 0xc2 : 0xc0, frame),
    TABLES,
    ...(restartInterval > 0 ? [segment(0xdd, [restartInterval >> 8, restartInterval & 255])] : []),
    ...scans.map(encodeScan),
    [0xff, 0xd9],
  );
}
