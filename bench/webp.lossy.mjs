// Lossy WebP: time, bytes and quality at some settings, and rate-distortion curves of those that have a peer and of the peers.

import { deltaQuality, deltaRate } from './bd-rate.mjs';
import { judgeOf } from './quality.mjs';
import { formatTable, signed } from './tables.mjs';
import { against, meanRatio, ms, percent, times } from './webp.ratios.mjs';

/** Of the curves, besides those that are timed. */
const CURVE_QUALITIES = [30, 50, 65, 75, 85, 90];
/** Larger pictures are timed at one quality, and have no curves. */
const MAX_CURVE_PIXELS = 3e6;
const LARGE_QUALITY = 75;

/** @typedef {import('./quality.mjs').Quality & { quality: number }} Point */
/**
 * @typedef {object} LossyDuel what one is to its peer: `speed` is the mean over the qualities, `rate…` are ratios of size at equal
 * quality and `chroma` decibels at equal size, NaN where there are no curves; `same` is at equal numbers
 * @property {number} speed
 * @property {number} size
 * @property {number} rateSsim
 * @property {number} rateLuma
 * @property {number} chroma
 * @property {{ quality: number, size: number, ssim: number }[]} same
 */

/** SSIM as decibels: its distance from 1 as a ratio, so that the better qualities weigh as much as the poor ones. */
const ssimDecibels = (ssim) => -10 * Math.log10(1 - ssim);

function compareCurves(ours, theirs) {
  const of = (points, measureOf) => points.map((point) => ({ bytes: point.bytes, value: measureOf(point) }));
  const both = (compare, measureOf) => compare(of(ours, measureOf), of(theirs, measureOf));
  return {
    rateSsim: 1 + both(deltaRate, ({ ssim }) => ssimDecibels(ssim)),
    rateLuma: 1 + both(deltaRate, ({ psnrLuma }) => psnrLuma),
    chroma: both(deltaQuality, ({ psnrChroma }) => psnrChroma),
  };
}

function describeQuality({ name: title, width, height, pixelFormat }, quality, contenders, results) {
  const rows = contenders.flatMap(({ name, peer }) => {
    const result = results.get(name);
    if (!result) return [];
    const other = results.get(peer);
    const duel = against(result, other);
    const { median, low, high, bytes, psnrLuma, psnrChroma, ssim } = result;
    return [
      [
        name,
        ms(median),
        `${ms(low)}-${ms(high)}`,
        (bytes / 1000).toFixed(1),
        psnrLuma.toFixed(2),
        psnrChroma.toFixed(2),
        ssim.toFixed(4),
        times(duel?.speed),
        percent(duel?.size),
        other ? signed(psnrLuma - other.psnrLuma, 2) : '',
        other ? signed(ssim - other.ssim, 4) : '',
      ],
    ];
  });
  const head = [
    'by',
    'ms',
    'middle half',
    'kB',
    'PSNR-Y',
    'chroma',
    'SSIM',
    'speed',
    'size',
    'PSNR-Y',
    'SSIM',
  ];
  return `${title}: ${width}x${height} ${pixelFormat}, q${quality}\n\n${formatTable(head, rows)}`;
}

/**
 * @param {import('./pictures.mjs').Picture} picture
 * @param {Awaited<ReturnType<typeof import('./webp.runs.mjs').openRuns>>} runs
 * @param {readonly import('./webp.contenders.mjs').WebpContender[]} contenders
 * @param {readonly number[]} qualities
 * @returns {Promise<{ text: string, duels: Map<string, LossyDuel>, curves: Map<string, Point[]> }>}
 */
export async function compareLossy(picture, runs, contenders, qualities) {
  const isLarge = picture.width * picture.height > MAX_CURVE_PIXELS;
  const judge = judgeOf(picture);
  const texts = [];
  const curves = new Map();
  const keep = (name, point) => curves.set(name, [...(curves.get(name) ?? []), point]);
  const timed = new Map();
  for (const quality of isLarge ? [LARGE_QUALITY] : qualities) {
    const results = await runs.measure(picture, quality);
    for (const [name, result] of results) {
      const judged = { ...result, ...(await judge(result.file)) };
      results.set(name, judged);
      keep(name, { quality, ...judged });
    }
    timed.set(quality, results);
    texts.push(describeQuality(picture, quality, contenders, results));
  }
  const ours = contenders.filter(({ peer }) => peer);
  const names = ours.flatMap(({ name, peer }) => [name, peer]);
  for (const quality of isLarge ? [] : CURVE_QUALITIES.filter((other) => !qualities.includes(other))) {
    for (const [name, file] of await runs.encodeAll(picture, quality, names))
      keep(name, { quality, ...(await judge(file)) });
  }
  const duels = new Map();
  for (const { name, peer } of ours) {
    const same = [...timed].flatMap(([quality, results]) => {
      const [mine, other] = [results.get(name), results.get(peer)];
      if (!mine || !other) return [];
      return [{ quality, ...against(mine, other), ssim: mine.ssim - other.ssim }];
    });
    if (same.length === 0) continue;
    duels.set(name, {
      speed: meanRatio(same.map(({ speed }) => speed)),
      size: meanRatio(same.map(({ size }) => size)),
      same,
      ...compareCurves(curves.get(name), curves.get(peer)),
    });
  }
  if (!isLarge) texts.push(describeDuels(picture, ours, duels));
  for (const [name] of curves) {
    if (isLarge || !names.includes(name)) curves.delete(name);
    else curves.get(name).sort((a, b) => a.quality - b.quality);
  }
  return { text: texts.join('\n\n'), duels, curves };
}

function describeDuels({ name: title }, contenders, duels) {
  const rows = contenders.flatMap(({ name, peer }) => {
    const duel = duels.get(name);
    if (!duel) return [];
    const { speed, rateSsim, rateLuma, chroma } = duel;
    const decibels = Number.isFinite(chroma) ? signed(chroma, 2) : '';
    return [[`${name} against ${peer}`, times(speed), percent(rateSsim), percent(rateLuma), decibels]];
  });
  const head = ['', 'speed', 'size at equal SSIM', 'size at equal PSNR-Y', 'chroma at equal size, dB'];
  return `${title}: over the curves\n\n${formatTable(head, rows)}`;
}
