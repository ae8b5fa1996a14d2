import { wrongKind, wrongValue } from './errors.js';
import { PIXEL_FORMATS, PIXEL_LAYOUTS, type PixelFormat, rowBytes, rowsBytes } from './pixel-format.js';

/**
 * The colours of an `indexed8` image, 1 to 256 of them, 0 to 255 a sample, straight alpha: either a list of `[r, g, b]` and
 * `[r, g, b, a]`, or the same bytes one behind the other with the number of bytes an entry.
 */
export type Palette =
  | readonly (readonly number[])[]
  | { readonly data: Uint8Array | Uint8ClampedArray; readonly channels: 3 | 4 };

/** What an image file says beside its pixels. No codec writes it yet: a call that asks for it is refused. */
export interface Metadata {
  /** An ICC colour profile. */
  icc?: Uint8Array;
  /** An EXIF block, from its TIFF header on. */
  exif?: Uint8Array;
  /** An XMP packet. */
  xmp?: Uint8Array;
  /** Pixels an inch. */
  density?: number;
  /** Text by keyword. */
  text?: Readonly<Record<string, string>>;
}

/**
 * Pixels in memory, rows top-down. `encode` reads them and neither changes nor detaches them; do not change them until its
 * promise settles.
 */
export interface RawImage {
  /** The samples; a view's `byteOffset` and `byteLength` are honoured. May be longer than the image. */
  data: ArrayBufferView | ArrayBufferLike;
  /** Pixels a row, a positive integer. */
  width: number;
  /** Number of rows, a positive integer. */
  height: number;
  /** Without it, inferred: 1, 2, 3 or 4 samples a pixel are gray, gray+alpha, RGB, RGBA; a `Uint16Array` has 16 bits. */
  pixelFormat?: PixelFormat;
  /** Bytes from the start of a row to the start of the next, at least the row itself. Default: rows are adjacent. */
  strideBytes?: number;
  /** Whether colour is already multiplied by alpha. Default false. */
  premultiplied?: boolean;
  /** The colours of `indexed8`. */
  palette?: Palette;
  /** What to write beside the pixels, as the option `metadata`, which goes before it. */
  metadata?: Metadata;
}

/** A validated image without its pixels. */
export interface ImageLayout {
  readonly width: number;
  readonly height: number;
  readonly pixelFormat: PixelFormat;
  readonly strideBytes: number;
  readonly premultiplied: boolean;
  /** 256 RGBA entries, opaque black behind the last one given; only for `indexed8`. */
  readonly palette?: Uint8Array;
}

/** A validated image: what every codec and kernel below the API works on. */
export interface PixelSource extends ImageLayout {
  /** The caller's own memory, from the first byte of the first row to the last byte of the last. Read only. */
  readonly bytes: Uint8Array;
  readonly metadata?: Metadata;
}

const METADATA_KINDS: ReadonlyMap<string, readonly [what: string, is: (value: unknown) => boolean]> = new Map(
  [
    ['icc', ['a Uint8Array', isBytes]],
    ['exif', ['a Uint8Array', isBytes]],
    ['xmp', ['a Uint8Array', isBytes]],
    ['density', ['a number', (value) => typeof value === 'number']],
    ['text', ['an object', (value) => typeof value === 'object' && value !== null]],
  ],
);

function isBytes(value: unknown): boolean {
  return value instanceof Uint8Array;
}

/** Checks what is to be written beside the pixels, in the options or with the image. */
export function checkMetadata(value: unknown, name: string): Metadata {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw wrongKind('an object', name, value);
  }
  const metadata = { ...value };
  for (const [key, entry] of Object.entries(metadata)) {
    const kind = METADATA_KINDS.get(key);
    if (kind === undefined)
      throw wrongKind(`one of ${[...METADATA_KINDS.keys()].join(', ')}`, `a key of ${name}`, key);
    if (entry !== undefined && !kind[1](entry)) throw wrongKind(kind[0], `${name}.${key}`, entry);
  }
  return metadata;
}

const INFERRED: Readonly<Record<8 | 16, readonly PixelFormat[]>> = {
  8: ['gray8', 'graya8', 'rgb8', 'rgba8'],
  16: ['gray16', 'graya16', 'rgb16', 'rgba16'],
};

