import decoderGlue from '@jsquash/jpeg/codec/dec/mozjpeg_dec.js';
import encoderGlue from '@jsquash/jpeg/codec/enc/mozjpeg_enc.js';
import { checkPixels, type EngineCall, type EnginePixels } from '../engine.js';
import { InstanceSlot } from '../instance-slot.js';
import { createEmscripten, type GlueFactory } from './emscripten.js';

/** The settings of mozjpeg that vary here, in its own terms. */
export interface MozjpegSettings {
  quality: number;
  progressive: boolean;
  /** One component from the luma of the pixels, instead of three. */
  gray: boolean;
  /** Luma samples a chroma sample, each way. */
  chromaStep: 1 | 2;
}

/** Peak of memory a pixel, measured on photographs, by `chromaStep`: pixels and all coefficients. */
export const JPEG_ENCODE_BYTES_PER_PIXEL = { 1: 30, 2: 22 } as const;
/** Peak of memory a pixel: the decoder's image and ours; where progressive, all coefficients too. */
export const JPEG_DECODE_BYTES_PER_PIXEL = { baseline: 10, progressive: 15 } as const;

type Encode = (
  pixels: Uint8Array,
  width: number,
  height: number,
  settings: object,
) => Uint8Array<ArrayBuffer>;
type Decode = (file: Uint8Array, keepOrientation: boolean) => EnginePixels | null;

const encoder = new InstanceSlot(
  () => createEmscripten<Encode>(encoderGlue as unknown as GlueFactory, 'mozjpeg-enc', 'encode'),
  { format: 'jpeg' },
);
const decoder = new InstanceSlot(
  () => createEmscripten<Decode>(decoderGlue as unknown as GlueFactory, 'mozjpeg-dec', 'decode'),
  { format: 'jpeg' },
);

// The quantisation table that mozjpeg prefers to those of Annex K.
const MOZJPEG_TABLE = 3;

// J_COLOR_SPACE of jpeglib.h
const GRAYSCALE = 1;
const YCBCR = 3;

/**
 * Encodes with mozjpeg.
 *
 * @param pixels exactly width x height RGBA pixels; alpha is not looked at
 */
export function encodeJpegPixels(
  pixels: Uint8Array,
  width: number,
  height: number,
  settings: MozjpegSettings,
  options: EngineCall,
): Promise<Uint8Array<ArrayBuffer>> {
  return encoder.run('encode', options, ({ call }) => {
    checkPixels(pixels, width * height * 4);
    return call(pixels, width, height, {
      quality: settings.quality,
      // Or low qualities get tables of 16 bits, which make the file other than baseline (T.81, B.2.4.1) and look far worse than
      // libjpeg's of the same number. The codec ignores `progressive` where this is set.
      baseline: !settings.progressive,
      arithmetic: false,
      progressive: settings.progressive,
      // Without it mozjpeg takes tables that were made for its trellis search: what is coded then has symbols that they lack,
      // and the file is corrupt. It is slower, too.
      optimize_coding: true,
      smoothing: 0,
      color_space: settings.gray ? GRAYSCALE : YCBCR,
      quant_table: MOZJPEG_TABLE,
      trellis_multipass: false,
      trellis_opt_zero: false,
      trellis_opt_table: false,
      trellis_loops: 1,
      auto_subsample: false,
      chroma_subsample: settings.chromaStep,
      separate_chroma_quality: false,
      chroma_quality: settings.quality,
    });
  });
}

/** Decodes with mozjpeg, to RGBA8, as stored: the EXIF orientation is not applied. What is missing or damaged, libjpeg makes up. */
export function decodeJpegPixels(file: Uint8Array, options: EngineCall): Promise<EnginePixels> {
  return decoder.run('decode', options, ({ call }) => {
    const image = call(file, false);
    if (!image) throw new Error('no image');
    // The glue's image is of its own class, and has a view of the samples.
    return { data: new Uint8Array(image.data.buffer), width: image.width, height: image.height };
  });
}
