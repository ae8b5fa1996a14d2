import type { EncodeFormat } from '../../src/formats.js';

/** What a value of an option is. */
type OptionKind = 'number' | 'boolean' | 'word' | 'choice of numbers' | 'list' | 'object' | 'AbortSignal';

/** One option, as a caller sees it. */
export interface OptionCase {
  readonly kind: OptionKind;
  /** Values that are served; the first is the default, where a value is. */
  readonly served: readonly unknown[];
  /** Values of the right kind that are out of range. */
  readonly outOfRange?: readonly unknown[];
  /** Values that are understood but not served. */
  readonly refused?: readonly unknown[];
}

const CALL: Readonly<Record<string, OptionCase>> = {
  limits: {
    kind: 'object',
    served: [{}, { maxPixels: 1_000_000 }, { maxSide: 20, maxMemoryBytes: undefined }],
    outOfRange: [{ maxPixels: 0 }, { maxSide: 1.5 }, { maxMemoryBytes: Number.POSITIVE_INFINITY }],
  },
  signal: { kind: 'AbortSignal', served: [new AbortController().signal] },
};

const BACKGROUND: OptionCase = {
  kind: 'list',
  served: [
    [255, 255, 255],
    [0, 0, 0],
    [1, 2, 3],
  ],
  outOfRange: [
    [1, 2],
    [1, 2, 3, 4],
    [256, 0, 0],
    [0, -1, 0],
    [0, 0, 0.5],
    [Number.NaN, 0, 0],
  ],
};

const ENCODE: Readonly<Record<string, OptionCase>> = {
  ...CALL,
  effort: { kind: 'word', served: ['balanced', 'fast', 'smallest'], outOfRange: ['', 'Fast', 'constructor'] },
  background: BACKGROUND,
  metadata: {
    kind: 'object',
    served: [{}, { icc: undefined }],
    refused: [{ icc: new Uint8Array(4) }, { density: 300 }, { text: { Author: 'nobody' } }],
  },
};

const flag = (details: Partial<OptionCase> = {}): OptionCase => ({
  kind: 'boolean',
  served: [false, true],
  ...details,
});

const steps = (): number[] => Array.from({ length: 64 }, (_, i) => i + 1);

/** Every option of every format. */
export const ENCODE_CASES: Readonly<Record<EncodeFormat, Readonly<Record<string, OptionCase>>>> = {
  png: {
    ...ENCODE,
    level: { kind: 'number', served: [0, 1, 6, 9], outOfRange: [10, 0.5, -1] },
    filter: {
      kind: 'word',
      served: ['auto', 'none', 'sub', 'up', 'average', 'paeth'],
      outOfRange: ['Paeth', 'adaptive'],
    },
    reduce: flag({ served: [true, false] }),
    interlaced: flag(),
    bitDepth: { kind: 'choice of numbers', served: [8, 16], outOfRange: [0, 3, 32] },
  },
  jpeg: {
    ...ENCODE,
    quality: { kind: 'number', served: [80, 1, 100], outOfRange: [0, 101, 50.5] },
    chromaSubsampling: {
      kind: 'word',
      served: ['4:2:0', '4:4:4', '4:2:2'],
      outOfRange: ['420', '4:1:1'],
    },
    progressive: flag(),
    optimizeCoding: flag(),
    restartInterval: { kind: 'number', served: [0, 1, 65_535], outOfRange: [0.5, 65_536] },
    quantTables: {
      kind: 'list',
      served: [[steps()], [steps(), new Uint8Array(64).fill(99)], [new Uint16Array(64).fill(255), undefined]],
      outOfRange: [
        [steps().slice(1)],
        [[...steps(), 1]],
        [steps().with(63, 0)],
        [steps(), steps().with(5, 256)],
        [steps().with(7, 1.5)],
        [steps(), steps(), steps()],
      ],
    },
  },
  webp: {
    ...ENCODE,
    quality: { kind: 'number', served: [80, 0, 33.3, 100], outOfRange: [-0.1, 100.1] },
    lossless: flag(),
    nearLossless: { kind: 'number', served: [0, 60, 100], outOfRange: [101, 0.5] },
    alphaQuality: { kind: 'number', served: [100, 0, 50], outOfRange: [101, 0.5] },
    method: { kind: 'number', served: [4, 0, 6], outOfRange: [7, 0.5] },
    exact: flag(),
    sharpYuv: flag(),
    targetSize: { kind: 'number', served: [1, 500], outOfRange: [0, 1.5, 2 ** 31] },
  },
  raw: {
    ...ENCODE,
    pixelFormat: { kind: 'word', served: ['rgba8', 'gray1', 'rgb16'], outOfRange: ['', 'RGB8', 'toString'] },
  },
};

/** Every option of `decode`. */
export const DECODE_CASES: Readonly<Record<string, OptionCase>> = {
  ...CALL,
  pixelFormat: {
    kind: 'word',
    served: ['rgba8', 'gray1', 'rgb16'],
    outOfRange: ['', 'RGB8', 'toString', 'indexed8'],
  },
  background: BACKGROUND,
  autoOrient: flag(),
};

/** Values that mean nothing to most options. */
export const NONSENSE: readonly unknown[] = [
  null,
  {},
  Number.NaN,
  Number.POSITIVE_INFINITY,
  -1,
  '5',
  [],
  Symbol('nonsense'),
  1n,
  true,
  () => 5,
  new Date(0),
];

const NUMBER_KINDS: readonly OptionKind[] = ['number', 'choice of numbers'];

/** The error that a value of `NONSENSE` must end in; `undefined` where it makes sense after all. */
export function expectedError(
  { kind }: OptionCase,
  value: unknown,
): TypeErrorConstructor | RangeErrorConstructor | undefined {
  if (NUMBER_KINDS.includes(kind)) return typeof value === 'number' ? RangeError : TypeError;
  if (kind === 'word') return typeof value === 'string' ? RangeError : TypeError;
  if (kind === 'list') return Array.isArray(value) ? RangeError : TypeError;
  if (kind === 'boolean') return typeof value === 'boolean' ? undefined : TypeError;
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  return kind === 'object' && isObject ? undefined : TypeError;
}
