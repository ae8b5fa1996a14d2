import { CodecError, wrongValue } from '../../errors.js';
import type { CompressedFormat } from '../../formats.js';
import type { ImageLayout, PixelSource } from '../../image.js';
import { inMegabytes } from '../../limits.js';
import { type PixelFormat, rowBytes, rowsBytes } from '../../pixel-format.js';
import { loadWasm, type WasmName } from '../../platform/platform.js';
import type { Engine, EngineCall, RowEncoder } from '../engine.js';
import { toCodecError } from '../failure.js';
import { InstanceSlot } from '../instance-slot.js';
import { instantiate } from '../instantiate.js';
import type { Band } from './bands.js';
import { collectFile, type TakePart } from './collect-file.js';
import { copyRows } from './copy-rows.js';
import type { RowConversion } from './row-conversion.js';

/**
 * What an encoder kernel exports beside its `begin`, each under its name with the kernel's in front: `jpeg_rows`. The host writes a
 * strip of rows to `input` and calls `rows`; as long as the answer is that the output has to be taken, it takes it and calls `resume`.
 * A kernel that wants to see rows of an image before it is handed the first of them says so, and has `inspect` for them and
 * `wanted_row`, the first row of the strip that it wants to see.
 */
interface StripCalls {
  input(): number;
  strip_rows(): number;
  inspect?(rows: number): number;
  wanted_row?(): number;
  rows(rows: number): number;
  resume(): number;
  output(): number;
  output_bytes(): number;
}

/** The answers of a kernel, the same in each: `enum encoder_wish` of `wasm/common/encoder_wish.h`. */
const WANT_DRAIN = 1;
const DONE = 2;
const OVER_LIMIT = 3;
const NO_MEMORY = 4;
const WANT_INSPECT = 5;
const MISFIT = 6;

/** What is known of an image before its pixels. */
export type StripImage = Pick<ImageLayout, 'width' | 'height' | 'pixelFormat' | 'palette'>;

/** How the rows of an image come. */
interface StripInput {
  /** From row to row. */
  readonly strideBytes: number;
  /** Where the kernel does not read the pixels as they are. */
  readonly conversion: RowConversion | undefined;
  /** Whether they are all there, and can be shown before they are pushed. */
  readonly whole: boolean;
}

/** An instance of a kernel, one image at a time. */
export interface StripEngine<Exports> extends Engine {
  readonly kernel: Exports;
  readonly calls: StripCalls;
  /** The memory as it is now: a view is lost where the kernel grows. */
  memory(): Uint8Array<ArrayBuffer>;
}

/** What tells one encoder kernel from another. */
export interface StripKernel<Exports, Settings> {
  /** Of its module, and in front of its exports. */
  readonly name: WasmName;
  /** What it writes. */
  readonly format: CompressedFormat;
  /** The pixel formats that it reads, alpha straight. */
  readonly formats: readonly PixelFormat[];
  /**
   * Refuses settings that the kernel does not have for an image.
   *
   * @param whole as in `begin`
   * @throws RangeError
   */
  check?(image: StripImage, settings: Settings, whole: boolean): void;
  /**
   * Begins an image.
   *
   * @param pitch bytes from row to row in a strip
   * @param memoryLimit bytes that the kernel's memory may grow to
   * @param whole whether the rows are all there, and can be shown before they are handed over
   * @returns the kernel's answer
   */
  begin(
    engine: StripEngine<Exports>,
    image: StripImage,
    settings: Settings,
    pitch: number,
    memoryLimit: number,
    whole: boolean,
  ): number;
}

/** An image on its way through an instance. Rows go in, parts of the file come out. */
export class StripRun<Exports, Settings> {
  readonly #engine: StripEngine<Exports>;
  readonly #kernel: StripKernel<Exports, Settings>;
  readonly #limits: EngineCall['limits'];
  readonly #conversion: RowConversion | undefined;
  readonly #pixelFormat: PixelFormat;
  readonly #width: number;
  /** The rows that are to come. */
  #from = 0;
  #to: number;
  /** Bytes of a row as it comes, and from row to row in the strip. */
  readonly #row: number;
  readonly #pitch: number;
  readonly #stripRows: number;
  readonly #input: number;
  /** Whether the kernel wants to see the rows first, and then whether what is in the strip are all there are. */
  #inspecting = false;
  #filled = false;
  /** The next row, behind those that are in and those that wait in the strip. */
  #rows = 0;
  #waiting = 0;

