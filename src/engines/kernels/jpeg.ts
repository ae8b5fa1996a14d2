import { concat } from '../../concat.js';
import { CodecError, wrongValue } from '../../errors.js';
import type { PixelSource } from '../../image.js';
import { PIXEL_LAYOUTS, type PixelFormat, rowBytes } from '../../pixel-format.js';
import { loadWasm } from '../../platform/platform.js';
import type { Engine, EngineCall } from '../engine.js';
import { InstanceSlot } from '../instance-slot.js';

/** The pixel formats that the kernel reads itself; the kernel `pixels` makes one of them of any other. Alpha is not looked at. */
export const JPEG_KERNEL_FORMATS = [
  'gray8',
  'rgb8',
  'rgba8',
  'bgr8',
  'bgra8',
  'argb8',
  'rgbx8',
  'bgrx8',
] as const satisfies readonly PixelFormat[];

/** How to encode. */
export interface JpegKernelSettings {
  /** 1 to 100, by libjpeg's scale of the tables in T.81 Annex K. Fractions are cut off. Without meaning where `quantTables` is given. */
  quality: number;
  /** Ignored where the image is gray. */
  chromaSubsampling: '4:4:4' | '4:2:2' | '4:2:0';
  /** Huffman tables made for the image, for which the kernel keeps a word for each coefficient that is not 0. */
  optimizeCoding: boolean;
  /** Implies `optimizeCoding`. The kernel keeps all coefficients, 2 bytes each. */
  progressive: boolean;
  /** MCU rows between restart markers, 0 for none. Fewer where they are more than 65,535 MCUs. */
  restartInterval: number;
  /** One component, from the luma of the pixels where they have colour. `gray8` is always that. */
  gray: boolean;
  /** Quantisation steps for luma and chroma, 1 to 255, row by row, 64 each. */
  quantTables?: readonly [luma: Uint8Array, chroma: Uint8Array];
}

/** What is known of an image before its pixels. */
export type JpegKernelImage = Pick<PixelSource, 'width' | 'height' | 'pixelFormat'>;

/** What `wasm/jpeg/jpeg.c` exports. */
interface JpegExports {
  readonly memory: WebAssembly.Memory;
  jpeg_quantizers(): number;
  jpeg_quality(quality: number): void;
  jpeg_begin(
    width: number,
    height: number,
    format: number,
    subsampling: number,
    flags: number,
    restartRows: number,
    pitch: number,
    memoryLimit: number,
  ): number;
  jpeg_input(): number;
  jpeg_strip_rows(): number;
  jpeg_rows(rows: number): number;
  jpeg_resume(): number;
  jpeg_output(): number;
  jpeg_output_bytes(): number;
}

/** `enum jpeg_flag` of `wasm/jpeg/jpeg.h`. */
const OPTIMIZE = 1;
const PROGRESSIVE = 2;
const GRAY = 4;

/** `enum subsampling`. */
const SUBSAMPLINGS = { '4:4:4': 0, '4:2:2': 1, '4:2:0': 2 } as const;

/** `enum jpeg_wish`. */
const WANT_DRAIN = 1;
const DONE = 2;
const OVER_LIMIT = 3;
const NO_MEMORY = 4;

/** Bytes of the file before the place where APPn segments may be put in: SOI and the JFIF segment. */
export const JPEG_SEGMENTS_AT = 20;

/** An instance of the kernel, one image at a time. */
interface JpegEngine extends Engine {
  readonly kernel: JpegExports;
  /** The memory as it is now: a view is lost where the kernel grows. */
  memory(): Uint8Array<ArrayBuffer>;
}

async function createEngine(): Promise<JpegEngine> {
  const module = await loadWasm('jpeg');
  let kernel: JpegExports;
  try {
    kernel = (await WebAssembly.instantiate(module)).exports as unknown as JpegExports;
  } catch (cause) {
    throw new CodecError('WASM_LOAD_FAILED', 'Could not instantiate jpeg.wasm', { cause });
  }
  let view = new Uint8Array(kernel.memory.buffer);
  return {
    kernel,
    memory() {
      if (view.buffer !== kernel.memory.buffer) view = new Uint8Array(kernel.memory.buffer);
      return view;
    },
    memoryBytes: () => kernel.memory.buffer.byteLength,
  };
}

