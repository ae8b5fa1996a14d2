import { type ByteReader, MAX_READS } from '../container/byte-reader.js';
import type { ImageHeader } from '../container/image-header.js';
import { openFile } from '../container/open-file.js';
import type { RowEncoder } from '../engines/engine.js';
import { CodecError, wrongKind } from '../errors.js';
import type { CompressedFormat, EncodeFormat } from '../formats.js';
import { asBytes, type ImageLayout, type PixelSource, type RawImage } from '../image.js';
import { checkSize } from '../limits.js';
import {
  type CallOptions,
  DECODE_OPTIONS,
  type DecodeOptions,
  type EncodeOptionsByFormat,
  type Resolved,
  refuseMetadata,
  resolveOptions,
} from '../options.js';
import type { PixelFormat } from '../pixel-format.js';
import { type ImageSource, readSource } from '../source.js';

/** Pixels as `decode` gives them: tightly packed, rows top-down, straight alpha, in memory that the caller owns. */
export interface DecodedImage extends RawImage {
  /** A `Uint16Array` in host order for the 16-bit pixel formats. */
  data: Uint8Array<ArrayBuffer> | Uint16Array<ArrayBuffer>;
  /** How the samples lie in `data`. */
  pixelFormat: PixelFormat;
}

/** What every format offers to the verbs. */
export interface Codec<F extends EncodeFormat> {
  encode(source: ImageSource, options?: EncodeOptionsByFormat[F]): Promise<Uint8Array<ArrayBuffer>>;
  /** What `encode` would say of these options, without pixels. */
  checkOptions(options: EncodeOptionsByFormat[F] | undefined): void;
  /** Only for formats that can be told from their bytes. */
  decode?(bytes: ArrayBufferView | ArrayBufferLike, options?: DecodeOptions): Promise<DecodedImage>;
}

/** A codec that reads too. */
export type TwoWayCodec<F extends CompressedFormat> = Required<Codec<F>>;

/** A codec that also takes the rows of an image one by one. */
export interface StreamableCodec<F extends CompressedFormat> extends TwoWayCodec<F> {
  /**
   * Begins an image; its bytes are those that `encode` gives of the same pixels.
   *
   * @param layout checked, its size too
   */
  open(layout: ImageLayout, options: EncodeOptionsByFormat[F] | undefined): Promise<RowEncoder>;
}

/** The checks that every `encode` goes on with, once its options are resolved: the source, its size first. */
export async function beginEncode(
  format: EncodeFormat,
  source: ImageSource,
  { limits, signal }: Resolved<CallOptions>,
): Promise<PixelSource> {
  signal?.throwIfAborted();
  const image = await readSource(source, format, limits);
  signal?.throwIfAborted();
  const refusal = refuseMetadata(image.metadata);
  if (refusal !== undefined) throw new CodecError('UNSUPPORTED_FEATURE', refusal, { format });
  return image;
}

/** The checks that every `decode` starts with: the arguments, the signature, then the size that the header claims. */
export function beginDecode(
  format: CompressedFormat,
  readHeader: (reader: ByteReader) => ImageHeader,
  bytes: ArrayBufferView | ArrayBufferLike,
  options: DecodeOptions | undefined,
): { file: Uint8Array; header: ImageHeader; options: ResolvedDecodeOptions } {
  const file = asBytes(bytes);
  if (file === undefined) throw wrongKind('an ArrayBuffer or a view of one', 'bytes', bytes);
  const resolved = resolveOptions(DECODE_OPTIONS, options, format) as ResolvedDecodeOptions;
  resolved.signal?.throwIfAborted();
  const header = readHeader(openFile(file, format, MAX_READS));
  checkSize(header.width, header.height, format, resolved.limits);
  return { file, header, options: resolved };
}

/** `DecodeOptions` with their defaults. */
export type ResolvedDecodeOptions = Resolved<DecodeOptions> &
  Required<Pick<DecodeOptions, 'pixelFormat' | 'background' | 'autoOrient'>>;
