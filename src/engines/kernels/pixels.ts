import { CodecError, wrongKind, wrongValue } from '../../errors.js';
import type { PixelSource } from '../../image.js';
import { PIXEL_LAYOUTS, type PixelFormat, rowBytes, rowsBytes } from '../../pixel-format.js';
import { loadWasm } from '../../platform/platform.js';
import { instantiate } from '../instantiate.js';
import { copyRows } from './copy-rows.js';

/** What pixels become. */
export interface ConvertTarget {
  pixelFormat: PixelFormat;
  /** Whether colour is to be multiplied by alpha. Default false; without alpha in the target it means nothing. */
  premultiplied?: boolean;
  /** Colour that alpha is flattened on where the target has none, 0 to 255 a sample. Default white. */
  background?: readonly [red: number, green: number, blue: number];
}

/**
 * Pixel conversion in WASM, see `wasm/pixels/README.md` for the arithmetic. Every call is synchronous and
 * holds no pixels of an earlier one within reach. After a failure `CODEC_FAILED` the object is spent and
 * throws the same again; `loadPixels` gives a new one, so ask it for each operation.
 */
export interface PixelsKernel {
  /**
   * Pixels in another format, rows adjacent. Any format becomes any other but `indexed8`, which only
   * `indexed8` becomes.
   *
   * @throws RangeError where the source's memory is shorter than the image, as after it was detached
   * @throws CodecError `UNSUPPORTED_FEATURE`, `CODEC_FAILED`
   */
  convert(source: PixelSource, target: ConvertTarget): Uint8Array<ArrayBuffer>;
  /**
   * The same into memory of the caller, such as a view of another module's memory. It must not overlap the
   * source.
   *
   * @returns the part of `out` that was written
   * @throws RangeError also where `out` is too short
   */
  convert(source: PixelSource, target: ConvertTarget, out: Uint8Array): Uint8Array;
  /** Whether no pixel is transparent, even in part. Of a palette only the entries in use count. */
  isOpaque(source: PixelSource): boolean;
  /**
   * Whether red, green and blue are the same in each pixel, whatever its alpha. Of a palette only the entries
   * in use count.
   */
  isGray(source: PixelSource): boolean;
}

/** What `wasm/pixels/pixels.c` exports. */
interface PixelsExports {
  readonly memory: WebAssembly.Memory;
  pixels_input(): number;
  pixels_output(): number;
  pixels_palette(): number;
  pixels_strip_bytes(): number;
  pixels_begin(source: number, target: number, flags: number, background: number): number;
  pixels_convert(width: number, rows: number, pitch: number): void;
  pixels_inspect(question: number, scalar: number, width: number, rows: number, pitch: number): number;
}

/** `enum pixels_flag` of `wasm/pixels/pixels.h`. */
const SOURCE_PREMULTIPLIED = 1;
const TARGET_PREMULTIPLIED = 2;

const QUESTION_OPAQUE = 0;
const QUESTION_GRAY = 1;

const WHITE = [255, 255, 255] as const;

/** A rectangle of the source that lies in the kernel's input, and where its pixels go. */
interface Strip {
  readonly width: number;
  readonly rows: number;
  /** Bytes from row to row in the input. */
  readonly pitch: number;
  /** Bytes into the target. */
  readonly targetOffset: number;
  readonly targetLength: number;
}

let loading: Promise<PixelsKernel> | undefined;

/**
 * The kernel, compiled and instantiated once.
 *
 * @throws CodecError `WASM_LOAD_FAILED`; the next call tries again
 */
export function loadPixels(): Promise<PixelsKernel> {
  if (loading) return loading;
  const started: Promise<PixelsKernel> = create(() => {
    if (loading === started) loading = undefined;
  });
  loading = started;
  started.catch(() => {
    if (loading === started) loading = undefined;
  });
  return started;
}

async function create(drop: () => void): Promise<PixelsKernel> {
  const module = await loadWasm('pixels');
  try {
    const instance = await instantiate(module);
    return bind(instance.exports as unknown as PixelsExports, drop);
  } catch (cause) {
    throw new CodecError('WASM_LOAD_FAILED', 'Could not instantiate pixels.wasm', { cause });
  }
}

