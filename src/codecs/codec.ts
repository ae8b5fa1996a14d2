import { type ByteReader, MAX_READS } from '../container/byte-reader.js';
import type { ImageHeader } from '../container/image-header.js';
import { openFile } from '../container/open-file.js';
import type { RowEncoder } from '../engines/engine.js';
import type { Band, BandFindings, BandSource } from '../engines/kernels/bands.js';
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
  /** Only for formats whose files can be made of parts. */
  readonly bands?: BandCodec<F>;
}

/**
 * How a large image is encoded in bands, side by side: by `find` for each band, where there is something to find, `settle` once, `write` for
 * each band and `join`. `find` and `write` may be called on any thread, and know of an image only what they are handed. What becomes of an
 * image depends on it and the options alone.
 */
export interface BandCodec<F extends EncodeFormat> {
  /** The bands of an image, two at least; `undefined` where it is encoded in one piece. */
  cut(
    layout: ImageLayout,
    options: EncodeOptionsByFormat[F] | undefined,
  ): { readonly bands: readonly Band[]; readonly findsFirst: boolean } | undefined;
  /** What has to be known of a band, given its pixels, before any is written. */
  find(source: BandSource, options: EncodeOptionsByFormat[F] | undefined): Promise<BandFindings>;
  /**
   * What follows from the findings of all bands, in order; from none where nothing is to be found. `undefined`: that the image is better
   * encoded in one piece after all.
   *
   * @param rowsAt the pixels from a row on, at least so many rows, `strideBytes` of the layout apart
   */
  settle(
    layout: ImageLayout,
    findings: readonly Uint8Array<ArrayBuffer>[],
    options: EncodeOptionsByFormat[F] | undefined,
    rowsAt: (row: number, rows: number) => Uint8Array,
  ): Promise<Uint8Array<ArrayBuffer> | undefined>;
  /** What a band is in the file, given what `find` carried on, or its pixels where there was nothing to find. */
  write(
    source: BandSource,
    settled: Uint8Array,
    options: EncodeOptionsByFormat[F] | undefined,
  ): Promise<Uint8Array<ArrayBuffer>>;
  /** The file, of what all bands are in it, in order. */
  join(parts: readonly Uint8Array<ArrayBuffer>[]): Uint8Array<ArrayBuffer>;
}

/** A codec that reads too. */
export type TwoWayCodec<F extends CompressedFormat> = Codec<F> & Required<Pick<Codec<F>, 'decode'>>;

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
