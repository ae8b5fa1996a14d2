import { CodecError, wrongKind, wrongValue } from './errors.js';
import type { ImageFormat } from './formats.js';
import { checkMetadata, type Metadata, resolveSamples } from './image.js';
import { type Limits, resolveLimits } from './limits.js';
import { PIXEL_FORMATS, type PixelFormat } from './pixel-format.js';

/** How much time to spend for how few bytes. */
export type Effort = 'fast' | 'balanced' | 'smallest';

/** A colour, 0 to 255 a sample. */
export type Rgb = readonly [red: number, green: number, blue: number];

/** Options of every call that reads or writes pixels. */
export interface CallOptions {
  /** Bounds that the call refuses to pass. */
  limits?: Limits;
  /** Rejects the call with `signal.reason`: looked at before and between its steps. */
  signal?: AbortSignal;
}

/** Options of every encoder. */
export interface EncodeOptions extends CallOptions {
  /**
   * Time against bytes. Default `'balanced'`. `'smallest'` takes another JPEG encoder, mozjpeg, unless an option asks for what that
   * has not: 4:2:2, restart markers, standard Huffman tables, quantisation tables.
   */
  effort?: Effort;
  /** Colour that alpha is flattened on, where the output has none. Default white, `[255, 255, 255]`. */
  background?: Rgb;
  /** What to write beside the pixels. No encoder writes any yet: anything in it is refused. */
  metadata?: Metadata;
}

/** Options of `encode(…, 'png')`. */
export interface PngEncodeOptions extends EncodeOptions {
  /**
   * Compression level, integer, instead of the one that `effort` stands for: 0 stores, 1 to 3 take little time (fast is 2), 4 to 6 are
   * balanced (5), 7 to 9 search for the fewest bytes (smallest is 8).
   */
  level?: number;
  /** Filter of all rows (PNG section 9). Default `'auto'`: none or one chosen for each row, by what the image looks like. */
  filter?: 'auto' | 'none' | 'sub' | 'up' | 'average' | 'paeth';
  /**
   * Leave out what the image turns out not to need: alpha that is opaque, colour that is gray, a palette where there are few colours,
   * bits that no sample needs. 16 bits become 8 where each sample is a byte twice, from level 7 on. Default true; false keeps the layout
   * of the input. Of rows that come one by one only what the pixel format tells is known.
   */
  reduce?: boolean;
  /** Adam7 (PNG section 8.1). Default false. The whole image is kept in memory. */
  interlaced?: boolean;
  /**
   * Bits a sample in the file. Default: as many as needed, or where `reduce` is false 16 for the 16-bit pixel formats, 1 for `gray1`, else
   * 8. Fewer than there are: gray is rounded, 16 bits to 8 as well. Fewer than 8 for colour need a palette: `UNSUPPORTED_FEATURE` where
   * the image has more colours.
   */
  bitDepth?: 1 | 2 | 4 | 8 | 16;
}

/** Options of `encode(…, 'jpeg')`. */
export interface JpegEncodeOptions extends EncodeOptions {
  /** Integer, 1 (smallest) to 100 (best), on libjpeg's scale. Default 80. */
  quality?: number;
  /** Resolution of colour against brightness. Default `'4:2:0'`. */
  chromaSubsampling?: '4:4:4' | '4:2:2' | '4:2:0';
  /** Several scans from coarse to fine. Default false, with effort `'smallest'` true. */
  progressive?: boolean;
  /** Huffman tables made for the image. Default true, with effort `'fast'` false: the standard tables. Progressive images need it. */
  optimizeCoding?: boolean;
  /** Integer, MCU rows between restart markers. Default 0, none. Fewer where they would be more than 65,535 MCUs. */
  restartInterval?: number;
  /**
   * Quantisation steps (T.81 section A.3.4) instead of those that `quality` stands for: 64 integers from 1 to 255 for luma and 64 for
   * chroma, row by row. Without a second table the first serves for both.
   */
  quantTables?: JpegQuantTables;
}

/** Tables of 64 quantisation steps, row by row from the lowest frequency. */
export type JpegQuantTables = readonly [luma: ArrayLike<number>, chroma?: ArrayLike<number>];