function bind(kernel: PixelsExports, drop: () => void): PixelsKernel {
  // The memory has a fixed size: these views stay valid.
  const capacity = kernel.pixels_strip_bytes();
  const view = (address: number, length: number) => new Uint8Array(kernel.memory.buffer, address, length);
  const input = view(kernel.pixels_input(), capacity);
  const output = view(kernel.pixels_output(), capacity);
  const palette = view(kernel.pixels_palette(), 1024);
  let failure: CodecError | undefined;

  /** Runs kernel code; a trap ends the instance. */
  function enter<T>(call: () => T): T {
    if (failure) throw failure;
    try {
      return call();
    } catch (cause) {
      drop();
      failure = new CodecError('CODEC_FAILED', 'The pixel conversion failed', { cause });
      throw failure;
    }
  }

  /** @returns the number of steps of the plan, 0 where pixels stay as they are */
  function begin(source: PixelSource, target: PixelFormat, flags: number, background: number): number {
    if (source.pixelFormat === 'indexed8') {
      if (source.palette?.length !== 1024) throw wrongKind('256 RGBA entries', 'palette', source.palette);
      palette.set(source.palette);
    }
    const from = PIXEL_LAYOUTS[source.pixelFormat].id;
    const to = PIXEL_LAYOUTS[target].id;
    const steps = enter(() => kernel.pixels_begin(from, to, flags, background));
    if (steps >= 0) return steps;
    const message = `Pixels of ${source.pixelFormat} do not become ${target}`;
    throw new CodecError('UNSUPPORTED_FEATURE', message);
  }

  function convert(source: PixelSource, target: ConvertTarget): Uint8Array<ArrayBuffer>;
  function convert(source: PixelSource, target: ConvertTarget, out: Uint8Array): Uint8Array;
  function convert(source: PixelSource, target: ConvertTarget, out?: Uint8Array): Uint8Array {
    checkLength(source);
    const { pixelFormat, premultiplied = false, background = WHITE } = target;
    const row = rowBytes(pixelFormat, source.width);
    const length = row * source.height;
    if (out !== undefined && !(out.length >= length)) {
      throw wrongValue(`at least ${length} bytes`, 'out.length', out.length);
    }
    const flags =
      (source.premultiplied ? SOURCE_PREMULTIPLIED : 0) | (premultiplied ? TARGET_PREMULTIPLIED : 0);
    const [red, green, blue] = background;
    const steps = begin(source, pixelFormat, flags, red | (green << 8) | (blue << 16));
    const written = out === undefined ? new Uint8Array(length) : out.subarray(0, length);
    if (steps === 0) {
      copyRows(source.bytes, source.strideBytes, source.height, row, written, row);
      return written;
    }
    for (const strip of strips(source, pixelFormat, input)) {
      enter(() => kernel.pixels_convert(strip.width, strip.rows, strip.pitch));
      written.set(output.subarray(0, strip.targetLength), strip.targetOffset);
    }
    return written;
  }

  function inspect(source: PixelSource, question: number): boolean {
    checkLength(source);
    const rgba = PIXEL_LAYOUTS[source.pixelFormat].sampleBits === 16 ? 'rgba16' : 'rgba8';
    begin(source, rgba, 0, 0);
    for (const strip of strips(source, rgba, input)) {
      if (!enter(() => kernel.pixels_inspect(question, 0, strip.width, strip.rows, strip.pitch)))
        return false;
    }
    return true;
  }

  return {
    convert,
    isOpaque(source) {
      const { alpha } = PIXEL_LAYOUTS[source.pixelFormat];
      if (alpha || source.pixelFormat === 'indexed8') return inspect(source, QUESTION_OPAQUE);
      checkLength(source);
      return true;
    },
    isGray(source) {
      if (!PIXEL_LAYOUTS[source.pixelFormat].gray) return inspect(source, QUESTION_GRAY);
      checkLength(source);
      return true;
    },
  };
}

/**
 * The memory of a source can have been detached, transferred or shrunk since it was validated. What would
 * then be missing from a strip is what the kernel's memory held before: another caller's pixels.
 */
function checkLength({ bytes, pixelFormat, width, height, strideBytes }: PixelSource): void {
  const length = rowsBytes(pixelFormat, width, strideBytes, height);
  // Written so that NaN does not pass.
  if (!(bytes.length >= length)) {
    throw wrongValue(
      `at least ${length} bytes (${width}x${height} ${pixelFormat})`,
      'data.byteLength',
      bytes.length,
    );
  }
}

/**
 * Cuts the source into strips that fit the kernel's buffers and copies each to `input` before it is yielded.
 * A strip is some rows, or where not even one row fits a part of it.
 */
function* strips(source: PixelSource, target: PixelFormat, input: Uint8Array): Generator<Strip, void, void> {
  const { bytes, strideBytes } = source;
  let { width, height } = source;
  const sourceBits = PIXEL_LAYOUTS[source.pixelFormat].bitsPerPixel;
  const targetBits = PIXEL_LAYOUTS[target].bitsPerPixel;
  if (strideBytes * 8 === width * sourceBits && (width * targetBits) % 8 === 0) {
    // Nothing lies between the rows on either side: they are one long row.
    width *= height;
    height = 1;
  }
  const sourceRow = rowBytes(source.pixelFormat, width);
  const targetRow = rowBytes(target, width);
  // Rows are copied with the padding between them, as long as it is not most of what is copied.
  const pitch = strideBytes <= 2 * sourceRow ? strideBytes : sourceRow;
  // A multiple of 8, so that a part of a row starts at a byte in every format.
  const columns = Math.min(width, Math.floor(input.length / Math.max(sourceBits, targetBits)) * 8);
  const rows = columns < width ? 1 : Math.max(1, Math.floor(input.length / Math.max(pitch, targetRow)));
  for (let y = 0; y < height; y += rows) {
    for (let x = 0; x < width; x += columns) {
      const strip = { width: Math.min(columns, width - x), rows: Math.min(rows, height - y), pitch };
      const start = y * strideBytes + (x * sourceBits) / 8;
      const stripRow = rowBytes(source.pixelFormat, strip.width);
      copyRows(bytes.subarray(start), strideBytes, strip.rows, stripRow, input, pitch);
      const targetOffset = y * targetRow + (x * targetBits) / 8;
      const targetLength = rowBytes(target, strip.width) * strip.rows;
      yield { ...strip, targetOffset, targetLength };
    }
  }
}
