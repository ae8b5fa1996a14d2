export type { EncodedBytes } from './sinks/payload.js';
export { type TempFile, type TempFileOptions, toTempFile, withTempFile } from './sinks/temp-file.js';
