import type { StreamableCodec } from '../codecs/codec.js';
import { resolveJpegOptions } from '../codecs/jpeg-options.js';
import { resolvePngOptions } from '../codecs/png-options.js';
import { loadCodec } from '../codecs/registry.js';
import type { RowEncoder } from '../engines/engine.js';
import { wrongKind, wrongValue } from '../errors.js';
import { asBytes, type RawImage, resolveLayout } from '../image.js';
import { checkSize } from '../limits.js';
import type { CallOptions, EncodeOptionsByFormat, Resolved } from '../options.js';
import type { PixelFormat } from '../pixel-format.js';
import { RowAssembler } from './row-assembler.js';

/** Formats that can be written row by row. */
export type StreamFormat = 'png' | 'jpeg';

/** What is known of an image before its pixels, and how to encode it: the options of its format. */
export type EncoderStreamInit<F extends StreamFormat> = Pick<
  RawImage,
  'width' | 'height' | 'strideBytes' | 'premultiplied' | 'palette'
> & {
  /** How the samples of the rows lie in memory. */
  pixelFormat: PixelFormat;
} & EncodeOptionsByFormat[F];

const RESOLVE: {
  readonly [F in StreamFormat]: (options: EncodeOptionsByFormat[F]) => Resolved<CallOptions>;
} = {
  png: resolvePngOptions,
  jpeg: resolveJpegOptions,
};

/** Rows in, parts of the file out; the codec is loaded when the first piece comes. */
class RowTransformer implements Transformer<ArrayBufferView | ArrayBufferLike, Uint8Array<ArrayBuffer>> {
  readonly #open: () => Promise<RowEncoder>;
  readonly #rows: RowAssembler;
  readonly #strideBytes: number;
  readonly #signal: AbortSignal | undefined;
  #encoder: RowEncoder | undefined;

  constructor(format: StreamFormat, init: EncoderStreamInit<StreamFormat>) {
    const what = `one of ${Object.keys(RESOLVE).join(', ')}`;
    if (typeof format !== 'string') throw wrongKind(what, 'format', format);
    if (!Object.hasOwn(RESOLVE, format)) throw wrongValue(what, 'format', format);
    if (typeof init !== 'object' || init === null || Array.isArray(init))
      throw wrongKind('an object', 'init', init);
    const { width, height, pixelFormat, strideBytes, premultiplied, palette, ...options } = init;
    const { limits, signal } = RESOLVE[format](options);
    signal?.throwIfAborted();
    const image = { width, height, pixelFormat, strideBytes, premultiplied, palette };
    const layout = resolveLayout(image, (w, h) => checkSize(w, h, format, limits));
    this.#rows = new RowAssembler(layout);
    this.#strideBytes = layout.strideBytes;
    this.#signal = signal;
    this.#open = async () => {
      const codec = (await loadCodec(format)) as StreamableCodec<StreamFormat>;
      return codec.open(layout, options);
    };
  }

  start(controller: TransformStreamDefaultController<Uint8Array<ArrayBuffer>>): void {
    // A signal may outlive many streams: it does not hold on to them.
    const reference = new WeakRef(controller);
    const signal = this.#signal;
    signal?.addEventListener('abort', () => reference.deref()?.error(signal.reason), { once: true });
  }

  async transform(
    chunk: ArrayBufferView | ArrayBufferLike,
    controller: TransformStreamDefaultController<Uint8Array<ArrayBuffer>>,
  ): Promise<void> {
    const bytes = asBytes(chunk);
    if (bytes === undefined) throw wrongKind('an ArrayBuffer or a view of one', 'a chunk', chunk);
    const encoder = await this.#opened();
    try {
      this.#rows.push(bytes, (rows, count) => {
        for (const part of encoder.write(rows, this.#strideBytes, count)) controller.enqueue(part);
      });
    } catch (error) {
      // The stream keeps the error, and the error, by its stack, this object.
      this.#encoder = undefined;
      throw error;
    }
  }

  async flush(controller: TransformStreamDefaultController<Uint8Array<ArrayBuffer>>): Promise<void> {
    try {
      this.#rows.finish();
      const encoder = await this.#opened();
      for (const part of await encoder.finish()) controller.enqueue(part);
    } finally {
      this.#encoder = undefined;
    }
  }

  async #opened(): Promise<RowEncoder> {
    this.#encoder ??= await this.#open();
    this.#signal?.throwIfAborted();
    return this.#encoder;
  }
}

/**
 * Encodes an image while its rows arrive: a `TransformStream`, used as `CompressionStream` is. Rows go in from the top, in chunks
 * that may end anywhere; parts of the file come out as they are ready, each in memory that its reader owns. The pixels
 * are those that `encode` gives with the same options; so are the bytes of a JPEG. What a PNG can do without (`reduce`), and which filters
 * suit it, shows only when all of it is there: streamed, its file is often a little larger.
 *
 * Memory is bounded by a few strips of rows, whatever the height of the image, but where the file needs all of the image first: JPEG
 * with Huffman tables of its own (the default; about a byte a pixel; not with `effort: 'fast'` or `optimizeCoding: false`), progressive
 * JPEG (2 bytes a coefficient), the smallest JPEG and interlaced PNG (all pixels).
 *
 * Arguments are checked by the constructor, which throws. What goes wrong later errors the stream: a `RangeError` for too many or too few
 * bytes, `signal.reason` after an abort, a `CodecError` for everything else.
 *
 * @example
 * const stream = new EncoderStream('jpeg', { width, height, pixelFormat: 'rgb8', effort: 'fast' });
 * return new Response(rows.pipeThrough(stream), { headers: { 'content-type': 'image/jpeg' } });
 */
export class EncoderStream<F extends StreamFormat = StreamFormat> extends TransformStream<
  ArrayBufferView | ArrayBufferLike,
  Uint8Array<ArrayBuffer>
> {
  /**
   * @param format `'png'` or `'jpeg'`
   * @param init size and layout of the pixels, as in a `RawImage`, and the options of the format
   * @throws TypeError, RangeError for a wrong argument
   * @throws CodecError `LIMIT_EXCEEDED`, `UNSUPPORTED_FEATURE`
   */
  constructor(format: F, init: EncoderStreamInit<F>) {
    super(new RowTransformer(format, init as EncoderStreamInit<StreamFormat>));
  }
}
