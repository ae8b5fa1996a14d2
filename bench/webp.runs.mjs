// Runs the contenders of the WebP bench over pictures: who takes part, in turns, and the file of each.

import sharp from 'sharp';
import { takeTurns } from './turns.mjs';

/** @typedef {import('./pictures.mjs').Picture} Picture */
/** @typedef {import('./turns.mjs').Timing & { file: Uint8Array }} Result */

/** What all calls of a contender may take for a picture, before it is in fewer rounds. */
const BUDGET_MS = 400;
/** A call that takes longer is not repeated. */
const PATIENCE_MS = 1500;

/** As jSquash takes pixels: RGBA, laid out before anything is timed. */
async function toRgba({ data, width, height, pixelFormat }) {
  if (pixelFormat === 'rgba8') return { data, width, height, pixelFormat };
  const rgb = sharp(data, { raw: { width, height, channels: 3 } });
  return { data: await rgb.ensureAlpha().raw().toBuffer(), width, height, pixelFormat: 'rgba8' };
}

/**
 * @param {readonly import('./webp.contenders.mjs').WebpContender[]} contenders
 * @param {{ rounds?: number, slowestMs: number }} options a contender that would need longer for a call, by what it took a pixel of
 * the picture before, is left out
 */
export async function openRuns(contenders, { rounds, slowestMs }) {
  const entrants = await Promise.all(
    contenders.map(async (contender) => ({ ...contender, encode: await contender.open() })),
  );
  const msOfPixel = new Map();

  /** The runs for a picture of those that are not too slow for it. */
  async function runsOf(picture, names) {
    const { data, width, height, pixelFormat } = picture;
    const pixels = { data, width, height, pixelFormat };
    const rgba = await toRgba(picture);
    return entrants
      .filter(({ name }) => names === undefined || names.includes(name))
      .filter(({ name }) => !(msOfPixel.get(name) * width * height > slowestMs))
      .map(({ name, rgbaOnly, encode }) => ({
        name,
        run: (quality) => encode(rgbaOnly ? rgba : pixels, quality),
      }));
  }

  /**
   * @param {Picture} picture
   * @returns {Promise<Map<string, Result>>} by name
   */
  async function measure(picture, quality) {
    const pixels = picture.width * picture.height;
    const files = new Map();
    const contenders = (await runsOf(picture)).map(({ name, run }) => ({
      name,
      run: () => run(quality),
      check: (file) => files.set(name, new Uint8Array(file)),
    }));
    const turns = rounds ?? Math.max(3, Math.min(101, Math.ceil(6e6 / pixels)));
    const warmups = turns > 1 ? 2 : 0;
    const timings = await takeTurns(contenders, {
      rounds: turns,
      warmups,
      budgetMs: turns > 1 ? BUDGET_MS : Infinity,
      fewest: 3,
      patienceMs: PATIENCE_MS,
    });
    for (const { name, median } of timings) msOfPixel.set(name, median / pixels);
    return new Map(timings.map((timing) => [timing.name, { ...timing, file: files.get(timing.name) }]));
  }

  /** One file of each, not timed. */
  async function encodeAll(picture, quality, names) {
    const files = new Map();
    for (const { name, run } of await runsOf(picture, names))
      files.set(name, new Uint8Array(await run(quality)));
    return files;
  }

  return { measure, encodeAll };
}
