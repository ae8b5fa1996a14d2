import { wrongValue } from '../../errors.js';
import type { ImageLayout } from '../../image.js';
import { PIXEL_LAYOUTS } from '../../pixel-format.js';
import type { EngineCall } from '../engine.js';
import { type Band, type BandFindings, type BandSource, cutBands } from './bands.js';
import { collectFile } from './collect-file.js';
import { type JpegKernelSettings, jpegKernel } from './jpeg.js';
import type { RowConversion } from './row-conversion.js';

// A JPEG in bands: at a restart marker (T.81, B.2.4.4 and F.1.1.5.1) bits begin at a byte and nothing is foretold from what was before,
// so bands that end there are encoded apart, and lie one behind the other in the file. What they share are the Huffman tables: where
// these are made for the image, every band first counts its symbols and keeps its tokens, which are written once all counts are known.

/** Luma samples a chroma sample, across and down. */
const SAMPLING = { '4:4:4': [1, 1], '4:2:2': [2, 1], '4:2:0': [2, 2] } as const;

/** With as few, all threads are done at about the same time: 16 megapixels take an eighth less on two than with twice as many. */
const BAND_PIXELS = 1_000_000;

/** The most MCUs between two restart markers. */
const MAX_INTERVAL = 65_535;

/** How an image is cut, and the settings that all of its bands have then; `undefined` where it is encoded in one piece. */
export function cutJpeg(
  layout: ImageLayout,
  settings: JpegKernelSettings,
): { bands: Band[]; settings: JpegKernelSettings } | undefined {
  // Each scan of a progressive image goes over all of it.
  if (settings.progressive) return undefined;
  const gray = settings.gray || PIXEL_LAYOUTS[layout.pixelFormat].gray;
  const [across, down] = gray ? [1, 1] : SAMPLING[settings.chromaSubsampling];
  const mcuRows = 8 * down;
  const most = Math.floor(MAX_INTERVAL / Math.ceil(layout.width / (8 * across)));
  const { restartInterval } = settings;
  // Restart markers that are asked for stay where they are.
  const bands =
    restartInterval > 0
      ? cutBands(layout, BAND_PIXELS, mcuRows * Math.min(restartInterval, most))
      : cutBands(layout, BAND_PIXELS, mcuRows, { most: mcuRows * most });
  const [first] = bands;
  if (first === undefined || bands.length < 2) return undefined;
  return { bands, settings: { ...settings, restartInterval: restartInterval || first.rows / mcuRows } };
}

/**
 * Counts the symbols of a band.
 *
 * @param settings as `cutJpeg` gave them
 * @throws as `jpegKernel.encode`
 */
export function countJpegBand(
  { layout, band, bytes }: BandSource,
  settings: JpegKernelSettings,
  call: EngineCall,
  conversion: RowConversion | undefined,
): Promise<BandFindings> {
  const input = { strideBytes: layout.strideBytes, conversion, whole: false };
  return jpegKernel.run(layout, settings, call, input, (run, { kernel, memory }) => {
    kernel.jpeg_band(band.row, band.rows);
    run.expect(band);
    // Counting writes nothing.
    run.push(bytes, layout.strideBytes, band.rows, () => {});
    const slice = (start: number, length: number) => memory().slice(start, start + length);
    return {
      findings: slice(kernel.jpeg_counts(), kernel.jpeg_counts_bytes()),
      carry: slice(kernel.jpeg_tokens(), kernel.jpeg_tokens_bytes()),
    };
  });
}

/** The counts of all bands. */
export function sumJpegCounts(counts: readonly Uint8Array<ArrayBuffer>[]): Uint8Array<ArrayBuffer> {
  const [first, ...others] = counts.map(({ buffer }) => new Uint32Array(buffer));
  if (first === undefined) return new Uint8Array(0);
  const sum = first.slice();
  for (const each of others) for (let i = 0; i < sum.length; i++) sum[i]! += each[i]!;
  return new Uint8Array(sum.buffer);
}

/**
 * The part of the file that a band makes: from its pixels or, with tables made for the image, from its tokens.
 *
 * @param counts of all bands
 * @throws as `jpegKernel.encode`
 */
export function writeJpegBand(
  { layout, band, bytes }: BandSource,
  counts: Uint8Array,
  settings: JpegKernelSettings,
  call: EngineCall,
  conversion: RowConversion | undefined,
): Promise<Uint8Array<ArrayBuffer>> {
  const input = { strideBytes: layout.strideBytes, conversion, whole: false };
  return jpegKernel.run(layout, settings, call, input, (run, { kernel, memory }) => {
    kernel.jpeg_band(band.row, band.rows);
    if (!settings.optimizeCoding) {
      run.expect(band);
      return collectFile((take) => run.push(bytes, layout.strideBytes, band.rows, take));
    }
    if (counts.length !== kernel.jpeg_counts_bytes())
      throw wrongValue('those of all bands', 'counts', counts);
    run.check(kernel.jpeg_resume_band(bytes.length));
    memory().set(bytes, kernel.jpeg_tokens());
    memory().set(counts, kernel.jpeg_counts());
    return collectFile((take) => run.takeParts(kernel.jpeg_write_band(), take));
  });
}
