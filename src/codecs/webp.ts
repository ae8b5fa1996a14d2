import { readWebpForDecoding } from '../container/webp-chunks.js';
import {
  decodeWebpPixels,
  encodeWebpPixels,
  WEBP_DECODE_BYTES_PER_PIXEL,
  WEBP_ENCODE_BYTES_PER_PIXEL,
} from '../engines/jsquash/libwebp.js';
import { wrongValue } from '../errors.js';
import { checkMemory } from '../limits.js';
import {
  type DecodeOptions,
  ENCODE_OPTIONS,
  flag,
  type OptionTable,
  range,
  resolveOptions,
  type WebpEncodeOptions,
} from '../options.js';
import type { ImageSource } from '../source.js';
import { beginDecode, beginEncode, type DecodedImage, type TwoWayCodec } from './codec.js';
import { finishDecode, toRgba8 } from './rgba.js';

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

/** libwebp's terms for each effort. Lossless, its `quality` is effort too (its presets 0, 6 and 9). */
const EFFORTS = {
  fast: { method: 0, losslessQuality: 0 },
  balanced: { method: 4, losslessQuality: 75 },
  smallest: { method: 6, losslessQuality: 100 },
} as const;

function resolveWebpOptions(options: WebpEncodeOptions | undefined) {
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

/**
 * Encodes pixels as WebP, lossy or lossless, with alpha where there is any.
 *
 * @param source pixels of any layout, top-down, at most 16,383 a side; read until the promise settles, never changed; 16 bits
 * a sample are rounded to 8
 * @param options see `WebpEncodeOptions`
 * @returns the file, in memory that the caller owns
 * @throws TypeError, RangeError for a wrong argument, before any WebAssembly is loaded
 * @throws CodecError `UNSUPPORTED_FEATURE`, `LIMIT_EXCEEDED`, `OUT_OF_MEMORY`, `WASM_LOAD_FAILED`, `CODEC_FAILED`
 * @example
 * const webp = await encodeWebp(context.getImageData(0, 0, 640, 480), { lossless: true });
 */
export async function encodeWebp(
  source: ImageSource,
  options?: WebpEncodeOptions,
): Promise<Uint8Array<ArrayBuffer>> {
  const resolved = resolveWebpOptions(options);
  const image = await beginEncode('webp', source, resolved);
  const { effort = 'balanced', lossless, limits, signal } = resolved;
  const { width, height } = image;
  const kind = lossless ? 'lossless' : resolved.sharpYuv ? 'sharpYuv' : 'lossy';
  checkMemory(width * height * WEBP_ENCODE_BYTES_PER_PIXEL[kind], 'webp', limits);
  const pixels = await toRgba8(image, signal);
  const { quality = lossless ? EFFORTS[effort].losslessQuality : 80, method = EFFORTS[effort].method } =
    resolved;
  const settings = {
    quality,
    method,
    lossless,
    nearLossless: resolved.nearLossless ?? 100,
    alphaQuality: resolved.alphaQuality ?? 100,
    exact: resolved.exact ?? false,
    sharpYuv: resolved.sharpYuv ?? false,
    targetSize: resolved.targetSize ?? 0,
  };
  return encodeWebpPixels(pixels, width, height, settings, resolved);
}

/**
 * Decodes a still WebP, lossy or lossless.
 *
 * @param bytes the whole file; read until the promise settles, never changed
 * @param options see `DecodeOptions`
 * @throws TypeError, RangeError for a wrong argument, before any WebAssembly is loaded
 * @throws CodecError `CORRUPT_INPUT`, `TRUNCATED_INPUT`, `UNKNOWN_FORMAT`, `UNSUPPORTED_FEATURE` (animation),
 * `LIMIT_EXCEEDED`, `OUT_OF_MEMORY`, `WASM_LOAD_FAILED`
 */
export async function decodeWebp(
  bytes: ArrayBufferView | ArrayBufferLike,
  options?: DecodeOptions,
): Promise<DecodedImage> {
  const { bytes: file, options: resolved } = beginDecode('webp', bytes, options);
  const { still, orientation } = readWebpForDecoding(file, resolved.limits);
  const pixels = await decodeWebpPixels(still, resolved);
  return finishDecode(pixels, 8, orientation, resolved);
}

/** The format `'webp'`. */
export const codec: TwoWayCodec<'webp'> = {
  encode: encodeWebp,
  decode: decodeWebp,
  checkOptions: resolveWebpOptions,
};
