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
  level: range(0, 9, {
    refuse: () => 'The PNG encoder has a single compression level so far; leave level out',
  }),
  filter: oneOf(['auto', 'none', 'sub', 'up', 'average', 'paeth'], {
    fallback: 'auto',
    refuse: (filter) =>
      filter === 'auto' ? undefined : `PNG filter '${filter}' cannot be chosen yet; use 'auto'`,
  }),
  reduce: flag({
    fallback: false,
    refuse: (reduce) => (reduce ? 'PNG colours cannot be reduced yet; leave reduce out' : undefined),
  }),
  interlaced: flag({
    fallback: false,
    refuse: (interlaced) =>
      interlaced ? 'Interlaced PNG cannot be written yet; leave interlaced out' : undefined,
  }),
  bitDepth: oneOf([1, 2, 4, 8, 16], {
    refuse: (depth) =>
      depth < 8 ? `PNG cannot be written with ${depth} bits a sample yet; use 8 or 16` : undefined,
  }),
});

/** Checks a caller's options and fills in the defaults, as `resolveOptions`. */
export const resolvePngOptions = (options: PngEncodeOptions | undefined) =>
  resolveOptions(OPTIONS, options, 'png');
