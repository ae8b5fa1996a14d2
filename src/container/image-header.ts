/**
 * What the header of an image file says. A field is `undefined` where the bytes given end before it is settled, or where its
 * format's line below does not list it.
 *
 * - PNG, JPEG, WebP: every field.
 * - GIF: `bitDepth`, `animated`, `frameCount`; no other.
 * - BMP: `animated`, `frameCount`.
 * - AVIF: `animated`, and `orientation` from its own properties `irot` and `imir`.
 * - JPEG XL: `orientation`.
 */
export interface ImageHeader {
  /** Pixels a row as stored, before `orientation` is applied. */
  readonly width: number;
  /** Rows as stored, before `orientation` is applied. */
  readonly height: number;
  /** Bits a sample of a colour. Of a palette image the bits of its colours count, always 8, and not those of its indices. */
  readonly bitDepth?: number;
  /**
   * Samples a pixel when decoded: 1 gray, 2 gray and alpha, 3 colour, 4 colour and alpha or CMYK. A palette image has 3, or 4 where
   * the palette has alpha; transparency by key colour (PNG tRNS) counts as alpha. WebP, which has no gray, 3 or 4.
   */
  readonly channels?: number;
  /** Whether pixels can be transparent. */
  readonly hasAlpha?: boolean;
  /** Whether the file is an animation: PNG and GIF with more than one frame, WebP by its flag, AVIF by its brand. */
  readonly animated?: boolean;
  /** Number of frames, 1 of a still image. PNG says it ahead; of WebP and GIF it takes the whole file to know. */
  readonly frameCount?: number;
  /** EXIF orientation, 1 to 8, as the file says it; `undefined` where it does not. */
  readonly orientation?: number;
  /** Whether there is an ICC profile. WebP: by its flag. */
  readonly hasIcc?: boolean;
  /** Whether there is EXIF data. WebP: by its flag. */
  readonly hasExif?: boolean;
  /** Whether there is an XMP packet. WebP: by its flag. */
  readonly hasXmp?: boolean;
}
