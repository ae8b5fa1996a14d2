// How near an encoded picture is to the pixels that it was made of. Both are compared as RGB, the file as sharp decodes it, and as luma and
// the two colour differences that are computed from that by ITU-R BT.601 in full range, unrounded and at full resolution: so whatever
// an encoder loses on its way to its own YUV counts, too. What has alpha is laid on white.

import sharp from 'sharp';
import { structuralSimilarity } from './ssim.mjs';

/** @typedef {{ bytes: number, psnr: number, psnrLuma: number, psnrChroma: number, ssim: number }} Quality decibels; SSIM of luma, 1 being the same */

/** Luma by ITU-R BT.601, as JPEG weighs it. */
const LUMA = [0.299, 0.587, 0.114];
/** What brings the differences of blue and red from luma to the range of a sample. */
const BLUE = 0.5 / (1 - LUMA[2]);
const RED = 0.5 / (1 - LUMA[0]);

/**
 * Judges files against the picture that they were made of, each file once.
 *
 * @param {{ data: Uint8Array, width: number, height: number }} picture RGB or RGBA, 8 bits a sample
 * @returns {(file: Uint8Array) => Promise<Quality>}
 */
export function judgeOf({ data, width, height }) {
  const known = [];
  const pixels = width * height;
  const original = data.length === pixels * 4 ? onWhite(data) : data;
  const luma = lumaOf(original);
  return async (file) => {
    const judged = known.find((other) => Buffer.compare(other.file, file) === 0);
    if (judged) return judged.quality;
    const image = await sharp(file).toColourspace('srgb').raw().toBuffer();
    const decoded = image.length === pixels * 4 ? onWhite(image) : image;
    const quality = {
      bytes: file.length,
      ...peakSignalToNoise(decoded, original),
      ssim: structuralSimilarity(luma, lumaOf(decoded), width, height),
    };
    known.push({ file: Buffer.from(file), quality });
    return quality;
  };
}

function peakSignalToNoise(actual, expected) {
  if (actual.length !== expected.length) throw new Error(`${actual.length} samples, not ${expected.length}`);
  let sum = 0;
  let sumLuma = 0;
  let sumChroma = 0;
  for (let i = 0; i < expected.length; i += 3) {
    const r = actual[i] - expected[i];
    const g = actual[i + 1] - expected[i + 1];
    const b = actual[i + 2] - expected[i + 2];
    const y = LUMA[0] * r + LUMA[1] * g + LUMA[2] * b;
    sum += r * r + g * g + b * b;
    sumLuma += y * y;
    sumChroma += (BLUE * (b - y)) ** 2 + (RED * (r - y)) ** 2;
  }
  const decibels = (error, samples) => 10 * Math.log10((255 * 255 * samples) / error);
  const pixels = expected.length / 3;
  return {
    psnr: decibels(sum, expected.length),
    psnrLuma: decibels(sumLuma, pixels),
    psnrChroma: decibels(sumChroma, pixels * 2),
  };
}

function lumaOf(rgb) {
  const luma = new Float32Array(rgb.length / 3);
  for (let from = 0, to = 0; from < rgb.length; from += 3, to++)
    luma[to] = LUMA[0] * rgb[from] + LUMA[1] * rgb[from + 1] + LUMA[2] * rgb[from + 2];
  return luma;
}

/** RGBA as RGB on a white ground. */
function onWhite(rgba) {
  const rgb = new Uint8Array((rgba.length / 4) * 3);
  for (let from = 0, to = 0; from < rgba.length; from += 4) {
    const alpha = rgba[from + 3];
    for (let c = 0; c < 3; c++) rgb[to++] = Math.round((rgba[from + c] * alpha) / 255 + 255 - alpha);
  }
  return rgb;
}
