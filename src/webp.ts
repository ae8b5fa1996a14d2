export * from './codec-entry.js';
export { decodeWebp, encodeWebp } from './codecs/webp.js';
export type { WebpEncodeOptions } from './options.js';
