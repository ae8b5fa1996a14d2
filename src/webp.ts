export type { DecodedImage } from './codecs/codec.js';
export { decodeWebp, encodeWebp } from './codecs/webp.js';
export { CodecError, type CodecErrorCode } from './errors.js';
export type { Palette, RawImage } from './image.js';
export type { DecodeOptions, WebpEncodeOptions } from './options.js';
export type { PixelFormat } from './pixel-format.js';
export type { ImageSource } from './source.js';
