import { inflateSync } from 'node:zlib';
import { decode as decodePng } from 'fast-png';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encode } from '../../src/encode.js';
import type { CodecError } from '../../src/errors.js';
import type { RawImage } from '../../src/image.js';
import type { JpegEncodeOptions, PngEncodeOptions } from '../../src/options.js';
import { type PixelFormat, rowBytes } from '../../src/pixel-format.js';

type PoolModule = typeof import('../../src/pool.js');

/** As it is published for Node, with workers; and from the sources, where none are bound, in place. */
const published: string = new URL('../../dist/pool.node.js', import.meta.url).href;

/** A picture of soft shapes with some detail, large enough for two bands or more. */
function picture(
  pixelFormat: PixelFormat,
  width = 2100,
  height = 2000,
  padding = 0,
): RawImage & { data: Uint8Array } {
  const row = rowBytes(pixelFormat, width);
  const strideBytes = row + padding;
  const data = new Uint8Array(strideBytes * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < row; x++) {
      data[y * strideBytes + x] = ((x * y) >> 10) + 60 * Math.sin(x / 97) + ((x ^ y) & 7) + (y >> 4);
    }
  }
  return { data, width, height, pixelFormat, strideBytes };
}

/** The same without transparency, but for the last pixel. */
function opaque(image: ReturnType<typeof picture>, last = 255) {
  for (let i = 3; i < image.data.length; i += 4) image.data[i] = 255;
  image.data[image.data.length - 1] = last;
  return image;
}

function almostGray() {
  const image = picture('bgr8');
  for (let i = 0; i < image.data.length; i++) image.data[i] = image.data[i - (i % 3)]!;
  image.data[image.data.length - 1]! ^= 1;
  return image;
}

function doubled() {
  const image = picture('gray16', 2001, 2000);
  for (let i = 0; i < image.data.length; i += 2) image.data[i] = image.data[i + 1]!;
  return image;
}

/** The same with so many different bytes, down to some part of its height. */
function steps(image: ReturnType<typeof picture>, levels: number, part = 1) {
  const end = Math.floor(image.data.length * part);
  for (let i = 0; i < end; i++)
    image.data[i] = (image.data[i]! % levels) * (image.pixelFormat === 'gray8' && levels > 4 ? 1 : 85);
  return image;
}

function chunksOf(file: Uint8Array): { type: string; data: Uint8Array }[] {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  const chunks = [];
  for (let at = 8; at < bytes.length; ) {
    const length = bytes.readUInt32BE(at);
    chunks.push({
      type: bytes.toString('latin1', at + 4, at + 8),
      data: bytes.subarray(at + 8, at + 8 + length),
    });
    at += 12 + length;
  }
  return chunks;
}

const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView) =>
  new Uint8Array(buffer, byteOffset, byteLength);

/** MCUs between restart markers as the file says, T.81 B.2.4.4. */
function restartMcus(file: Uint8Array): number {
  const at = Buffer.from(file.buffer, file.byteOffset, 2000).indexOf(Uint8Array.of(0xff, 0xdd, 0, 4));
  return at < 0 ? 0 : file[at + 4]! * 256 + file[at + 5]!;
}

const failureOf = (promise: Promise<unknown>): Promise<CodecError> =>
  promise.then(
    () => Promise.reject(new Error('It did not fail')),
    (error) => error,
  );

