// The pictures of the batch bench, made once and left in a folder for the processes that are measured: a process that resized
// or decoded them itself would have that in its own peak of memory.

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { choosePictures } from './pictures.mjs';

/** @typedef {{ width: number, height: number, large: [width: number, height: number] }} BatchSizes of an image, and of the large one */

/** A sheet is twice as high as an image, and each of its images begins at another row: no two are the same, and none is a copy. */
const ROWS_OF_SHEET = 2;

const SHEETS = { camera: 3, photographs: 3, screens: 2 };

/** Cells of mosaics, about the size of the smaller pictures. */
const CELL = { width: 640, height: 480 };

/** The colours of a picture of 8 bits a sample, its alpha left out. */
function toRgb({ data, width, height, pixelFormat }) {
  if (pixelFormat === 'rgb8') return { data, width, height };
  const rgb = new Uint8Array(width * height * 3);
  for (let from = 0, to = 0; to < rgb.length; from += 4, to += 3) {
    rgb[to] = data[from];
    rgb[to + 1] = data[from + 1];
    rgb[to + 2] = data[from + 2];
  }
  return { data: rgb, width, height };
}

function toRgba(rgb) {
  const rgba = new Uint8Array((rgb.length / 3) * 4).fill(255);
  for (let from = 0, to = 0; from < rgb.length; from += 3, to += 4)
    rgba.set(rgb.subarray(from, from + 3), to);
  return rgba;
}

/** Copies a window of a picture, which goes on at its other edge where the window is larger. */
function copyWindow(picture, left, top, sheet, x, y, width, height) {
  for (let row = 0; row < height; row++) {
    const line = ((top + row) % picture.height) * picture.width;
    for (let column = 0; column < width; ) {
      const from = (left + column) % picture.width;
      const run = Math.min(width - column, picture.width - from);
      const samples = picture.data.subarray((line + from) * 3, (line + from + run) * 3);
      sheet.data.set(samples, ((y + row) * sheet.width + x + column) * 3);
      column += run;
    }
  }
}

const emptySheet = (width, height) => ({ data: new Uint8Array(width * height * 3), width, height });

/** Windows of pictures side by side, at their own size: what is enlarged has less detail than photographs and screens have. */
function mosaic(pictures, first, width, height) {
  const sheet = emptySheet(width, height);
  let at = first;
  for (let y = 0; y < height; y += CELL.height) {
    for (let x = 0; x < width; x += CELL.width, at++) {
      const picture = pictures[at % pictures.length];
      const left = (at * 97) % Math.max(1, picture.width - CELL.width);
      const top = (at * 61) % Math.max(1, picture.height - CELL.height);
      const size = [Math.min(CELL.width, width - x), Math.min(CELL.height, height - y)];
      copyWindow(picture, left, top, sheet, x, y, ...size);
    }
  }
  return sheet;
}

async function load(kind, ...names) {
  const { pictures } = choosePictures(names);
  const loaded = [];
  for (const picture of pictures) loaded.push(await picture.load());
  return loaded.filter((picture) => picture.kind === kind).map(toRgb);
}

/** The sheets: parts of one large photograph as the camera took it, mosaics of small photographs, mosaics of screens. */
async function makeSheets(width, height) {
  const [camera] = await load('photograph', 'photograph 16 MP RGB');
  const small = ['photograph 0.3 MP RGB', 'coffee', 'astronaut', 'kodak', 'photos-gb82'];
  const photographs = await load('photograph', ...small);
  const screens = await load('screen', 'page', 'terminal', 'screens-gb82');
  const sheets = [];
  for (let i = 0; i < SHEETS.camera; i++) {
    const sheet = emptySheet(width, height);
    const left = Math.round((i * (camera.width - width)) / (SHEETS.camera - 1));
    copyWindow(camera, left, camera.height - height, sheet, 0, 0, width, height);
    sheets.push({ kind: 'photograph', ...sheet });
  }
  for (let i = 0; i < SHEETS.photographs; i++)
    sheets.push({ kind: 'photograph', ...mosaic(photographs, i * 5, width, height) });
  for (let i = 0; i < SHEETS.screens; i++)
    sheets.push({ kind: 'screen', ...mosaic(screens, i * 5, width, height) });
  return sheets;
}

/** Where the images of a sheet begin: one after the other, and each a number of rows lower. */
function places(sheets, images, rows) {
  const each = Math.ceil(images / sheets);
  const step = Math.max(1, Math.floor(rows / each));
  return Array.from({ length: images }, (_, i) => ({
    sheet: i % sheets,
    row: (Math.floor(i / sheets) * step) % (rows + 1),
  }));
}

/** Photographs as JPEG, screens as PNG, as they are met on disks. */
async function writeFiles(folder, sheets, images, width, height) {
  await mkdir(folder);
  for (const [i, { sheet, row }] of images.entries()) {
    const { data, kind } = sheets[sheet];
    const image = sharp(data.subarray(row * width * 3, (row + height) * width * 3), {
      raw: { width, height, channels: 3 },
    });
    const name = String(i).padStart(3, '0');
    if (kind === 'screen') await image.png().toFile(join(folder, `${name}.png`));
    else await image.jpeg({ quality: 90 }).toFile(join(folder, `${name}.jpg`));
  }
}

/**
 * Leaves in the folder: `images.json`, what there is; each sheet as `rgb8-0` and `rgba8-0`, bare pixels; the large photograph as
 * `large-rgb8` and `large-rgba8`; and the images as files in `files`, where they are asked for.
 *
 * @param {string} folder
 * @param {BatchSizes & { images: number, files: boolean }} what
 * @returns {Promise<{ kinds: string }>} what the images are
 */
export async function makePictures(
  folder,
  { width, height, large: [largeWidth, largeHeight], images, files },
) {
  const sheets = await makeSheets(width, height * ROWS_OF_SHEET);
  for (const [i, { data }] of sheets.entries()) {
    await writeFile(join(folder, `rgb8-${i}`), data);
    await writeFile(join(folder, `rgba8-${i}`), toRgba(data));
  }
  const [camera] = await load('photograph', 'photograph 16 MP RGB');
  const large = emptySheet(largeWidth, largeHeight);
  copyWindow(camera, 0, 0, large, 0, 0, largeWidth, largeHeight);
  await writeFile(join(folder, 'large-rgb8'), large.data);
  await writeFile(join(folder, 'large-rgba8'), toRgba(large.data));
  const list = places(sheets.length, images, height * (ROWS_OF_SHEET - 1));
  if (files) await writeFiles(join(folder, 'files'), sheets, list, width, height);
  const index = { width, height, sheets: sheets.map(({ kind }) => kind), images: list };
  await writeFile(
    join(folder, 'images.json'),
    JSON.stringify({ ...index, large: [largeWidth, largeHeight] }),
  );
  const count = (kind) => list.filter(({ sheet }) => sheets[sheet].kind === kind).length;
  return {
    kinds: `${count('photograph')} of photographs and ${count('screen')} of screenshots, cut from ${sheets.length} sheets at different rows`,
  };
}
