import decoderGlue from '@jsquash/webp/codec/dec/webp_dec.js';
import encoderGlue from '@jsquash/webp/codec/enc/webp_enc_simd.js';
import { checkPixels, type EngineCall, type EnginePixels } from '../engine.js';
import { toCodecError } from '../failure.js';
import { InstanceSlot } from '../instance-slot.js';
import { createEmscripten, createRenewable, type GlueFactory } from './emscripten.js';

/** The settings of libwebp that vary here, in its own terms. */
export interface LibwebpSettings {
  quality: number;
  method: number;
  lossless: boolean;
  nearLossless: number;
  alphaQuality: number;
  exact: boolean;
  sharpYuv: boolean;
  /** Bytes, 0 for none. */
  targetSize: number;
}

/** Peak of memory a pixel, measured on photographs. */
export const WEBP_ENCODE_BYTES_PER_PIXEL = { lossy: 13, sharpYuv: 21, lossless: 38 } as const;
/** Peak of memory a pixel: the decoder's image, lossless its work too, and ours. */
export const WEBP_DECODE_BYTES_PER_PIXEL = 13;

type Encode = (
  pixels: Uint8Array,
  width: number,
  height: number,
  settings: object,
) => Uint8Array<ArrayBuffer> | null;
type Decode = (file: Uint8Array) => EnginePixels | null;

const encoder = new InstanceSlot(
  () => createEmscripten<Encode>(encoderGlue as unknown as GlueFactory, 'libwebp-enc', 'encode'),
  { format: 'webp' },
);

// libwebp 1.1.0 is older than the fix of CVE-2023-4863: a crafted file may write over its memory. No later call meets what one left.
const decoder = new InstanceSlot(
  () => createRenewable<Decode>(decoderGlue as unknown as GlueFactory, 'libwebp-dec', 'decode'),
  { format: 'webp', renew: (engine) => engine.renew() },
);

/** Passes over the image while aiming at a size: at one pass libwebp does not aim at all. */
const TARGET_SIZE_PASSES = 6;

/**
 * Encodes with libwebp.
 *
 * @param pixels exactly width x height RGBA pixels, straight alpha
 */
export function encodeWebpPixels(
  pixels: Uint8Array,
  width: number,
  height: number,
  settings: LibwebpSettings,
  options: EngineCall,
): Promise<Uint8Array<ArrayBuffer>> {
  return encoder.run('encode', options, ({ call }) => {
    checkPixels(pixels, width * height * 4);
    const file = call(pixels, width, height, {
      quality: settings.quality,
      target_size: settings.targetSize,
      target_PSNR: 0,
      method: settings.method,
      sns_strength: 50,
      filter_strength: 60,
      filter_sharpness: 0,
      filter_type: 1,
      partitions: 0,
      segments: 4,
      pass: settings.targetSize > 0 ? TARGET_SIZE_PASSES : 1,
      show_compressed: 0,
      preprocessing: 0,
      autofilter: 0,
      partition_limit: 0,
      alpha_compression: 1,
      alpha_filtering: 1,
      alpha_quality: settings.alphaQuality,
      lossless: settings.lossless ? 1 : 0,
      exact: settings.exact ? 1 : 0,
      image_hint: 0,
      emulate_jpeg_size: 0,
      thread_level: 0,
      low_memory: 0,
      near_lossless: settings.nearLossless,
      use_delta_palette: 0,
      use_sharp_yuv: settings.sharpYuv ? 1 : 0,
    });
    if (!file) throw new Error('libwebp refused the image or its settings');
    return file;
  });
}

/** Decodes a still image with libwebp, to RGBA8, straight alpha. */
export async function decodeWebpPixels(file: Uint8Array, options: EngineCall): Promise<EnginePixels> {
  const { image, complaints } = await decoder.run('decode', options, (engine) => ({
    image: engine.call(file),
    complaints: engine.complaints(),
  }));
  // Only now: a file that it refuses does the instance no harm.
  if (!image) throw toCodecError(new Error('no image'), 'decode', 'webp', complaints);
  // The glue's image is of its own class, and has a clamped array.
  return { data: new Uint8Array(image.data.buffer), width: image.width, height: image.height };
}