describe.each(['workers', 'in place'])('%s', (where) => {
  let createPool: PoolModule['createPool'];
  let pool: ReturnType<PoolModule['createPool']>;

  beforeAll(async () => {
    ({ createPool } = (await import(where === 'workers' ? published : '../../src/pool.js')) as PoolModule);
    pool = createPool({ size: 2 });
  });
  afterAll(() => pool.close());

  const jpegs: [what: string, image: RawImage, options: JpegEncodeOptions, mcuWidth: number][] = [
    ['rgba8', picture('rgba8'), {}, 16],
    ['rgb8 in rows that are apart', picture('rgb8', 2100, 2000, 5), {}, 16],
    ['typical tables', picture('rgb8'), { effort: 'fast' }, 16],
    ['no subsampling', picture('bgra8'), { chromaSubsampling: '4:4:4', quality: 95 }, 8],
    ['4:2:2 on a background', picture('argb8'), { chromaSubsampling: '4:2:2', background: [200, 30, 0] }, 16],
    ['gray', picture('gray8', 1999, 3003), {}, 8],
    ['what has to be converted', { ...picture('rgba16', 2003, 2001), premultiplied: true }, {}, 16],
    ['tables of steps', picture('rgb8'), { quantTables: [Array.from({ length: 64 }, (_, i) => 1 + i)] }, 16],
    ['wide and low', picture('rgb8', 16000, 270), {}, 16],
  ];
  test.each(where === 'workers' ? jpegs : jpegs.slice(0, 3))(
    '%s: the file is the one with so many restart markers',
    async (_, image, options, mcuWidth) => {
      const file = await pool.encode(image, 'jpeg', options);
      const mcus = restartMcus(file);
      const restartInterval = mcus / Math.ceil(image.width / mcuWidth);
      expect(Number.isInteger(restartInterval) && restartInterval > 0).toBe(true);
      expect(Buffer.compare(file, await encode(image, 'jpeg', { ...options, restartInterval }))).toBe(0);
      const serial = await encode(image, 'jpeg', options);
      expect(file.length / serial.length).toBeLessThan(1.001);
      const [mine, theirs] = await Promise.all([file, serial].map((each) => sharp(each).raw().toBuffer()));
      expect(Buffer.compare(mine!, theirs!)).toBe(0);
    },
  );

  const colors = Array.from({ length: 40 }, (_, i) => [i * 6, 255 - i, (i * i) & 255, i < 3 ? i * 80 : 255]);
  const pngs: [what: string, image: RawImage, options: PngEncodeOptions][] = [
    ['rgb8', picture('rgb8'), {}],
    ['rgba8 that is opaque', opaque(picture('rgba8')), { effort: 'fast' }],
    ['rgba8 that is opaque but for one pixel of its last row', opaque(picture('rgba8'), 254), {}],
    ['rgba8 with alpha, rows apart', picture('rgba8', 2001, 2010, 3), {}],
    ['bgr8 that is gray but for its last pixel', almostGray(), {}],
    ['gray8', picture('gray8'), {}],
    ['gray1', picture('gray1', 5001, 4000), {}],
    ['16 bits', picture('rgb16'), {}],
    ['16 bits of bytes twice', doubled(), { level: 7 }],
    ['what has to be converted', { ...picture('rgba8'), premultiplied: true }, { filter: 'none' }],
    ['few colours', steps(picture('rgba8'), 3), {}],
    ['few colours above and many below', steps(picture('rgba8'), 3, 0.8), {}],
    ['a palette', { ...steps(picture('gray8'), 40), pixelFormat: 'indexed8', palette: colors }, {}],
    [
      'a palette as it is',
      { ...steps(picture('gray8'), 40), pixelFormat: 'indexed8', palette: colors },
      { reduce: false },
    ],
    ['nothing left out', opaque(picture('rgba8')), { reduce: false }],
    ['a filter for all rows', picture('rgb8'), { filter: 'paeth', effort: 'fast' }],
    ['stored', picture('rgb8'), { level: 0 }],
    ['wide and low', picture('rgb8', 16000, 270), {}],
    ['more bits than there are', picture('gray8'), { bitDepth: 16 }],
  ];
  // What differs in place are the ways of the bytes alone.
  test.each(where === 'workers' ? pngs : pngs.slice(0, 4))(
    '%s: exactly the pixels, no larger',
    async (_, image, options) => {
      const file = await pool.encode(image, 'png', options);
      const serial = await encode(image, 'png', options);
      expect(chunksOf(file).filter(({ type }) => type === 'IDAT').length).toBeGreaterThan(2);
      expect(file.length).toBeLessThan(serial.length * 1.01);
      const heads = [file, serial].map((each) => Buffer.from(each.subarray(0, 33)).toString('hex'));
      expect(heads[0]).toBe(heads[1]);
      const bySharp = await Promise.all([file, serial].map((each) => sharp(each).raw().toBuffer()));
      expect(Buffer.compare(bySharp[0]!, bySharp[1]!)).toBe(0);
      const [mine, theirs] = [file, serial].map((each) => decodePng(each, { checkCrc: true }));
      expect(mine!.data.length).toBe(theirs!.data.length);
      expect(Buffer.compare(bytesOf(mine!.data), bytesOf(theirs!.data))).toBe(0);
      // What fast-png does not look at: the checksum of the stream.
      const data = chunksOf(file).filter(({ type }) => type === 'IDAT');
      expect(inflateSync(Buffer.concat(data.map((each) => each.data))).length).toBeGreaterThan(2000);
    },
  );

  test.each([
    ['four levels of gray', steps(picture('gray8'), 4), {}],
    ['one colour', { ...picture('rgb8'), data: new Uint8Array(2100 * 2000 * 3).fill(9) }, {}],
    ['fewer bits', picture('gray8'), { bitDepth: 1, reduce: false }],
  ] as const)('%s: so little to be compressed is in one piece', async (_, image, options) => {
    const { done } = pool.stats;
    expect(
      Buffer.compare(await pool.encode(image, 'png', options), await encode(image, 'png', options)),
    ).toBe(0);
    expect(pool.stats.done).toBe(done + 1);
  });

  test('colours that are more than the depth can hold are told, wherever they are', async () => {
    const image = steps(picture('rgba8'), 2, 0.9);
    for (const options of [{ bitDepth: 4 }, { bitDepth: 4, parallel: false }] as const) {
      expect(await failureOf(pool.encode(image, 'png', options))).toMatchObject({
        code: 'UNSUPPORTED_FEATURE',
        message: expect.stringContaining('bitDepth'),
      });
    }
  });

  test('an interlaced PNG is in one piece', async () => {
    const image = picture('gray8');
    const options = { interlaced: true, effort: 'fast' } as const;
    expect(
      Buffer.compare(await pool.encode(image, 'png', options), await encode(image, 'png', options)),
    ).toBe(0);
  });

  test('restart markers that are asked for stay where they are', async () => {
    const image = picture('rgb8');
    const options = { restartInterval: 3 };
    expect(
      Buffer.compare(await pool.encode(image, 'jpeg', options), await encode(image, 'jpeg', options)),
    ).toBe(0);
  });

  test.each([
    ['switched off', picture('rgb8'), { parallel: false }],
    ['progressive', picture('rgb8'), { progressive: true }],
    ['small', picture('rgb8', 1900, 2000), {}],
  ])(
    '%s: the bytes are those of encode',
    async (_, image, { parallel, ...options }: JpegEncodeOptions & { parallel?: boolean }) => {
      const file = await pool.encode(image, 'jpeg', {
        ...options,
        ...(parallel === undefined ? {} : { parallel }),
      });
      expect(Buffer.compare(file, await encode(image, 'jpeg', options))).toBe(0);
    },
  );

  test('what becomes of an image does not depend on the workers', async () => {
    const image = picture('rgba8', 3000, 3000);
    const pools = [1, 3].map((size) => createPool({ size }));
    for (const format of ['jpeg', 'png'] as const) {
      const files = await Promise.all([pool, ...pools].map((each) => each.encode(image, format)));
      for (const file of files) expect(Buffer.compare(file, files[0]!)).toBe(0);
    }
    await Promise.all(pools.map((each) => each.close()));
  });

  test('several at a time are not mixed up, and each counts once', async () => {
    const { done, failed } = pool.stats;
    const images = [picture('gray8'), picture('gray8', 2001, 2100), picture('gray8', 2400, 2400)];
    const files = await Promise.all(images.map((image) => pool.encode(image, 'jpeg')));
    const alone = [];
    for (const image of images) alone.push(await pool.encode(image, 'jpeg'));
    for (const [i, file] of files.entries()) expect(Buffer.compare(file, alone[i]!)).toBe(0);
    expect(pool.stats).toMatchObject({ done: done + 6, failed, queued: 0 });
  });

  test('an option that is wrong, an aborted signal and too little memory are told as by encode', async () => {
    const image = picture('rgb8');
    const { failed } = pool.stats;
    for (const options of [
      { quality: 101 },
      { signal: AbortSignal.abort(new Error('enough')) },
      { limits: { maxMemoryBytes: 1_000_000 } },
      { metadata: { density: 300 } },
    ]) {
      const [mine, theirs] = await Promise.all(
        [pool.encode, encode].map((call) => failureOf(call.call(pool, image, 'jpeg', options))),
      );
      expect(mine).toMatchObject({ message: theirs!.message, name: theirs!.name });
      expect(mine!.code).toBe(theirs!.code);
    }
    await expect(pool.encode(image, 'jpeg', { parallel: 1 as never })).rejects.toThrow(TypeError);
    // The signal is one of the arguments, which are wrong before there is a task.
    expect(pool.stats.failed).toBe(failed + 2);
  });

  test.each([
    ['in bands', picture('gray8'), 'jpeg'],
    ['in bands, then in one piece', steps(picture('gray8'), 2), 'png'],
    ['in one piece', picture('gray8', 100, 100), 'png'],
  ] as const)(
    'memory that was to be moved is gone afterwards, and none before: %s',
    async (_, image, format) => {
      const file = await pool.encode(image, format);
      expect(image.data.length).toBeGreaterThan(0);
      expect(await pool.encode(image, format, { transfer: true })).toEqual(file);
      expect(image.data.length).toBe(0);
    },
  );

  test('a pool that is closed meanwhile goes through with it', async () => {
    const own = createPool({ size: 2 });
    const encoding = own.encode(picture('gray8'), 'jpeg');
    await own.close();
    expect((await encoding).length).toBeGreaterThan(1000);
    expect(await failureOf(own.encode(picture('gray8'), 'jpeg'))).toMatchObject({ code: 'POOL_CLOSED' });
  });

  test('what takes too long is told', async () => {
    const { failed } = pool.stats;
    const encoding = pool.encode(picture('gray8'), 'png', { timeoutMs: 1 });
    expect(await failureOf(encoding)).toMatchObject({ code: 'TIMEOUT' });
    expect(pool.stats.failed).toBe(failed + 1);
    expect((await pool.encode(picture('gray8'), 'jpeg', { timeoutMs: 60_000 })).length).toBeGreaterThan(1000);
  });

  test('a queue is full only for a whole image', async () => {
    const own = createPool({ size: 1, maxQueue: 1, whenFull: 'fail' });
    const image = picture('gray8', 3000, 3000);
    const first = own.encode(image, 'jpeg');
    const settled = await Promise.allSettled([first, own.encode(image, 'jpeg'), own.encode(image, 'jpeg')]);
    expect(settled[0]!.status).toBe('fulfilled');
    const reasons = settled.flatMap((each) => (each.status === 'rejected' ? [each.reason.code] : []));
    expect(reasons.length).toBeGreaterThan(0);
    expect([...new Set(reasons)]).toEqual(['QUEUE_FULL']);
    await own.close();
  });
});

