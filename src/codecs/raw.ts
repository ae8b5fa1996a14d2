import { loadPixels } from '../engines/kernels/pixels.js';
import { checkMemory } from '../limits.js';
import {
  backgroundRule,
  CALL_OPTIONS,
  type OptionTable,
  pixelFormatRule,
  type RawEncodeOptions,
  resolveOptions,
} from '../options.js';
import { rowBytes } from '../pixel-format.js';
import type { ImageSource } from '../source.js';
import { beginEncode, type Codec } from './codec.js';

const OPTIONS: OptionTable<RawEncodeOptions> = Object.freeze({
  ...CALL_OPTIONS,
  pixelFormat: pixelFormatRule,
  background: backgroundRule,
});

const resolveRawOptions = (options: RawEncodeOptions | undefined) => resolveOptions(OPTIONS, options, 'raw');

/** Pixels as tightly packed bytes of any layout, straight alpha. */
export async function encodeRaw(
  source: ImageSource,
  options?: RawEncodeOptions,
): Promise<Uint8Array<ArrayBuffer>> {
  const resolved = resolveRawOptions(options);
  const image = await beginEncode('raw', source, resolved);
  const { pixelFormat = image.pixelFormat, background, limits, signal } = resolved;
  checkMemory(rowBytes(pixelFormat, image.width) * image.height, 'raw', limits);
  const kernel = await loadPixels();
  signal?.throwIfAborted();
  return kernel.convert(image, { pixelFormat, background });
}

/** The format `'raw'`. */
export const codec: Codec<'raw'> = { encode: encodeRaw, checkOptions: resolveRawOptions };