  constructor(
    engine: StripEngine<Exports>,
    kernel: StripKernel<Exports, Settings>,
    image: StripImage,
    settings: Settings,
    { limits }: EngineCall,
    { strideBytes, conversion, whole }: StripInput,
  ) {
    this.#engine = engine;
    this.#kernel = kernel;
    this.#limits = limits;
    this.#conversion = conversion;
    this.#pixelFormat = image.pixelFormat;
    this.#width = image.width;
    this.#to = image.height;
    this.#row = rowBytes(image.pixelFormat, image.width);
    const pixelFormat = conversion?.pixelFormat ?? image.pixelFormat;
    // Rows are copied with the padding between them, as long as it is not most of what is copied.
    const padded = conversion === undefined && strideBytes <= 2 * this.#row;
    this.#pitch = padded ? strideBytes : rowBytes(pixelFormat, image.width);
    const most = Math.min(limits.maxMemoryBytes, 0xffffffff);
    this.goOn(kernel.begin(engine, { ...image, pixelFormat }, settings, this.#pitch, most, whole));
    this.#stripRows = engine.calls.strip_rows();
    this.#input = engine.calls.input();
  }

  /** That only these rows are to come, which the kernel has been told as well. */
  expect({ row, rows }: Band): void {
    this.#from = this.#rows = row;
    this.#to = row + rows;
  }

  /** Goes on after an answer to what was not asked by this: it may want to see rows. */
  goOn(wish: number): void {
    this.#inspecting = this.check(wish) === WANT_INSPECT;
  }

  /**
   * Shows what the kernel wants to see.
   *
   * @param rowsAt the pixels from a row on, at least so many rows, `strideBytes` apart
   */
  show(rowsAt: (row: number, rows: number) => Uint8Array, strideBytes: number): void {
    const { calls } = this.#engine;
    while (this.#inspecting) {
      const y = calls.wanted_row?.() ?? 0;
      const count = Math.min(this.#stripRows, this.#to - y);
      this.put(rowsAt(y, count), strideBytes, count);
      this.goOn(calls.inspect?.(count) ?? 0);
      this.#filled = count === this.#to - this.#from;
    }
  }

  /**
   * Takes the next rows, `strideBytes` apart.
   *
   * @param take gets what is ready of the file
   */
  push(bytes: Uint8Array, strideBytes: number, rows: number, take: TakePart): void {
    const { calls } = this.#engine;
    this.#checkLength(bytes, strideBytes, rows);
    for (let y = 0; y < rows; ) {
      const count = Math.min(this.#stripRows - this.#waiting, rows - y);
      if (!this.#filled) this.#fill(bytes.subarray(y * strideBytes), strideBytes, count);
      this.#waiting += count;
      this.#rows += count;
      y += count;
      if (this.#waiting < this.#stripRows && this.#rows < this.#to) return;
      const wish = calls.rows(this.#waiting);
      this.#waiting = 0;
      this.takeParts(wish, take);
    }
  }

  /** What would be missing from a strip is what the kernel's memory held before. */
  #checkLength(bytes: Uint8Array, strideBytes: number, rows: number): void {
    // Written so that NaN does not pass.
    if (!(bytes.length >= rowsBytes(this.#pixelFormat, this.#width, strideBytes, rows))) {
      throw new Error("the source's memory was detached or resized meanwhile");
    }
  }

  /** Puts rows where the next ones are put, for a call of the kernel's own. */
  put(bytes: Uint8Array, strideBytes: number, rows: number): void {
    this.#checkLength(bytes, strideBytes, rows);
    this.#fill(bytes, strideBytes, rows);
    this.#filled = false;
  }

  #fill(bytes: Uint8Array, strideBytes: number, rows: number): void {
    const start = this.#input + this.#waiting * this.#pitch;
    const strip = this.#engine.memory().subarray(start);
    if (this.#conversion) this.#conversion.convert(bytes, strideBytes, rows, strip);
    else copyRows(bytes, strideBytes, rows, this.#row, strip, this.#pitch);
  }

  /** Hands over what is ready of the file, after an answer of the kernel's, and goes on until it wants rows or is done. */
  takeParts(first: number, take: TakePart): void {
    let wish = this.check(first);
    for (; wish === WANT_DRAIN; wish = this.check(this.#engine.calls.resume())) take(this.#output());
    if (wish === DONE) take(this.#output());
  }

  #output(): Uint8Array<ArrayBuffer> {
    const { calls } = this.#engine;
    const start = calls.output();
    return this.#engine.memory().subarray(start, start + calls.output_bytes());
  }

  /**
   * Hands the kernel's answer on.
   *
   * @throws CodecError where it is that it cannot go on
   */
  check(wish: number): number {
    const { format } = this.#kernel;
    if (wish === OVER_LIMIT) {
      const allowed = inMegabytes(this.#limits.maxMemoryBytes);
      const message = `The call needs more memory than the limit of ${allowed} MB (limits.maxMemoryBytes)`;
      throw new CodecError('LIMIT_EXCEEDED', message, { format });
    }
    if (wish === NO_MEMORY) {
      throw new CodecError('OUT_OF_MEMORY', `Could not encode ${format}: out of memory`, { format });
    }
    if (wish === MISFIT) {
      const message = 'The image has more colours than samples of that many bits can hold (bitDepth)';
      throw new CodecError('UNSUPPORTED_FEATURE', message, { format });
    }
    return wish;
  }
}

/**
 * The host of an encoder kernel. An image that comes row by row has an instance to itself until it is done, whole images share one, and
 * both go through it the same way. Rows are copied, or converted, strip by strip straight into the kernel's memory.
 */
export class StripEncoder<Exports, Settings> {
  readonly #kernel: StripKernel<Exports, Settings>;
  readonly #slot: InstanceSlot<StripEngine<Exports>>;

  constructor(kernel: StripKernel<Exports, Settings>) {
    this.#kernel = kernel;
    this.#slot = new InstanceSlot(() => this.#createEngine(), { format: kernel.format });
  }

  /**
   * Encodes a whole image.
   *
   * @param conversion where the kernel does not read the source's pixels as they are
   * @throws RangeError where the kernel does not read the pixel format or does not have the settings for it
   * @throws CodecError `LIMIT_EXCEEDED` where the kernel would pass `maxMemoryBytes`, `OUT_OF_MEMORY`, `WASM_LOAD_FAILED`,
   * `UNSUPPORTED_FEATURE` where the pixels turn out not to fit the settings, `CODEC_FAILED` also where the source's memory was
   * detached meanwhile
   */
  async encode(
    source: PixelSource,
    settings: Settings,
    call: EngineCall,
    conversion?: RowConversion,
  ): Promise<Uint8Array<ArrayBuffer>> {
    const { bytes, height, strideBytes } = source;
    return this.run(source, settings, call, { strideBytes, conversion, whole: true }, (run) => {
      run.show((y) => bytes.subarray(y * strideBytes), strideBytes);
      return collectFile((take) => run.push(bytes, strideBytes, height, take));
    });
  }

  /**
   * Begins an image on the instance that is kept, for work that is done when it returns.
   *
   * @throws as `encode`
   */
  async run<T>(
    image: StripImage,
    settings: Settings,
    call: EngineCall,
    input: StripInput,
    work: (run: StripRun<Exports, Settings>, engine: StripEngine<Exports>) => T,
  ): Promise<T> {
    this.#checkCall(image, settings, input.conversion, input.whole);
    return this.#slot.run('encode', call, (engine) =>
      work(new StripRun(engine, this.#kernel, image, settings, call, input), engine),
    );
  }

  /**
   * Begins an image whose rows come one by one.
   *
   * @throws as `encode`
   */
  async open(
    image: StripImage,
    settings: Settings,
    call: EngineCall,
    conversion?: RowConversion,
  ): Promise<RowEncoder> {
    this.#checkCall(image, settings, conversion, false);
    const { format } = this.#kernel;
    const { width, height, pixelFormat } = image;
    const loan = await this.#slot.lend(call);
    const { engine } = loan;
    const input = { strideBytes: rowBytes(pixelFormat, width), conversion, whole: false };
    const run = new StripRun(engine, this.#kernel, image, settings, call, input);
    let left = height;
    return {
      write(bytes, strideBytes, rows) {
        if (!(rows >= 0 && rows <= left)) throw wrongValue(`0 to ${left} rows`, 'rows', rows);
        if (rows === 0) return [];
        const length = rowsBytes(pixelFormat, width, strideBytes, rows);
        if (!(bytes.length >= length)) {
          throw wrongValue(`${rows} rows, ${length} bytes,`, 'data.byteLength', bytes.length);
        }
        left -= rows;
        const parts: Uint8Array<ArrayBuffer>[] = [];
        try {
          run.push(bytes, strideBytes, rows, (part) => parts.push(part.slice()));
        } catch (error) {
          throw toCodecError(error, 'encode', format);
        }
        return parts;
      },
      async finish() {
        if (left > 0) throw wrongValue('all rows of the image', 'rows left', left);
        loan.giveBack();
        return [];
      },
      get memoryBytes() {
        return engine.memoryBytes();
      },
    };
  }

  #checkCall(
    image: StripImage,
    settings: Settings,
    conversion: RowConversion | undefined,
    whole: boolean,
  ): void {
    const { pixelFormat } = conversion ?? image;
    const { formats } = this.#kernel;
    if (!formats.includes(pixelFormat)) {
      throw wrongValue(`one of ${formats.join(', ')}`, 'pixelFormat', pixelFormat);
    }
    this.#kernel.check?.({ ...image, pixelFormat }, settings, whole);
  }

  async #createEngine(): Promise<StripEngine<Exports>> {
    const { name, format } = this.#kernel;
    const module = await loadWasm(name);
    let instance: WebAssembly.Instance;
    try {
      instance = await instantiate(module);
    } catch (cause) {
      // Without memory for it the module is not at fault.
      throw toCodecError(cause, 'load', format);
    }
    const exports = instance.exports as Record<string, (...parameters: number[]) => number>;
    const { memory } = instance.exports as { memory: WebAssembly.Memory };
    const call = (which: keyof StripCalls) => exports[`${name}_${which}`]!;
    let view = new Uint8Array(memory.buffer);
    return {
      kernel: exports as Exports,
      calls: {
        input: call('input'),
        strip_rows: call('strip_rows'),
        inspect: call('inspect'),
        wanted_row: call('wanted_row'),
        rows: call('rows'),
        resume: call('resume'),
        output: call('output'),
        output_bytes: call('output_bytes'),
      },
      memory() {
        if (view.buffer !== memory.buffer) view = new Uint8Array(memory.buffer);
        return view;
      },
      memoryBytes: () => memory.buffer.byteLength,
    };
  }
}
