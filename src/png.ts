export type { DecodedImage } from './codecs/codec.js';
export { decodePng, encodePng } from './codecs/png.js';
export { CodecError, type CodecErrorCode } from './errors.js';
export type { Palette, RawImage } from './image.js';
export type { DecodeOptions, PngEncodeOptions } from './options.js';
export type { PixelFormat } from './pixel-format.js';
export type { ImageSource } from './source.js';