describe('workers', () => {
  let pool: ReturnType<PoolModule['createPool']>;
  beforeAll(async () => {
    const { createPool } = (await import(published)) as PoolModule;
    pool = createPool({ size: 2 });
  });
  afterAll(() => pool.close());

  test('memory that is gone when its turn comes is told', async () => {
    const image = picture('gray8', 8000, 8000);
    // More bands than are copied ahead.
    const encoding = failureOf(pool.encode(image, 'jpeg'));
    while (pool.stats.queued < 20) await new Promise((resolve) => setImmediate(resolve));
    structuredClone(image.data, { transfer: [image.data.buffer as ArrayBuffer] });
    expect(await encoding).toMatchObject({ code: 'CODEC_FAILED' });
    expect((await pool.encode(picture('gray8'), 'jpeg')).length).toBeGreaterThan(1000);
  });

  test('shared memory is read as it is', async () => {
    const image = picture('gray8');
    const data = new Uint8Array(new SharedArrayBuffer(image.data.length));
    data.set(image.data);
    const files = [await pool.encode({ ...image, data }, 'jpeg'), await pool.encode(image, 'jpeg')];
    expect(Buffer.compare(files[0]!, files[1]!)).toBe(0);
  });

  test('no pixel of an image shows in a later one whose memory it was', async () => {
    const noise = picture('rgba8');
    for (let i = 0; i < noise.data.length; i++) noise.data[i] = Math.imul(i, i) >>> 9;
    const flat = { ...picture('rgba8', 2090, 1960), data: new Uint8Array(2090 * 1960 * 4).fill(77) };
    for (const format of ['jpeg', 'png'] as const) {
      const before = await pool.encode(flat, format);
      await pool.encode(noise, format);
      expect(Buffer.compare(await pool.encode(flat, format), before)).toBe(0);
    }
  });

  test('an abort and the end of its time stop all bands at once, and harm nothing', async () => {
    const image = picture('rgb8', 6000, 6000);
    await pool.encode(picture('gray8'), 'jpeg');
    for (const stop of ['abort', 'timeout']) {
      const { failed, done } = pool.stats;
      const controller = new AbortController();
      const options = stop === 'abort' ? { signal: controller.signal } : { timeoutMs: 30 };
      const encoding = failureOf(pool.encode(image, 'jpeg', options));
      setTimeout(() => controller.abort(new Error('enough')), 30);
      const error = await encoding;
      expect(stop === 'abort' ? error.message : error.code).toBe(stop === 'abort' ? 'enough' : 'TIMEOUT');
      expect(pool.stats).toMatchObject({ failed: failed + 1, done, queued: 0 });
      expect((await pool.encode(picture('gray8'), 'jpeg')).length).toBeGreaterThan(1000);
    }
  });
});
