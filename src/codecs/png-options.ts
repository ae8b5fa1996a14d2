import {
  ENCODE_OPTIONS,
  flag,
  type OptionTable,
  oneOf,
  type PngEncodeOptions,
  range,
  resolveOptions,
} from '../options.js';

const OPTIONS: OptionTable<PngEncodeOptions> = Object.freeze({
  ...ENCODE_OPTIONS,
  level: range(0, 9),
  filter: oneOf(['auto', 'none', 'sub', 'up', 'average', 'paeth'], { fallback: 'auto' }),
  reduce: flag({ fallback: true }),
  interlaced: flag({ fallback: false }),
  bitDepth: oneOf([1, 2, 4, 8, 16]),
});

/** Checks a caller's options and fills in the defaults, as `resolveOptions`. */
export const resolvePngOptions = (options: PngEncodeOptions | undefined) =>
  resolveOptions(OPTIONS, options, 'png');
