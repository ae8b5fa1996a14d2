// The pictures of the WebP bench, in two parts: thresholds of the encoders are tuned on one, and what they reach is told of the other.

import { choosePictures } from './pictures.mjs';

/** Kodak's even numbers, every other file of the sets of other photographs and of graphics. */
const TUNING = [
  'kodak/kodim08.png',
  'kodak/kodim20.png',
  'photos-gb82-cc0/bulb-lossless.png',
  'photos-gb82-cc0/mc3-lossless.png',
  'photos-gb82-cc0/pixel-lossless.png',
  'coffee',
  'icon',
  'terminal',
  'screens-gb82-cc0/graph.png',
  'screens-gb82-cc0/terminal.png',
  'graphics-mpl/matplotlib_large.png',
  'graphics-mpl/logo2.png',
  'graphics-openclipart/Colombo.png',
  'graphics-openclipart/sportcar_sergio_luiz_ara_01.png',
  'noise',
];

/** Kodak's odd numbers and the other halves. From small to large in each kind. */
const REPORTING = [
  'astronaut',
  'photograph 0.3 MP RGBA',
  'photos-gb82-cc0/house-lossless.png',
  'photos-gb82-cc0/night-lossless.png',
  'kodak/kodim03.png',
  'kodak/kodim23.png',
  'photograph 2 MP RGBA',
  'photograph 8 MP RGBA',
  'photograph 16 MP RGBA',
  'screens-gb82-cc0/windows95.png',
  'page',
  'screens-gb82-cc0/gui.png',
  'chart',
  'logo',
  'graphics-openclipart/malaysia.png',
  'graphics-openclipart/heart_cluster_jon_philli_01.png',
  'pixel art',
  'gradient',
  'few colours',
];

/**
 * @param {{ tuning: boolean, only: readonly string[] }} choice parts of names, all of them where there is none
 * @returns {ReturnType<typeof choosePictures>}
 */
export function chooseWebpPictures({ tuning, only }) {
  const names = (tuning ? TUNING : REPORTING).filter(
    (name) => only.length === 0 || only.some((part) => name.includes(part)),
  );
  const { pictures, missing } = names.length === 0 ? { pictures: [], missing: [] } : choosePictures(names);
  // Names that hold one of these are not meant.
  return {
    pictures: names.flatMap((name) => pictures.find((picture) => picture.name === name) ?? []),
    missing: missing.filter((name) => names.includes(name)),
  };
}
