import type { ImageLayout } from '../../image.js';

/** Rows of an image that are encoded apart from the others. */
export interface Band {
  readonly row: number;
  readonly rows: number;
  /** Rows before them that are handed over with them. */
  readonly above: number;
}

/** What was found of a band before it is written. */
export interface BandFindings {
  /** To be settled with those of the other bands. */
  readonly findings: Uint8Array<ArrayBuffer>;
  /** What the band is written from. */
  readonly carry: Uint8Array;
}

/** A band with the image that it is of, and the bytes of its rows or what became of them. */
export interface BandSource {
  /** Of the whole image. */
  readonly layout: ImageLayout;
  readonly band: Band;
  /** From the rows above on. */
  readonly bytes: Uint8Array;
}

/** Pixels of an image that is cut: of less, there is more to do around the bands than is saved. */
const LEAST_PIXELS = 4_000_000;

/**
 * Cuts an image into bands, all of the same height but the last, by its size alone: so that it does not depend on the threads that there
 * are what becomes of it.
 *
 * @param bandPixels that a band is to have, about
 * @param step rows that a band may end behind, and any multiple of them
 * @param details `most`: rows at most, a multiple of `step`; `above`: rows before a band that it needs to have
 * @returns one band where it would not pay
 */
export function cutBands(
  { width, height }: ImageLayout,
  bandPixels: number,
  step: number,
  { most = Number.POSITIVE_INFINITY, above = 0 } = {},
): Band[] {
  const pixels = width * height;
  const count = pixels < LEAST_PIXELS ? 1 : Math.floor(pixels / bandPixels);
  const rows = Math.min(most, Math.ceil(height / count / step) * step);
  const bands: Band[] = [];
  for (let row = 0; row < height; row += rows) {
    bands.push({ row, rows: Math.min(rows, height - row), above: Math.min(above, row) });
  }
  return bands;
}
