// Lossless WebP: time and bytes, each file decoded and compared with the picture.

import sharp from 'sharp';
import { formatTable } from './tables.mjs';
import { against, ms, percent, times } from './webp.ratios.mjs';

/** RGBA of a file or of raw pixels; where nothing shows, no colours: encoders may change them. */
async function visiblePixels(image) {
  const rgba = await image.toColourspace('srgb').ensureAlpha().raw().toBuffer();
  for (let i = 0; i < rgba.length; i += 4) if (rgba[i + 3] === 0) rgba.fill(0, i, i + 3);
  return rgba;
}

/**
 * @param {import('./pictures.mjs').Picture} picture
 * @param {Awaited<ReturnType<typeof import('./webp.runs.mjs').openRuns>>} runs
 * @param {readonly import('./webp.contenders.mjs').WebpContender[]} contenders
 * @returns {Promise<{ text: string, duels: Map<string, { speed: number, bytes: number, peerBytes: number, size: number }> }>} the
 * duels of those that have a peer, by name
 * @throws where a file holds other pixels than the picture
 */
export async function compareLossless(picture, runs, contenders) {
  const { name: title, data, width, height, pixelFormat } = picture;
  const channels = pixelFormat === 'rgba8' ? 4 : 3;
  const expected = await visiblePixels(sharp(data, { raw: { width, height, channels } }));
  const results = await runs.measure(picture);
  for (const [name, { file }] of results) {
    const actual = await visiblePixels(sharp(file));
    if (Buffer.compare(actual, expected) !== 0)
      throw new Error(`${name}: other pixels than those of ${title}`);
  }
  const duels = new Map();
  const rows = contenders.flatMap(({ name, peer }) => {
    const result = results.get(name);
    if (!result) return [];
    const duel = against(result, results.get(peer));
    if (duel) duels.set(name, duel);
    const { median, low, high, file } = result;
    const range = `${ms(low)}-${ms(high)}`;
    const kilobytes = (file.length / 1000).toFixed(1);
    return [[name, ms(median), range, kilobytes, times(duel?.speed), percent(duel?.size)]];
  });
  const table = formatTable(['by', 'ms', 'middle half', 'kB', 'speed', 'size'], rows);
  return {
    text: `${title}: ${width}x${height} ${pixelFormat}, lossless, pixels compared\n\n${table}`,
    duels,
  };
}
