// What the entries of the single codecs export beside their own functions: the error, and every type that a call is made of.
export type { CanvasSource } from './canvas.js';
export type { DecodedImage } from './codecs/codec.js';
export { CodecError, type CodecErrorCode } from './errors.js';
export type { CompressedFormat, EncodeFormat, ImageFormat, ProbeFormat } from './formats.js';
export type { Metadata, Palette, RawImage } from './image.js';
export type { Limits } from './limits.js';
export type { CallOptions, DecodeOptions, Effort, EncodeOptions, Rgb } from './options.js';
export type { PixelFormat } from './pixel-format.js';
export type { ImageSource } from './source.js';
