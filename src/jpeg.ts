export type { DecodedImage } from './codecs/codec.js';
export { decodeJpeg, encodeJpeg } from './codecs/jpeg.js';
export { CodecError, type CodecErrorCode } from './errors.js';
export type { Palette, RawImage } from './image.js';
export type { DecodeOptions, JpegEncodeOptions } from './options.js';
export type { PixelFormat } from './pixel-format.js';
export type { ImageSource } from './source.js';
