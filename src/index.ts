export type { CanvasSource } from './canvas.js';
export type { DecodedImage } from './codecs/codec.js';
export { decode } from './decode.js';
export { encode } from './encode.js';
export { CodecError, type CodecErrorCode } from './errors.js';
export type { CompressedFormat, EncodeFormat, ImageFormat, ProbeFormat } from './formats.js';
export type { Metadata, Palette, RawImage } from './image.js';
export type { Limits } from './limits.js';
export type {
  CallOptions,
  DecodeOptions,
  Effort,
  EncodeOptions,
  EncodeOptionsByFormat,
  JpegEncodeOptions,
  JpegQuantTables,
  PngEncodeOptions,
  RawEncodeOptions,
  Rgb,
  WebpEncodeOptions,
} from './options.js';
export type { PixelFormat } from './pixel-format.js';
export { type ImageInfo, probe } from './probe.js';
export { toBase64, toDataURL } from './sinks/base64.js';
export { toBlob, toFile } from './sinks/blob.js';
export { type ObjectURL, toObjectURL } from './sinks/object-url.js';
export type { EncodedBytes } from './sinks/payload.js';
export { toStream } from './sinks/stream.js';
export type { ImageSource } from './source.js';
export { EncoderStream, type EncoderStreamInit, type StreamFormat } from './stream/encoder-stream.js';
export { type TranscodeOptions, transcode } from './transcode.js';