/** Options of `encode(…, 'webp')`. */
export interface WebpEncodeOptions extends EncodeOptions {
  /**
   * 0 (smallest) to 100 (best), of a lossy image. Default 80. Of a lossless one it says nothing.
   */
  quality?: number;
  /** Exact pixels. Default false, true where `nearLossless` is given. */
  lossless?: boolean;
  /**
   * Lossless but for samples that are rounded where it does not show, so that files get smaller: integer, 0 (most rounding) to 100 (none).
   * From 80 on no sample is wrong by more than 1, from 60 on by 2, from 40 on by 4, from 20 on by 8, below by 16, and by less than half of
   * what it differs by from its neighbours. Images of at most 256 colours, flat areas and the edges of drawings stay exact, and so does
   * whether a pixel is opaque, or transparent.
   */
  nearLossless?: number;
  /**
   * Quality of a lossy image's alpha, 0 to 100. Default 100, exact. Below, levels of alpha are merged until 2 (at 0) to 16 (at 70) or 248
   * (at 99) are left; what is opaque stays so, and so does what cannot be seen.
   */
  alphaQuality?: number;
  /**
   * How hard to compress, integer, 0 (fastest) to 6 (smallest), before `effort`: 0, 4 and 6. Lossless, 0 and 1 are the same, so are 2 to 4
   * and 5 and 6.
   */
  method?: number;
  /** Keep the colour of fully transparent pixels. Default false. */
  exact?: boolean;
  /**
   * Lossy: brightness and colour chosen for what a decoder makes of them, so that edges between strong colours are sharp and as bright as they
   * were. Takes a quarter more time, and of photographs up to 7 % more bytes. Default false.
   */
  sharpYuv?: boolean;
  /** Bytes that the file may have, lossy only: instead of `quality`, the best that fits. Where nothing does, quality 0. */
  targetSize?: number;
}

/** Options of `encode(…, 'raw')`. `effort` changes nothing. */
export interface RawEncodeOptions extends EncodeOptions {
  /** Layout of the output. Default: that of the input. `'indexed8'` only from itself. */
  pixelFormat?: PixelFormat;
}

/** The options of each format. */
export interface EncodeOptionsByFormat {
  /** See `PngEncodeOptions`. */
  png: PngEncodeOptions;
  /** See `JpegEncodeOptions`. */
  jpeg: JpegEncodeOptions;
  /** See `WebpEncodeOptions`. */
  webp: WebpEncodeOptions;
  /** See `RawEncodeOptions`. */
  raw: RawEncodeOptions;
}

/** Options of `decode`. */
export interface DecodeOptions extends CallOptions {
  /** Layout of the result. Default `'rgba8'`, straight alpha, whatever the file holds; not `'indexed8'`. */
  pixelFormat?: Exclude<PixelFormat, 'indexed8'>;
  /** Colour that alpha is flattened on, where `pixelFormat` has none. Default white, `[255, 255, 255]`. */
  background?: Rgb;
  /** Turn the pixels upright by the file's EXIF orientation. Default false, for `transcode` true. */
  autoOrient?: boolean;
}

/** One option: how a value is checked, what stands for none, and what the engine cannot serve. */
export interface OptionRule<T> {
  readonly check: (value: unknown, name: string) => T;
  readonly fallback: T | undefined;
  /** A sentence where no engine serves the value yet. */
  readonly refuse: ((value: T) => string | undefined) | undefined;
}

/** The rules of a format's options, one a key. */
export type OptionTable<O> = { readonly [K in keyof O]-?: OptionRule<Exclude<O[K], undefined>> };

/** Options after `resolveOptions`: those with a default are there. */
export type Resolved<O> = O & Required<Pick<O, Extract<keyof O, 'limits'>>> & { limits: Required<Limits> };

type Refuse<T> = (value: T) => string | undefined;

/** A number of that range, an integer where `step` is 1. */
export function range(
  min: number,
  max: number,
  details: { integer?: boolean; fallback?: number; refuse?: Refuse<number> } = {},
): OptionRule<number> {
  const bounds = max === Number.POSITIVE_INFINITY ? `of at least ${min}` : `from ${min} to ${max}`;
  const what = `${details.integer === false ? 'a number' : 'an integer'} ${bounds}`;
  const check = (value: unknown, name: string) => {
    if (typeof value !== 'number') throw wrongKind(what, name, value);
    const whole = details.integer === false || Number.isSafeInteger(value);
    if (!whole || !(value >= min && value <= max)) throw wrongValue(what, name, value);
    return value;
  };
  return { check, fallback: details.fallback, refuse: details.refuse };
}

/** True or false. */
export function flag(details: { fallback?: boolean; refuse?: Refuse<boolean> } = {}): OptionRule<boolean> {
  const check = (value: unknown, name: string) => {
    if (typeof value !== 'boolean') throw wrongKind('a boolean', name, value);
    return value;
  };
  return { check, fallback: details.fallback, refuse: details.refuse };
}

