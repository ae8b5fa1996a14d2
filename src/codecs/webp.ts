import { concat } from '../concat.js';
import { readWebp } from '../container/webp.js';
import { readWebpForDecoding, type WebpForDecoding } from '../container/webp-chunks.js';
import type { EnginePixels } from '../engines/engine.js';
import { checkMemory } from '../limits.js';
import type { DecodeOptions, WebpEncodeOptions } from '../options.js';
import type { ImageSource } from '../source.js';
import { beginDecode, beginEncode, type DecodedImage, type TwoWayCodec } from './codec.js';
import { codeLoader } from './load-code.js';
import { finishDecode } from './rgba.js';
import { encodeLosslessWebp, encodeLossyWebp } from './webp-kernel.js';
import { resolveWebpOptions } from './webp-options.js';

/** Glue that encoding can do without. */
const loadLibwebp = /* @__PURE__ */ codeLoader(
  'libwebp',
  'webp',
  () => import('../engines/jsquash/libwebp.js'),
);

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
  return resolved.lossless ? encodeLosslessWebp(image, resolved) : encodeLossyWebp(image, resolved);
}

/**
 * Decodes a WebP, lossy or lossless. Of an animated one, the first frame on its canvas.
 *
 * @param bytes the whole file; read until the promise settles, never changed
 * @param options see `DecodeOptions`
 * @throws TypeError, RangeError for a wrong argument, before any WebAssembly is loaded
 * @throws CodecError `CORRUPT_INPUT`, `TRUNCATED_INPUT`, `UNKNOWN_FORMAT`, `LIMIT_EXCEEDED`, `OUT_OF_MEMORY`, `WASM_LOAD_FAILED`
 */
export async function decodeWebp(
  bytes: ArrayBufferView | ArrayBufferLike,
  options?: DecodeOptions,
): Promise<DecodedImage> {
  const { file, header, options: resolved } = beginDecode('webp', readWebp, bytes, options);
  const { width, height, orientation } = header;
  const { decodeWebpPixels, WEBP_DECODE_BYTES_PER_PIXEL } = await loadLibwebp();
  checkMemory(file.length + width * height * WEBP_DECODE_BYTES_PER_PIXEL, 'webp', resolved.limits);
  const container = readWebpForDecoding(file);
  const still = concat(container.picture.parts);
  const frame = await decodeWebpPixels(still, resolved);
  return finishDecode(placeOnCanvas(frame, container), 8, orientation, resolved);
}

/** A frame where it belongs on an animation's canvas, which is transparent around it. */
function placeOnCanvas(frame: EnginePixels, { width, height, picture }: WebpForDecoding): EnginePixels {
  if (frame.width === width && frame.height === height) return frame;
  const data = new Uint8Array(width * height * 4);
  const rowBytes = frame.width * 4;
  for (let y = 0; y < frame.height; y++) {
    const row = frame.data.subarray(y * rowBytes, (y + 1) * rowBytes);
    data.set(row, ((picture.y + y) * width + picture.x) * 4);
  }
  return { data, width, height };
}

/** The format `'webp'`. */
export const codec: TwoWayCodec<'webp'> = {
  encode: encodeWebp,
  decode: decodeWebp,
  checkOptions: resolveWebpOptions,
};
