export * from './codec-entry.js';
export { decodePng, encodePng } from './codecs/png.js';
export type { PngEncodeOptions } from './options.js';
