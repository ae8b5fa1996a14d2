import { loadPixels } from '../engines/kernels/pixels.js';
import { CodecError } from '../errors.js';
import { checkMemory } from '../limits.js';
import {
  ENCODE_OPTIONS,
  type OptionTable,
  pixelFormatRule,
  type RawEncodeOptions,
  resolveOptions,
} from '../options.js';
import { rowBytes } from '../pixel-format.js';
import type { ImageSource } from '../source.js';
import { beginEncode, type Codec } from './codec.js';

const OPTIONS: OptionTable<RawEncodeOptions> = Object.freeze({
  ...ENCODE_OPTIONS,
  pixelFormat: pixelFormatRule,
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
  if (pixelFormat === 'indexed8' && image.pixelFormat !== 'indexed8') {
    const message = `Pixels of ${image.pixelFormat} do not become indexed8: colours would have to be chosen`;
    throw new CodecError('UNSUPPORTED_FEATURE', message, { format: 'raw' });
  }
  checkMemory(rowBytes(pixelFormat, image.width) * image.height, 'raw', limits);
  const kernel = await loadPixels();
  signal?.throwIfAborted();
  return kernel.convert(image, { pixelFormat, background });
}

/** The format `'raw'`. */
export const codec: Codec<'raw'> = { encode: encodeRaw, checkOptions: resolveRawOptions };
