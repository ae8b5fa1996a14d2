import { wrongKind, wrongValue } from '../errors.js';
import {
  ENCODE_OPTIONS,
  flag,
  type JpegEncodeOptions,
  type JpegQuantTables,
  type OptionRule,
  type OptionTable,
  oneOf,
  range,
  resolveOptions,
} from '../options.js';

function checkQuantTable(value: unknown, name: string): Uint8Array {
  const what = '64 integers from 1 to 255';
  const list =
    typeof value === 'object' && value !== null && (Array.isArray(value) || ArrayBuffer.isView(value));
  if (!list || value instanceof DataView) throw wrongKind(what, name, value);
  // What is checked is the copy: the list may change, or have getters.
  const steps: unknown[] = Array.from(value as ArrayLike<unknown>);
  if (steps.length !== 64) throw wrongValue(what, `${name}.length`, steps.length);
  for (const step of steps) {
    if (typeof step !== 'number') throw wrongKind(what, name, steps);
    if (!(Number.isInteger(step) && step >= 1 && step <= 255)) throw wrongValue(what, name, steps);
  }
  return Uint8Array.from(steps as number[]);
}

function checkQuantTables(value: unknown, name: string): readonly [Uint8Array, Uint8Array] {
  const what = '[luma] or [luma, chroma], 64 steps each,';
  if (!Array.isArray(value)) throw wrongKind(what, name, value);
  const [luma, chroma] = value;
  if (value.length < 1 || value.length > 2) throw wrongValue(what, name, value);
  const first = checkQuantTable(luma, `${name}[0]`);
  return [first, chroma === undefined ? first : checkQuantTable(chroma, `${name}[1]`)];
}

const quantTablesRule: OptionRule<JpegQuantTables> = {
  check: checkQuantTables,
  fallback: undefined,
  refuse: undefined,
};

const OPTIONS: OptionTable<JpegEncodeOptions> = Object.freeze({
  ...ENCODE_OPTIONS,
  quality: range(1, 100, { fallback: 80 }),
  chromaSubsampling: oneOf(['4:4:4', '4:2:2', '4:2:0'], { fallback: '4:2:0' }),
  progressive: flag(),
  optimizeCoding: flag(),
  restartInterval: range(0, 65_535, { fallback: 0 }),
  quantTables: quantTablesRule,
});

/** The options of JPEG as its engines take them, with every default. */
export type ResolvedJpegOptions = ReturnType<typeof resolveJpegOptions>;

/**
 * Checks a caller's options and fills in the defaults.
 *
 * @throws TypeError, RangeError, CodecError as `resolveOptions`; RangeError also for options that exclude each other
 */
export function resolveJpegOptions(options: JpegEncodeOptions | undefined) {
  const resolved = resolveOptions(OPTIONS, options, 'jpeg');
  const { effort, optimizeCoding, quality = 80, chromaSubsampling = '4:2:0', restartInterval = 0 } = resolved;
  const quantTables = resolved.quantTables as readonly [Uint8Array, Uint8Array] | undefined;
  if (quantTables && options?.quality !== undefined) {
    throw wrongValue('nothing, as quantTables are given,', 'quality', quality);
  }
  // mozjpeg, as it comes from jSquash, has neither 4:2:2 nor restart markers nor a way in for tables, and without Huffman tables of
  // its own writes corrupt files.
  const mozjpeg =
    effort === 'smallest' &&
    chromaSubsampling !== '4:2:2' &&
    restartInterval === 0 &&
    quantTables === undefined &&
    optimizeCoding !== false;
  const { progressive = mozjpeg } = resolved;
  if (progressive && optimizeCoding === false) {
    // T.81 Annex K has no codes for the bands of progressive scans.
    throw wrongValue('true or nothing, as the image is progressive,', 'optimizeCoding', optimizeCoding);
  }
  return {
    ...resolved,
    mozjpeg,
    quality,
    progressive,
    chromaSubsampling,
    restartInterval,
    quantTables,
    optimizeCoding: optimizeCoding ?? (progressive || effort !== 'fast'),
  };
}
