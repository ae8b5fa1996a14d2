import { concat } from '../../concat.js';
import type { ImageLayout } from '../../image.js';
import type { EngineCall } from '../engine.js';
import { type Band, type BandFindings, type BandSource, cutBands } from './bands.js';
import { collectFile } from './collect-file.js';
import { type PngExports, type PngKernelSettings, pngKernel } from './png.js';
import type { RowConversion } from './row-conversion.js';
import type { StripEngine, StripRun } from './strip-encoder.js';

// A PNG in bands: deflate blocks may end at a byte (RFC 1951, 3.2.4), so bands are compressed apart, and lie one behind the other in the
// stream. The first row of each is filtered by the row above it. What they share is the layout and what is known of filters: for the
// layout every band is looked at first, as far as it needs to be, and strips from all over the image tell the rest.

/** How many of the states that `png_states` lists are found of rows; the others are settled. */
const FOUND_STATES = 3;
const STATES = 6;

/** With fewer there would be more bands that begin without what is before them. */
const BAND_PIXELS = 1_500_000;

/**
 * What a band is to have of the stream, on average. A band begins without the 32 kB before it to match with, and with codes of its own:
 * of less than that it is more than one percent that is lost.
 */
const LEAST_STREAM_BYTES = 1024 * 1024;

type PngEngine = StripEngine<PngExports>;

/** Where states lie, and their bytes. */
function statesOf({ kernel, memory }: PngEngine): [start: number, length: number][] {
  const { buffer } = memory();
  const list = new Uint32Array(buffer, kernel.png_states(), 2 * STATES);
  return Array.from({ length: STATES }, (_, i) => [list[2 * i]!, list[2 * i + 1]!]);
}

function takeStates(engine: PngEngine, count: number): Uint8Array<ArrayBuffer> {
  const memory = engine.memory();
  const states = statesOf(engine).slice(0, count);
  return concat(states.map(([start, length]) => memory.subarray(start, start + length)));
}

function putStates(engine: PngEngine, count: number, bytes: Uint8Array): void {
  let at = 0;
  for (const [start, length] of statesOf(engine).slice(0, count)) {
    engine.memory().set(bytes.subarray(at, at + length), start);
    at += length;
  }
  if (at !== bytes.length) throw new Error('the states are not those of this kernel');
}

/** Begins a band, and shows what is wanted of it. */
function showBand(
  run: StripRun<PngExports, PngKernelSettings>,
  { kernel }: PngEngine,
  { layout, band, bytes }: BandSource,
): void {
  const { strideBytes } = layout;
  const first = band.row - band.above;
  run.expect(band);
  run.goOn(kernel.png_band(band.row, band.rows));
  run.show((row) => bytes.subarray((row - first) * strideBytes), strideBytes);
}

/** How an image is cut, `undefined` where it is encoded in one piece. */
export function cutPng(layout: ImageLayout, { interlaced }: PngKernelSettings): Band[] | undefined {
  if (interlaced) return undefined;
  const bands = cutBands(layout, BAND_PIXELS, 1, { above: 1 });
  return bands.length < 2 ? undefined : bands;
}

/**
 * Looks at a band for what it does not need of its layout.
 *
 * @returns its pixels to be carried on as they are
 * @throws as `pngKernel.encode`
 */
export function lookAtPngBand(
  { layout, band, bytes }: BandSource,
  settings: PngKernelSettings,
  call: EngineCall,
  conversion: RowConversion | undefined,
): Promise<BandFindings> {
  const { strideBytes } = layout;
  return pngKernel.run(layout, settings, call, { strideBytes, conversion, whole: true }, (run, engine) => {
    showBand(run, engine, { layout, band, bytes });
    return { findings: takeStates(engine, FOUND_STATES), carry: bytes };
  });
}

/**
 * The layout of the file and how its rows are to be filtered; `undefined` where so little is to be compressed, in few bits a pixel, that it
 * is better encoded in one piece.
 *
 * @param findings of all bands, in order; none where none was looked at
 * @param rowsAt the pixels from a row on, `strideBytes` apart
 * @throws as `pngKernel.encode`
 */
export function settlePng(
  layout: ImageLayout,
  findings: readonly Uint8Array<ArrayBuffer>[],
  settings: PngKernelSettings,
  call: EngineCall,
  conversion: RowConversion | undefined,
  rowsAt: (row: number, rows: number) => Uint8Array,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const { strideBytes } = layout;
  return pngKernel.run(layout, settings, call, { strideBytes, conversion, whole: true }, (run, engine) => {
    const [first, ...others] = findings;
    if (first !== undefined) {
      putStates(engine, FOUND_STATES, first);
      for (const each of others) {
        engine.memory().set(each, engine.calls.input());
        engine.kernel.png_add_found();
      }
      run.goOn(engine.kernel.png_settle());
    }
    run.show(rowsAt, strideBytes);
    const streamBytes = layout.height * engine.kernel.png_row_bytes();
    const bands = cutPng(layout, settings)?.length ?? 1;
    return streamBytes < bands * LEAST_STREAM_BYTES ? undefined : takeStates(engine, STATES);
  });
}

/**
 * The part of the stream that a band makes, and the sums over what it stands for.
 *
 * @param settled by `settlePng`
 * @throws as `pngKernel.encode`
 */
export function writePngBand(
  { layout, band, bytes }: BandSource,
  settled: Uint8Array,
  settings: PngKernelSettings,
  call: EngineCall,
  conversion: RowConversion | undefined,
): Promise<PngPart> {
  const { strideBytes } = layout;
  return pngKernel.run(layout, settings, call, { strideBytes, conversion, whole: true }, (run, engine) => {
    const { kernel } = engine;
    putStates(engine, STATES, settled);
    showBand(run, engine, { layout, band, bytes });
    if (band.above > 0) {
      run.put(bytes, strideBytes, 1);
      run.check(kernel.png_above());
    }
    const own = bytes.subarray(band.above * strideBytes);
    const part = collectFile((take) => run.push(own, strideBytes, band.rows, take));
    const adler = kernel.png_adler() >>> 0;
    return { bytes: part, adler, streamBytes: band.rows * kernel.png_row_bytes() };
  });
}

/** A part of the zlib stream, in chunks; the first with the head of the file. */
export interface PngPart {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Adler-32 of the bytes that it stands for, and how many these are. */
  readonly adler: number;
  readonly streamBytes: number;
}
