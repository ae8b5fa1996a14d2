// The pictures that encoders are measured with: photographs of test/fixtures at several sizes, drawings made by
// code, and files of a corpus that is no part of the project and is left out where it is not there.

import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import * as drawings from './drawings.mjs';

/** @typedef {'gray8' | 'rgb8' | 'rgba8' | 'rgb16'} PictureFormat */
/** @typedef {{ name: string, kind: string, data: Uint8Array | Uint16Array, width: number, height: number, pixelFormat: PictureFormat }} Picture */

const pathOf = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const SEEDING = 'test/fixtures/seeding-16mp.jpg';

/** The samples of a file as they are stored, in one of three layouts, resized where a size is given. */
async function read(path, pixelFormat, width, height) {
  let image = sharp(pathOf(path), { ignoreIcc: true });
  if (width) image = image.resize(width, height, { kernel: 'lanczos3' });
  if (pixelFormat === 'gray8') image = image.removeAlpha().toColourspace('b-w');
  else
    image =
      pixelFormat === 'rgba8'
        ? image.ensureAlpha().toColourspace('srgb')
        : image.removeAlpha().toColourspace('srgb');
  const { data, info } = await image.raw().toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height, pixelFormat };
}

/** The large photograph at a quarter of its size, 16 samples to one: 12 bits of what the camera saw, as 16. */
async function readDeep() {
  const full = await read(SEEDING, 'rgb8');
  const width = full.width >> 2;
  const height = full.height >> 2;
  const data = new Uint16Array(width * height * 3);
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let c = 0; c < 3; c++) {
        let sum = 0;
        for (let i = 0; i < 16; i++)
          sum += full.data[((y * 4 + (i >> 2)) * full.width + x * 4 + (i & 3)) * 3 + c];
        data[at++] = Math.round((sum * 65_535) / (16 * 255));
      }
    }
  }
  return { data, width, height, pixelFormat: 'rgb16' };
}

const CORPUS = '../shared/corpus/';

const corpus = (kind, pixelFormat, folder, files) =>
  files.map((file) => ({
    name: `${folder}/${file}`,
    kind,
    path: `${CORPUS}${folder}/${file}`,
    load: () => read(`${CORPUS}${folder}/${file}`, pixelFormat),
  }));

/** What there is, in groups of a kind; `path` where the file may be missing. */
const LIST = [
  { name: 'photograph 0.3 MP RGB', kind: 'photograph', load: () => read(SEEDING, 'rgb8', 640, 480) },
  { name: 'photograph 0.3 MP RGBA', kind: 'photograph', load: () => read(SEEDING, 'rgba8', 640, 480) },
  { name: 'photograph 2 MP RGB', kind: 'photograph', load: () => read(SEEDING, 'rgb8', 1920, 1080) },
  { name: 'photograph 2 MP RGBA', kind: 'photograph', load: () => read(SEEDING, 'rgba8', 1920, 1080) },
  { name: 'photograph 2 MP gray', kind: 'photograph', load: () => read(SEEDING, 'gray8', 1920, 1080) },
  { name: 'photograph 8 MP RGBA', kind: 'photograph', load: () => read(SEEDING, 'rgba8', 3840, 2160) },
  { name: 'photograph 16 MP RGB', kind: 'photograph', load: () => read(SEEDING, 'rgb8') },
  { name: 'photograph 16 MP RGBA', kind: 'photograph', load: () => read(SEEDING, 'rgba8') },
  { name: 'coffee', kind: 'photograph', load: () => read('test/fixtures/coffee.png', 'rgb8') },
  { name: 'astronaut', kind: 'photograph', load: () => read('test/fixtures/astronaut.png', 'rgba8') },
  ...corpus('photograph', 'rgb8', 'kodak', ['kodim03.png', 'kodim08.png', 'kodim20.png', 'kodim23.png']),
  ...corpus('photograph', 'rgb8', 'photos-gb82-cc0', ['house-lossless.png', 'night-lossless.png']),
  ...corpus(
    'photograph',
    'rgb8',
    'photos-gb82-cc0',
    ['bulb', 'mc3', 'pixel'].map((name) => `${name}-lossless.png`),
  ),
  { name: 'photograph 16 bit', kind: '16 bit', load: readDeep },
  { name: 'icon', kind: 'icon', load: drawings.drawIcon },
  { name: 'page', kind: 'screen', load: drawings.drawPage },
  { name: 'terminal', kind: 'screen', load: drawings.drawTerminal },
  ...corpus('screen', 'rgba8', 'screens-gb82-cc0', ['graph.png', 'gui.png', 'terminal.png', 'windows95.png']),
  { name: 'chart', kind: 'chart', load: drawings.drawChart },
  ...corpus('chart', 'rgba8', 'graphics-mpl', ['matplotlib_large.png']),
  { name: 'logo', kind: 'logo', load: drawings.drawLogo },
  ...corpus('logo', 'rgba8', 'graphics-mpl', ['logo2.png']),
  ...corpus('logo', 'rgba8', 'graphics-openclipart', ['Colombo.png', 'heart_cluster_jon_philli_01.png']),
  ...corpus('logo', 'rgba8', 'graphics-openclipart', ['sportcar_sergio_luiz_ara_01.png', 'malaysia.png']),
  { name: 'pixel art', kind: 'pixel art', load: drawings.drawPixelArt },
  { name: 'gradient', kind: 'gradient', load: drawings.drawGradient },
  { name: 'few colours', kind: 'gradient', load: drawings.drawFewColours },
  { name: 'noise', kind: 'noise', load: drawings.drawNoise },
];

/**
 * The pictures whose name holds one of the parts, all where there is none, and the names of those that are not there.
 *
 * @param {readonly string[]} parts
 * @returns {{ pictures: { name: string, load: () => Promise<Picture> }[], missing: string[] }}
 */
export function choosePictures(parts = []) {
  const chosen = LIST.filter(({ name }) => parts.length === 0 || parts.some((part) => name.includes(part)));
  const isThere = ({ path }) => path === undefined || existsSync(pathOf(path));
  return {
    pictures: chosen.filter(isThere).map(({ name, kind, load }) => ({
      name,
      load: async () => ({ name, kind, ...(await load()) }),
    })),
    missing: chosen.filter((entry) => !isThere(entry)).map(({ name }) => name),
  };
}
