import { concat } from '../concat.js';
import { countJpegBand, cutJpeg, sumJpegCounts, writeJpegBand } from '../engines/kernels/jpeg-bands.js';
import type { ImageLayout } from '../image.js';
import type { JpegEncodeOptions } from '../options.js';
import type { BandCodec } from './codec.js';
import { jpegSettings, openJpegConversion } from './jpeg-kernel.js';
import { resolveJpegOptions } from './jpeg-options.js';

/** As its bands have it. */
async function prepare(layout: ImageLayout, options: JpegEncodeOptions | undefined) {
  const resolved = resolveJpegOptions(options);
  const cut = cutJpeg(layout, jpegSettings(layout, resolved));
  if (cut === undefined) throw new Error('the image has no bands');
  const { settings } = cut;
  const conversion = await openJpegConversion(layout, settings, resolved);
  return { settings, call: resolved, conversion };
}

/** JPEG in bands; the file is the one that `restartInterval` of a band gives. */
export const jpegBands: BandCodec<'jpeg'> = {
  cut(layout, options) {
    const resolved = resolveJpegOptions(options);
    // mozjpeg's files have no bands.
    if (resolved.mozjpeg) return undefined;
    const cut = cutJpeg(layout, jpegSettings(layout, resolved));
    return cut && { bands: cut.bands, findsFirst: cut.settings.optimizeCoding };
  },
  async find(source, options) {
    const { settings, call, conversion } = await prepare(source.layout, options);
    return countJpegBand(source, settings, call, conversion);
  },
  settle: async (_layout, findings) => sumJpegCounts(findings),
  async write(source, counts, options) {
    const { settings, call, conversion } = await prepare(source.layout, options);
    return writeJpegBand(source, counts, settings, call, conversion);
  },
  join: concat,
};