const encoder = new InstanceSlot(createEngine, { format: 'jpeg' });

/** An image on its way through an instance. Rows go in, parts of the file come out. */
class JpegRun {
  readonly #engine: JpegEngine;
  readonly #row: number;
  /** Bytes from row to row in the strip. */
  readonly #pitch: number;
  readonly #stripRows: number;
  readonly #input: number;
  readonly #output: number;
  readonly #height: number;
  /** Rows that are in, with those that wait in the strip. */
  #rows = 0;
  #waiting = 0;

  constructor(
    engine: JpegEngine,
    { width, height, pixelFormat }: JpegKernelImage,
    settings: JpegKernelSettings,
    limits: EngineCall['limits'],
    strideBytes: number,
  ) {
    const { kernel } = engine;
    this.#engine = engine;
    this.#height = height;
    this.#row = rowBytes(pixelFormat, width);
    // One copy for all rows of a strip is faster than one for each, as long as the padding is not most of it.
    this.#pitch = strideBytes <= 2 * this.#row ? strideBytes : this.#row;
    const { quality, quantTables, chromaSubsampling, optimizeCoding, progressive, restartInterval } =
      settings;
    kernel.jpeg_quality(quality);
    if (quantTables) {
      engine.memory().set(quantTables[0], kernel.jpeg_quantizers());
      engine.memory().set(quantTables[1], kernel.jpeg_quantizers() + 64);
    }
    const gray = settings.gray || PIXEL_LAYOUTS[pixelFormat].gray;
    const flags = (optimizeCoding ? OPTIMIZE : 0) | (progressive ? PROGRESSIVE : 0) | (gray ? GRAY : 0);
    const { id } = PIXEL_LAYOUTS[pixelFormat];
    const subsampling = SUBSAMPLINGS[chromaSubsampling];
    const most = Math.min(limits.maxMemoryBytes, 0xffffffff);
    this.#check(
      kernel.jpeg_begin(width, height, id, subsampling, flags, restartInterval, this.#pitch, most),
      limits,
    );
    this.#stripRows = kernel.jpeg_strip_rows();
    this.#input = kernel.jpeg_input();
    this.#output = kernel.jpeg_output();
  }

