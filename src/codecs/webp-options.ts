import { wrongValue } from '../errors.js';
import {
  ENCODE_OPTIONS,
  flag,
  type OptionTable,
  range,
  resolveOptions,
  type WebpEncodeOptions,
} from '../options.js';

const OPTIONS: OptionTable<WebpEncodeOptions> = Object.freeze({
  ...ENCODE_OPTIONS,
  quality: range(0, 100, { integer: false }),
  lossless: flag(),
  nearLossless: range(0, 100),
  alphaQuality: range(0, 100, { fallback: 100 }),
  method: range(0, 6),
  exact: flag({ fallback: false }),
  sharpYuv: flag({ fallback: false }),
  targetSize: range(1, 0x7fffffff),
});

/** Checks a caller's options and fills in the defaults, as `resolveOptions`. */
export function resolveWebpOptions(options: WebpEncodeOptions | undefined) {
  const resolved = resolveOptions(OPTIONS, options, 'webp');
  const { nearLossless, targetSize, lossless = nearLossless !== undefined } = resolved;
  if (!lossless && nearLossless !== undefined) {
    throw wrongValue('true or nothing, as nearLossless is given,', 'lossless', lossless);
  }
  if (lossless && targetSize !== undefined) {
    throw wrongValue('nothing, as the image is lossless,', 'targetSize', targetSize);
  }
  return { ...resolved, lossless };
}

export type ResolvedWebpOptions = ReturnType<typeof resolveWebpOptions>;
