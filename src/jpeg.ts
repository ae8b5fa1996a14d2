export * from './codec-entry.js';
export { decodeJpeg, encodeJpeg } from './codecs/jpeg.js';
export type { JpegEncodeOptions, JpegQuantTables } from './options.js';
