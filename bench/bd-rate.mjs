// How much larger one encoder's files are than another's at equal quality, as one figure (Bjøntegaard's delta rate, VCEG-M33): the
// mean distance of two rate-distortion curves, the rate as a logarithm. Between the points the curves are cubic Hermite, their slopes
// after Fritsch and Carlson: they rise where the points rise and never swing, as one polynomial through all points may.

/** @typedef {{ bytes: number, value: number }} RatePoint what a file takes, and how good it is: more is better */

/**
 * The mean difference in size at equal quality, over the qualities that both reach.
 *
 * @param {readonly RatePoint[]} curve in any order
 * @param {readonly RatePoint[]} reference
 * @returns {number} as a ratio less 1: 0.1 is 10 % more bytes than the reference; NaN where no quality is common to both
 */
export function deltaRate(curve, reference) {
  const [ours, theirs] = [curve, reference].map((points) =>
    splineOf(frontier(points).map(({ bytes, value }) => [value, Math.log(bytes)])),
  );
  return Math.exp(meanDistance(ours, theirs)) - 1;
}

/**
 * The mean difference in quality at equal size, over the sizes that both reach.
 *
 * @param {readonly RatePoint[]} curve in any order
 * @param {readonly RatePoint[]} reference
 * @returns {number} in the unit of the values; NaN where no size is common to both
 */
export function deltaQuality(curve, reference) {
  const [ours, theirs] = [curve, reference].map((points) =>
    splineOf(frontier(points).map(({ bytes, value }) => [Math.log(bytes), value])),
  );
  return meanDistance(ours, theirs);
}

/** The points that no other one beats in both size and quality, by size. */
function frontier(points) {
  const kept = [];
  for (const point of points.toSorted((a, b) => a.bytes - b.bytes || b.value - a.value)) {
    if (kept.length === 0 || point.value > kept.at(-1).value) kept.push(point);
  }
  return kept;
}

/** Pieces of cubic polynomials in the distance from where each begins. */
function splineOf(points) {
  const slopes = slopesOf(points);
  return points.slice(1).map(([end, endValue], i) => {
    const [start, value] = points[i];
    const width = end - start;
    const chord = (endValue - value) / width;
    const square = (3 * chord - 2 * slopes[i] - slopes[i + 1]) / width;
    const cube = (slopes[i] + slopes[i + 1] - 2 * chord) / width ** 2;
    return { start, end, coefficients: [value, slopes[i], square, cube] };
  });
}

/** A slope at each point that keeps the curve between the values on both sides. */
function slopesOf(points) {
  if (points.length < 2) return [0];
  const widths = points.slice(1).map(([x], i) => x - points[i][0]);
  const chords = points.slice(1).map(([, y], i) => (y - points[i][1]) / widths[i]);
  const last = chords.length - 1;
  const inner = chords.slice(1).map((chord, i) => {
    const before = chords[i];
    if (before * chord <= 0) return 0;
    const left = 2 * widths[i + 1] + widths[i];
    const right = widths[i + 1] + 2 * widths[i];
    return (left + right) / (left / before + right / chord);
  });
  const end = (near, next, chord, nextChord) => {
    if (nextChord === undefined) return chord;
    const slope = ((2 * near + next) * chord - near * nextChord) / (near + next);
    if (slope * chord <= 0) return 0;
    return Math.abs(slope) > 3 * Math.abs(chord) && chord * nextChord <= 0 ? 3 * chord : slope;
  };
  return [
    end(widths[0], widths[1], chords[0], chords[1]),
    ...inner,
    end(widths[last], widths[last - 1], chords[last], chords[last - 1]),
  ];
}

function meanDistance(ours, theirs) {
  const ends = [ours, theirs].map((pieces) => [pieces[0]?.start ?? NaN, pieces.at(-1)?.end ?? NaN]);
  const from = Math.max(ends[0][0], ends[1][0]);
  const to = Math.min(ends[0][1], ends[1][1]);
  if (!(to > from)) return NaN;
  return (integral(ours, from, to) - integral(theirs, from, to)) / (to - from);
}

function integral(pieces, from, to) {
  let sum = 0;
  for (const { start, end, coefficients } of pieces) {
    const low = Math.max(from, start) - start;
    const high = Math.min(to, end) - start;
    if (high <= low) continue;
    coefficients.forEach((coefficient, power) => {
      sum += (coefficient * (high ** (power + 1) - low ** (power + 1))) / (power + 1);
    });
  }
  return sum;
}