/** One of a list. */
export function oneOf<const T extends string | number>(
  values: readonly T[],
  details: { fallback?: NoInfer<T>; refuse?: Refuse<NoInfer<T>> } = {},
): OptionRule<T> {
  const what = `one of ${values.join(', ')}`;
  const check = (value: unknown, name: string) => {
    if (typeof value !== typeof values[0]) throw wrongKind(what, name, value);
    if (!values.includes(value as T)) throw wrongValue(what, name, value);
    return value as T;
  };
  return { check, fallback: details.fallback, refuse: details.refuse };
}

function checkRgb(value: unknown, name: string): Rgb {
  const what = '[red, green, blue], integers from 0 to 255,';
  const samples = resolveSamples(value, what, name);
  if (samples.length !== 3) throw wrongValue(what, name, samples);
  return samples as unknown as Rgb;
}

function checkSignal(value: unknown, name: string): AbortSignal {
  const signal = value as AbortSignal | null;
  if (typeof signal?.aborted !== 'boolean' || typeof signal.throwIfAborted !== 'function') {
    throw wrongKind('an AbortSignal', name, value);
  }
  return signal;
}

/** One of all pixel formats. */
export const pixelFormatRule: OptionRule<PixelFormat> = oneOf(PIXEL_FORMATS);

/** The rules of `CallOptions`. */
const CALL_OPTIONS: OptionTable<CallOptions> = {
  limits: {
    check: (value) => resolveLimits(value as Limits),
    fallback: resolveLimits(undefined),
    refuse: undefined,
  },
  signal: { check: checkSignal, fallback: undefined, refuse: undefined },
};

/** The colour behind alpha. */
/** What stands behind alpha where no background is given. */
export const WHITE: Rgb = Object.freeze([255, 255, 255] as const);

const backgroundRule: OptionRule<Rgb> = {
  check: checkRgb,
  fallback: WHITE,
  refuse: undefined,
};

/** Refuses metadata that would be lost. */
export function refuseMetadata(metadata: Metadata | undefined): string | undefined {
  const kinds = Object.entries(metadata ?? {}).flatMap(([kind, value]) =>
    value === undefined ? [] : [kind],
  );
  return kinds.length === 0
    ? undefined
    : `Metadata (${kinds.join(', ')}) cannot be written yet; leave metadata out`;
}

/** The rules of `EncodeOptions`. */
export const ENCODE_OPTIONS: OptionTable<EncodeOptions> = {
  ...CALL_OPTIONS,
  effort: oneOf(['fast', 'balanced', 'smallest'], { fallback: 'balanced' }),
  background: backgroundRule,
  metadata: { check: checkMetadata, fallback: undefined, refuse: refuseMetadata },
};

/** The rules of `DecodeOptions`. */
export const DECODE_OPTIONS: OptionTable<DecodeOptions> = {
  ...CALL_OPTIONS,
  pixelFormat: oneOf(
    PIXEL_FORMATS.filter((format): format is Exclude<PixelFormat, 'indexed8'> => format !== 'indexed8'),
    { fallback: 'rgba8' },
  ),
  background: backgroundRule,
  autoOrient: flag({ fallback: false }),
};

/** Checks that options are an object, or left out. */
export function checkOptionsKind(options: unknown): void {
  if (options !== undefined && (typeof options !== 'object' || options === null || Array.isArray(options))) {
    throw wrongKind('an object', 'options', options);
  }
}

/**
 * Checks a caller's options against a table and fills in the defaults. `undefined` counts as not given.
 *
 * @throws TypeError for an unknown option or a value of the wrong kind
 * @throws RangeError for a value out of range
 * @throws CodecError `UNSUPPORTED_FEATURE` for a value that no engine serves yet
 */
export function resolveOptions<O extends CallOptions>(
  table: OptionTable<O>,
  options: O | undefined,
  format: ImageFormat | undefined,
): Resolved<O> {
  checkOptionsKind(options);
  const given = new Map(Object.entries(options ?? {}).filter(([, value]) => value !== undefined));
  for (const key of given.keys()) {
    if (!Object.hasOwn(table, key))
      throw wrongKind(`one of ${Object.keys(table).join(', ')}`, 'an option', key);
  }
  const rules = Object.entries(table) as [string, OptionRule<unknown>][];
  const resolved: Record<string, unknown> = {};
  for (const [key, rule] of rules) {
    resolved[key] = given.has(key) ? rule.check(given.get(key), key) : rule.fallback;
  }
  for (const [key, rule] of rules) {
    const refusal = given.has(key) ? rule.refuse?.(resolved[key]) : undefined;
    if (refusal !== undefined) throw new CodecError('UNSUPPORTED_FEATURE', refusal, { format });
  }
  return resolved as Resolved<O>;
}