/**
 * A plain view of our own over the same bytes; `undefined` where the value is no buffer. A caller's view is not passed on: it may
 * be of a class, or have properties, that tell another length than it has, and lengths guard the memory of codecs.
 */
export function asBytes(data: unknown): Uint8Array | undefined {
  if (ArrayBuffer.isView(data)) {
    const { buffer, byteOffset, byteLength } = data;
    // A detached buffer takes no view, and a view of it has no bytes.
    return byteLength === 0 ? new Uint8Array(0) : new Uint8Array(buffer, byteOffset, byteLength);
  }
  try {
    // A DataView takes a buffer, also one of another realm (an iframe, a vm context), and nothing else.
    return new Uint8Array(new DataView(data as ArrayBuffer).buffer);
  } catch {
    return undefined;
  }
}

function positiveInteger(value: unknown, name: string): number {
  if (typeof value !== 'number') throw wrongKind('a positive integer', name, value);
  if (!Number.isSafeInteger(value) || value < 1) throw wrongValue('a positive integer', name, value);
  return value;
}

/** Bits a sample of the kinds of memory whose samples can be told: of others, such as floats, the bytes are no samples. */
const SAMPLE_BITS: ReadonlyMap<string, 8 | 16> = new Map([
  ['Uint8Array', 8],
  ['Uint8ClampedArray', 8],
  ['DataView', 8],
  ['ArrayBuffer', 8],
  ['SharedArrayBuffer', 8],
  ['Uint16Array', 16],
]);

function inferPixelFormat(data: unknown, byteLength: number, width: number, height: number): PixelFormat {
  const bits = SAMPLE_BITS.get(Object.prototype.toString.call(data).slice(8, -1));
  if (bits === undefined) throw wrongKind('bytes, a Uint16Array, or a pixelFormat,', 'data', data);
  const samples = (byteLength * 8) / bits / (width * height);
  const inferred = INFERRED[bits][samples - 1];
  if (inferred === undefined) {
    const what = `1, 2, 3 or 4 samples of ${bits} bits for each of ${width}x${height} pixels, or a pixelFormat,`;
    throw wrongValue(what, 'data.byteLength', byteLength);
  }
  return inferred;
}

/**
 * A copy of a list of samples, 0 to 255 each.
 *
 * @param what the expectation, for errors
 */
export function resolveSamples(list: unknown, what: string, name: string): number[] {
  if (!Array.isArray(list)) throw wrongKind(what, name, list);
  // What is checked is the copy: the list may change, or have getters.
  const samples: unknown[] = [...list];
  for (const sample of samples) {
    if (typeof sample !== 'number') throw wrongKind(what, name, samples);
    if (!(Number.isInteger(sample) && sample >= 0 && sample <= 255)) throw wrongValue(what, name, samples);
  }
  return samples as number[];
}

function resolvePalette(palette: unknown): Uint8Array {
  const what = 'a list of 1 to 256 [r, g, b] or [r, g, b, a], or { data, channels }';
  if (typeof palette !== 'object' || palette === null) throw wrongKind(what, 'palette', palette);
  let entries: readonly unknown[];
  if (Array.isArray(palette)) {
    entries = [...palette];
  } else {
    const { data, channels } = palette as { data?: unknown; channels?: unknown };
    if (!(data instanceof Uint8Array || data instanceof Uint8ClampedArray)) {
      throw wrongKind('a Uint8Array', 'palette.data', data);
    }
    if (typeof channels !== 'number') throw wrongKind('3 or 4', 'palette.channels', channels);
    if (channels !== 3 && channels !== 4) throw wrongValue('3 or 4', 'palette.channels', channels);
    const samples = Array.from(data);
    if (samples.length % channels !== 0)
      throw wrongValue(`a multiple of ${channels}`, 'palette.data.length', samples.length);
    entries = Array.from({ length: samples.length / channels }, (_, i) =>
      samples.slice(i * channels, (i + 1) * channels),
    );
  }
  if (entries.length < 1 || entries.length > 256)
    throw wrongValue('1 to 256 entries', 'palette.length', entries.length);
  const resolved = new Uint8Array(1024);
  for (let i = 3; i < resolved.length; i += 4) resolved[i] = 255;
  entries.forEach((entry, i) => {
    const samples = resolveSamples(entry, '3 or 4 integers from 0 to 255', `palette[${i}]`);
    if (samples.length < 3 || samples.length > 4) {
      throw wrongValue('3 or 4 integers from 0 to 255', `palette[${i}]`, entry);
    }
    resolved.set(samples, i * 4);
  });
  return resolved;
}