  /**
   * Takes the next rows, `strideBytes` apart.
   *
   * @param parts gets what is ready of the file
   */
  push(
    bytes: Uint8Array,
    strideBytes: number,
    rows: number,
    limits: EngineCall['limits'],
    parts: Uint8Array<ArrayBuffer>[],
  ): void {
    for (let y = 0; y < rows; ) {
      const count = Math.min(this.#stripRows - this.#waiting, rows - y);
      this.#copy(bytes, y * strideBytes, strideBytes, count);
      this.#waiting += count;
      this.#rows += count;
      y += count;
      if (this.#waiting < this.#stripRows && this.#rows < this.#height) return;
      const { kernel } = this.#engine;
      let wish = this.#check(kernel.jpeg_rows(this.#waiting), limits);
      this.#waiting = 0;
      for (; wish === WANT_DRAIN; wish = this.#check(kernel.jpeg_resume(), limits)) parts.push(this.#drain());
      if (wish === DONE) parts.push(this.#drain());
    }
  }

  #copy(bytes: Uint8Array, start: number, stride: number, rows: number): void {
    const memory = this.#engine.memory();
    const row = this.#row;
    const pitch = this.#pitch;
    let to = this.#input + this.#waiting * pitch;
    if (stride === pitch) {
      memory.set(bytes.subarray(start, start + stride * (rows - 1) + row), to);
      return;
    }
    for (let y = 0, from = start; y < rows; y++, from += stride, to += pitch) {
      memory.set(bytes.subarray(from, from + row), to);
    }
  }

  #drain(): Uint8Array<ArrayBuffer> {
    return this.#engine.memory().slice(this.#output, this.#output + this.#engine.kernel.jpeg_output_bytes());
  }

  #check(wish: number, { maxMemoryBytes }: EngineCall['limits']): number {
    if (wish === OVER_LIMIT) {
      const allowed = Math.floor(maxMemoryBytes / 1e6);
      const message = `The call needs more memory than the limit of ${allowed} MB (limits.maxMemoryBytes)`;
      throw new CodecError('LIMIT_EXCEEDED', message, { format: 'jpeg' });
    }
    if (wish === NO_MEMORY) {
      throw new CodecError('OUT_OF_MEMORY', 'Could not encode jpeg: out of memory', { format: 'jpeg' });
    }
    return wish;
  }
}

function joined(parts: readonly Uint8Array<ArrayBuffer>[]): Uint8Array<ArrayBuffer> {
  const [only] = parts;
  return parts.length === 1 && only ? only : concat(parts);
}

function checkFormat(pixelFormat: PixelFormat): void {
  if (!(JPEG_KERNEL_FORMATS as readonly PixelFormat[]).includes(pixelFormat)) {
    throw wrongValue(`one of ${JPEG_KERNEL_FORMATS.join(', ')}`, 'pixelFormat', pixelFormat);
  }
}

/**
 * Encodes an image as JPEG, see `wasm/jpeg/README.md`. Rows are copied strip by strip from the source's memory as it is, whatever
 * the stride.
 *
 * @param source of one of `JPEG_KERNEL_FORMATS`
 * @throws CodecError `LIMIT_EXCEEDED` where the kernel would pass `maxMemoryBytes`, `OUT_OF_MEMORY`, `WASM_LOAD_FAILED`,
 * `CODEC_FAILED` also where the source's memory was detached meanwhile
 */
export async function encodeJpegKernel(
  source: PixelSource,
  settings: JpegKernelSettings,
  call: EngineCall,
): Promise<Uint8Array<ArrayBuffer>> {
  checkFormat(source.pixelFormat);
  return encoder.run('encode', call, (engine) => {
    const { bytes, width, height, pixelFormat, strideBytes } = source;
    // What would be missing from a strip is what the kernel's memory held before. Written so that NaN does not pass.
    if (!(bytes.length >= strideBytes * (height - 1) + rowBytes(pixelFormat, width))) {
      throw new Error("the source's memory was detached or resized meanwhile");
    }
    const parts: Uint8Array<ArrayBuffer>[] = [];
    new JpegRun(engine, source, settings, call.limits, strideBytes).push(
      bytes,
      strideBytes,
      height,
      call.limits,
      parts,
    );
    return joined(parts);
  });
}

/** An encoder that takes the rows of one image as they come. */
export interface JpegRowEncoder {
  /**
   * Takes the next rows, read before it returns. Any number of them, as long as the image has so many left.
   *
   * @param strideBytes from row to row; behind the last one nothing is read
   * @returns the next bytes of the file, often none
   */
  write(bytes: Uint8Array, strideBytes: number, rows: number): Uint8Array<ArrayBuffer>[];
  /** Whether every row is in and the whole file was returned. */
  readonly done: boolean;
  /** Bytes of WebAssembly memory that it holds now. */
  readonly memoryBytes: number;
}

/**
 * An encoder with an instance of its own, for rows that come one by one. Without `optimizeCoding` and `progressive` its memory is a
 * strip of rows, some 128 kB or one row of MCUs, and 300 kB; with them it grows with the image, and most of the file comes at the end.
 *
 * @throws CodecError `WASM_LOAD_FAILED`, `LIMIT_EXCEEDED`
 */
export async function openJpegEncoder(
  image: JpegKernelImage,
  settings: JpegKernelSettings,
  { limits }: EngineCall,
): Promise<JpegRowEncoder> {
  checkFormat(image.pixelFormat);
  const row = rowBytes(image.pixelFormat, image.width);
  const engine = await createEngine();
  const run = new JpegRun(engine, image, settings, limits, row);
  let left = image.height;
  return {
    write(bytes, strideBytes, rows) {
      if (!(rows >= 0 && rows <= left)) throw wrongValue(`0 to ${left} rows`, 'rows', rows);
      if (rows > 0 && !(bytes.length >= strideBytes * (rows - 1) + row)) {
        throw wrongValue(`${rows} rows of ${row} bytes`, 'data.byteLength', bytes.length);
      }
      const parts: Uint8Array<ArrayBuffer>[] = [];
      run.push(bytes, strideBytes, rows, limits, parts);
      left -= rows;
      return parts;
    },
    get done() {
      return left === 0;
    },
    get memoryBytes() {
      return engine.memoryBytes();
    },
  };
}
