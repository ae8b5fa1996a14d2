// The pictures that batch.pictures.mjs left in a folder, as a process that is measured takes them into its memory.

import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** @typedef {import('./photographs.mjs').Pixels} Pixels */

const PIECE_BYTES = 1 << 20;

/** A file in memory that threads share; piece by piece, as it would be in memory twice at once. */
function readShared(path, bytes) {
  const memory = new Uint8Array(new SharedArrayBuffer(bytes));
  const piece = Buffer.alloc(PIECE_BYTES);
  const file = openSync(path);
  for (let at = 0, read = 0; at < bytes; at += read) {
    read = readSync(file, piece, 0, PIECE_BYTES, null);
    memory.set(piece.subarray(0, read), at);
  }
  closeSync(file);
  return memory;
}

const CHANNELS = { rgb8: 3, rgba8: 4 };

/**
 * @param {string} folder
 * @param {'rgb8' | 'rgba8'} pixelFormat
 * @param {boolean} shared whether in memory that threads share
 * @returns {Promise<Pixels[]>} views of the sheets
 */
export async function loadImages(folder, pixelFormat, shared) {
  const { width, height, sheets, images } = JSON.parse(await readFile(join(folder, 'images.json'), 'utf8'));
  const rowBytes = width * CHANNELS[pixelFormat];
  const read = (path) => (shared ? readShared(path, rowBytes * height * 2) : readFileSync(path));
  const memory = sheets.map((_, i) => read(join(folder, `${pixelFormat}-${i}`)));
  return images.map(({ sheet, row }) => {
    const data = memory[sheet].subarray(row * rowBytes, (row + height) * rowBytes);
    return { data, width, height, pixelFormat };
  });
}

/** The large photograph, so often. */
export async function loadLarge(folder, pixelFormat, shared, images) {
  const { large } = JSON.parse(await readFile(join(folder, 'images.json'), 'utf8'));
  const [width, height] = large;
  const path = join(folder, `large-${pixelFormat}`);
  const data = shared ? readShared(path, width * height * CHANNELS[pixelFormat]) : readFileSync(path);
  return new Array(images).fill({ data, width, height, pixelFormat });
}

/** The files, whole. */
export async function loadFiles(folder) {
  const names = (await readdir(join(folder, 'files'))).sort();
  return names.map((name) => readFileSync(join(folder, 'files', name)));
}
