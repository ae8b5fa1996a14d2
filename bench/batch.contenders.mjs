// Who encodes many images, and how each is asked for the same. What a contender imports it imports when it is opened, so that a process
// holds nothing of the others.

import { openSharp } from './peers.mjs';

/** @typedef {import('./photographs.mjs').Pixels} Pixels */
/**
 * @typedef {object} BatchTask
 * @property {string} name
 * @property {'images' | 'large' | 'files'} source pixels of many images, of one large one, or files
 * @property {'jpeg' | 'png' | 'webp'} format
 * @property {'fast' | 'balanced'} effort
 * @property {'rgb8' | 'rgba8'} pixelFormat
 */
/**
 * @typedef {object} BatchContender
 * @property {string} name
 * @property {'pixbytes' | 'sharp' | 'jSquash'} by
 * @property {number} workers threads that encode
 * @property {number} [uvThreads] of Node's own pool, where sharp encodes; set before the process starts
 * @property {boolean} [shared] pixels in shared memory
 * @property {boolean} [rgbaOnly] reads no RGB
 * @property {readonly BatchTask['source'][]} sources
 * @property {(task: BatchTask) => Promise<{ inFlight: number, run: (source: any) => Promise<ArrayBuffer | Uint8Array> }>} open
 */

const QUALITY = 80;

/** So many calls for each worker at one time that none waits for the next. */
const AHEAD = 2;

const optionsOf = ({ format, effort }) => ({ effort, ...(format === 'png' ? {} : { quality: QUALITY }) });

const byPool = (workers, name, details, options) => ({
  name: `pixbytes pool${name}`,
  by: 'pixbytes',
  workers,
  sources: ['images', 'large'],
  ...details,
  open: async (task) => {
    const { createPool } = await import('../dist/pool.node.js');
    const pool = createPool({ size: workers });
    const { format, source } = task;
    const all = { ...optionsOf(task), ...options };
    return {
      inFlight: AHEAD * workers,
      run: (image) =>
        source === 'files' ? pool.transcode(image, format, all) : pool.encode(image, format, all),
    };
  },
});

const bySharp = (workers, name, { uvThreads = workers, concurrency = 1, sources = ['images', 'files'] }) => ({
  name: `sharp${name}`,
  by: 'sharp',
  workers,
  uvThreads,
  sources,
  open: async ({ source, format, effort }) => {
    const settings = {
      jpeg: { quality: QUALITY, chromaSubsampling: '4:2:0', optimizeCoding: effort !== 'fast' },
      png: { compressionLevel: effort === 'fast' ? 1 : 6 },
      webp: { quality: QUALITY, effort: effort === 'fast' ? 0 : 4 },
    };
    const sharpOf = await openSharp(concurrency);
    const { default: sharp } = await import('sharp');
    const open = source === 'files' ? sharp : sharpOf;
    return {
      inFlight: AHEAD * uvThreads,
      run: (image) => open(image)[format](settings[format]).toBuffer(),
    };
  },
});

const byJsquash = (workers) => ({
  name: 'jSquash in piscina',
  by: 'jSquash',
  workers,
  rgbaOnly: true,
  sources: ['images'],
  open: async ({ format, effort }) => {
    const { Piscina } = await import('piscina');
    const filename = new URL('batch.jsquash.mjs', import.meta.url).href;
    const pool = new Piscina({ filename, minThreads: workers, maxThreads: workers });
    const settings = {
      // What is nearest to the others: left to itself it takes twice as long, and keeps all colour at high qualities.
      jpeg: {
        quality: QUALITY,
        baseline: true,
        progressive: false,
        quant_table: 0,
        auto_subsample: false,
        chroma_subsample: 2,
      },
      png: {},
      webp: { quality: QUALITY, method: effort === 'fast' ? 0 : 4 },
    };
    return {
      inFlight: AHEAD * workers,
      run: ({ data, width, height }) => {
        // A view would be posted with all of the memory that it is of.
        const copy = new Uint8Array(data);
        const task = { format, pixels: { data: copy, width, height }, options: settings[format] };
        return pool.run(task, { transferList: [copy.buffer] });
      },
    };
  },
});

/** @type {readonly BatchContender[]} */
export const CONTENDERS = [
  {
    name: 'pixbytes, no pool',
    by: 'pixbytes',
    workers: 1,
    sources: ['images', 'large'],
    open: async (task) => {
      const { encode } = await import('../dist/index.node.js');
      return { inFlight: 1, run: (image) => encode(image, task.format, optionsOf(task)) };
    },
  },
  byPool(1, '', { sources: ['images', 'large', 'files'] }),
  byPool(2, '', { sources: ['images', 'large', 'files'] }),
  byPool(1, ', shared memory', { shared: true, sources: ['images'] }),
  byPool(2, ', shared memory', { shared: true }),
  byPool(2, ', parallel: false', { sources: ['large'] }, { parallel: false }),
  bySharp(1, '', { sources: ['images', 'files', 'large'] }),
  bySharp(2, '', {}),
  bySharp(2, ', concurrency 2', { concurrency: 2, sources: ['images', 'files', 'large'] }),
  // As many as Node has by default, whatever the cores.
  bySharp(2, ', 4 threads', { uvThreads: 4 }),
  byJsquash(1),
  byJsquash(2),
];

/** Those that take part in a task, in the order of the table. */
export const contendersOf = ({ source }) => CONTENDERS.filter(({ sources }) => sources.includes(source));
