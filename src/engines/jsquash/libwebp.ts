import decoderGlue from '@jsquash/webp/codec/dec/webp_dec.js';
import type { EngineCall, EnginePixels } from '../engine.js';
import { toCodecError } from '../failure.js';
import { InstanceSlot } from '../instance-slot.js';
import { createRenewable, type GlueFactory } from './emscripten.js';

/** Peak of memory a pixel: the decoder's image, lossless its work too, and ours. */
export const WEBP_DECODE_BYTES_PER_PIXEL = 13;

type Decode = (file: Uint8Array) => EnginePixels | null;

// libwebp 1.1.0 is older than the fix of CVE-2023-4863: a crafted file may write over its memory. No later call meets what one left.
const decoder = new InstanceSlot(
  () => createRenewable<Decode>(decoderGlue as unknown as GlueFactory, 'libwebp-dec', 'decode'),
  { format: 'webp', renew: (engine) => engine.renew() },
);

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