/**
 * Checks how the pixels of an image lie, without the pixels. Nothing is copied but the palette.
 *
 * @param checkSize called with the size as soon as it is known to be one
 * @param infer what to take where no pixel format is given and there is no palette
 * @throws TypeError where a field is of the wrong kind
 * @throws RangeError where a size, the stride or the palette does not fit
 */
export function resolveLayout(
  image: Omit<RawImage, 'data' | 'metadata'>,
  checkSize?: (width: number, height: number) => void,
  infer?: (width: number, height: number) => PixelFormat,
): ImageLayout {
  const { width, height, strideBytes, premultiplied, palette } = image;
  let { pixelFormat } = image;
  positiveInteger(width, 'width');
  positiveInteger(height, 'height');
  checkSize?.(width, height);
  if (pixelFormat === undefined && infer !== undefined) {
    if (strideBytes !== undefined)
      throw wrongKind('a pixelFormat, as strideBytes is given,', 'pixelFormat', pixelFormat);
    pixelFormat = palette === undefined ? infer(width, height) : 'indexed8';
  } else if (typeof pixelFormat !== 'string') {
    throw wrongKind(`one of ${PIXEL_FORMATS.join(', ')}`, 'pixelFormat', pixelFormat);
  } else if (!Object.hasOwn(PIXEL_LAYOUTS, pixelFormat)) {
    throw wrongValue(`one of ${PIXEL_FORMATS.join(', ')}`, 'pixelFormat', pixelFormat);
  }
  if (premultiplied !== undefined && typeof premultiplied !== 'boolean') {
    throw wrongKind('a boolean', 'premultiplied', premultiplied);
  }
  const row = rowBytes(pixelFormat, width);
  if (strideBytes !== undefined && positiveInteger(strideBytes, 'strideBytes') < row) {
    throw wrongValue(`at least ${row} (${width} pixels of ${pixelFormat})`, 'strideBytes', strideBytes);
  }
  const layout = {
    width,
    height,
    pixelFormat,
    strideBytes: strideBytes ?? row,
    premultiplied: premultiplied ?? false,
  };
  if (pixelFormat === 'indexed8') return { ...layout, palette: resolvePalette(palette) };
  if (palette !== undefined)
    throw wrongValue("no palette unless pixelFormat is 'indexed8'", 'palette', palette);
  return layout;
}

/**
 * Checks an image as a caller gives it. Nothing is copied but the palette.
 *
 * @param checkSize called with the size as soon as it is known to be one
 * @throws TypeError where a field is of the wrong kind
 * @throws RangeError where a size, the stride, the palette or the length of `data` does not fit
 */
export function resolveImage(
  image: RawImage,
  checkSize?: (width: number, height: number) => void,
): PixelSource {
  const { data } = image;
  const metadata = image.metadata === undefined ? undefined : checkMetadata(image.metadata, 'metadata');
  const bytes = asBytes(data);
  if (bytes === undefined) throw wrongKind('an ArrayBuffer or a view of one', 'data', data);
  const layout = resolveLayout(image, checkSize, (width, height) =>
    inferPixelFormat(data, bytes.length, width, height),
  );
  const { width, height, pixelFormat, strideBytes } = layout;
  // The last row may lack its padding, as in sub-images and mapped GPU buffers.
  const length = rowsBytes(pixelFormat, width, strideBytes, height);
  if (bytes.length < length) {
    throw wrongValue(
      `at least ${length} bytes (${width}x${height} ${pixelFormat})`,
      'data.byteLength',
      bytes.length,
    );
  }
  return { ...layout, bytes: bytes.subarray(0, length), metadata };
}
