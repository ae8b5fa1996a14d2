/** Squared errors of the same images in our files and in the peer's. */
export interface Sums {
  images: number;
  samples: number;
  ours: number;
  theirs: number;
}

/** One image, judged. */
export interface Verdict {
  readonly name: string;
  readonly samples: number;
  /** Sums of squared errors. */
  readonly ours: number;
  readonly theirs: number;
}

/** Decibels by which our images are worse than the peer's; negative where they are better. */
export function decibelsLost({ ours, theirs }: { ours: number; theirs: number }): number {
  return ours === theirs ? 0 : 10 * Math.log10(ours / theirs);
}

/** Steps of the histogram, in decibels lost. */
const BIN = 0.1;
const BINS = 40;
/** How many of the worst images are kept. */
const WORST = 12;

/**
 * Errors by class and the distribution over single images, as plain data that JSON holds.
 *
 * An image of a few pixels has so few coefficients that one that is rounded the other way moves it by decibels, up or down. So
 * what is asked of classes is the sum.
 */
export interface Tally {
  classes: Record<string, Record<string, Sums>>;
  /** Images by decibels lost, in steps of 0.1 from -4 to 4, by the power of four of their pixels. */
  histogram: Record<string, number[]>;
  worst: Verdict[];
}

/** A tally of nothing. */
export function emptyTally(): Tally {
  return { classes: {}, histogram: {}, worst: [] };
}

/** Counts an image in, under a value of each kind of class. */
export function count(tally: Tally, verdict: Verdict, classes: Readonly<Record<string, string>>): void {
  const { samples, ours, theirs } = verdict;
  for (const [kind, value] of Object.entries(classes)) {
    tally.classes[kind] ??= {};
    const sums = tally.classes[kind][value] ?? { images: 0, samples: 0, ours: 0, theirs: 0 };
    tally.classes[kind][value] = sums;
    sums.images++;
    sums.samples += samples;
    sums.ours += ours;
    sums.theirs += theirs;
  }
  const lost = decibelsLost(verdict);
  const magnitude = `under ${4 ** Math.ceil(Math.log2(samples + 1) / 2)}`;
  tally.histogram[magnitude] ??= new Array(2 * BINS + 1).fill(0);
  const bin = Math.round(Math.max(-BINS, Math.min(BINS, lost / BIN))) + BINS;
  tally.histogram[magnitude][bin]!++;
  if (tally.worst.length === WORST && lost <= decibelsLost(tally.worst.at(-1)!)) return;
  // The same pixels come in several codings.
  if (tally.worst.some(({ name }) => name === verdict.name)) return;
  tally.worst.push(verdict);
  // Where the peer loses nothing it is infinite.
  const finite = (other: Verdict) => Math.min(99, decibelsLost(other));
  tally.worst.sort((a, b) => finite(b) - finite(a));
  tally.worst.length = Math.min(tally.worst.length, WORST);
}

/** The classes of a kind, those that lost most first. */
export function worstClasses(tally: Tally, kind: string): (Sums & { value: string; lost: number })[] {
  return Object.entries(tally.classes[kind] ?? {})
    .map(([value, sums]) => ({ value, ...sums, lost: decibelsLost(sums) }))
    .sort((a, b) => b.lost - a.lost);
}

/** Shares of single images that lost or won more than so many decibels, by how many samples they have. */
export function shares(tally: Tally, decibels: number) {
  return Object.entries(tally.histogram).map(([magnitude, bins]) => {
    const total = bins.reduce((sum, n) => sum + n, 0);
    const part = (keep: (lost: number) => boolean) =>
      bins.reduce((sum, n, i) => (keep((i - BINS) * BIN) ? sum + n : sum), 0) / total;
    return {
      magnitude,
      images: total,
      lost: part((lost) => lost > decibels + BIN / 4),
      won: part((lost) => lost < -decibels - BIN / 4),
    };
  });
}
