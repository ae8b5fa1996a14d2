/** Formats that `encode` writes and `decode` reads from bytes alone. */
export type CompressedFormat = 'png' | 'jpeg' | 'webp';

/** Formats that `encode` writes: `'raw'` is tightly packed pixel bytes, without a header. */
export type EncodeFormat = CompressedFormat | 'raw';

/** Formats that `probe` recognises. */
export type ProbeFormat = CompressedFormat | 'gif' | 'bmp' | 'avif' | 'jxl';

/** Every format that a result or an error can name. */
export type ImageFormat = EncodeFormat | ProbeFormat;

/** The formats that `encode` writes, in the order in which they are listed to people. */
export const ENCODE_FORMATS: readonly EncodeFormat[] = Object.freeze(['png', 'jpeg', 'webp', 'raw']);
