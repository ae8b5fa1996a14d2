import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decode as decodeHere } from '../../src/decode.js';
import { encode as encodeHere } from '../../src/encode.js';
import type { CodecError } from '../../src/errors.js';
import type { RawImage } from '../../src/image.js';
import { PIXEL_FORMATS, rowBytes } from '../../src/pixel-format.js';
import { transcode as transcodeHere } from '../../src/transcode.js';
import { photograph } from '../cli/photographs.js';

type PoolModule = typeof import('../../src/pool.js');

/** As it is published for Node, with workers; and from the sources, where none are bound, in place. */
const published: string = new URL('../../dist/pool.node.js', import.meta.url).href;

function failureOf(promise: Promise<unknown>): Promise<CodecError> {
  return promise.then(
    () => Promise.reject(new Error('It did not fail')),
    (error) => error,
  );
}

function gradient(width: number, height: number): RawImage & { data: Uint8Array<ArrayBuffer> } {
  return { data: Uint8Array.from({ length: width * height * 4 }, (_, i) => i >> (i & 3)), width, height };
}

describe.each(['workers', 'in place'])('%s', (where) => {
  let createPool: PoolModule['createPool'];
  let pool: ReturnType<PoolModule['createPool']>;

  beforeAll(async () => {
    ({ createPool } = (await import(where === 'workers' ? published : '../../src/pool.js')) as PoolModule);
    pool = createPool({ size: 2 });
  });
  afterAll(async () => {
    await pool.close();
    expect(pool.stats.workers).toBe(0);
  });

  test('the bytes are those of encode, for every pixel format, stride and view', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          width: fc.integer({ min: 1, max: 40 }),
          height: fc.integer({ min: 1, max: 40 }),
          pixelFormat: fc.constantFrom(...PIXEL_FORMATS),
          padding: fc.integer({ min: 0, max: 9 }),
          offset: fc.integer({ min: 0, max: 9 }),
          premultiplied: fc.boolean(),
          format: fc.constantFrom('png', 'jpeg', 'webp', 'raw'),
          seed: fc.integer({ min: 1, max: 1000 }),
        }),
        async ({ width, height, pixelFormat, padding, offset, premultiplied, format, seed }) => {
          const strideBytes = rowBytes(pixelFormat, width) + padding;
          const memory = Uint8Array.from(
            { length: offset + strideBytes * height + 5 },
            (_, i) => (i * seed) >> (seed % 5),
          );
          const data = memory.subarray(offset);
          const palette =
            pixelFormat === 'indexed8'
              ? Array.from({ length: 256 }, (_, i) => [i, 255 - i, (i * seed) & 255, (i * 3) & 255])
              : undefined;
          const image: RawImage = { data, width, height, pixelFormat, strideBytes, premultiplied, palette };
          const before = memory.slice();
          const [mine, theirs] = await Promise.all([
            pool.encode(image, format, {}).catch((error) => error),
            encodeHere(image, format).catch((error) => error),
          ]);
          expect(memory).toEqual(before);
          if (theirs instanceof Error) expect(mine.message).toBe(theirs.message);
          else expect(Buffer.compare(mine, theirs)).toBe(0);
        },
      ),
      { numRuns: 100 },
    );
  });

  test('files are decoded and transcoded as by the verbs', async () => {
    const file = readFileSync(photograph('rocket.jpg'));
    const options = { pixelFormat: 'rgb16' } as const;
    expect(await pool.decode(file, options)).toEqual(await decodeHere(file, options));
    const webp = await pool.transcode(file, 'webp', { quality: 40 });
    expect(Buffer.compare(webp, await transcodeHere(file, 'webp', { quality: 40 }))).toBe(0);
  });

  test('shared memory is read where it is', async () => {
    const { data, width, height } = gradient(30, 20);
    const shared = new Uint8Array(new SharedArrayBuffer(data.length));
    shared.set(data);
    const bytes = await pool.encode({ data: shared, width, height }, 'png', { transfer: true });
    expect(bytes).toEqual(await encodeHere({ data, width, height }, 'png'));
    expect(shared.length).toBe(data.length);
  });

  test.each([
    ['a format', () => pool.encode(gradient(2, 2), 'gif' as never), RangeError],
    ['a source', () => pool.encode({ ...gradient(2, 2), width: 3 }, 'png'), RangeError],
    ['no source', () => pool.encode(7 as never, 'png'), TypeError],
    ['an option', () => pool.encode(gradient(2, 2), 'png', { level: 10 }), RangeError],
    ['an unknown option', () => pool.encode(gradient(2, 2), 'png', { levels: 1 } as never), TypeError],
    ['options', () => pool.encode(gradient(2, 2), 'png', [] as never), TypeError],
    ['transfer', () => pool.encode(gradient(2, 2), 'png', { transfer: 1 as never }), TypeError],
    ['timeoutMs', () => pool.encode(gradient(2, 2), 'png', { timeoutMs: -1 }), RangeError],
    ['a signal', () => pool.encode(gradient(2, 2), 'png', { signal: {} as never }), TypeError],
    ['bytes', () => pool.decode('x' as never), TypeError],
    ['an option of decode', () => pool.decode(new Uint8Array(9), { autoOrient: 1 as never }), TypeError],
    ['an option of transcode', () => pool.transcode(new Uint8Array(9), 'webp', { quality: 101 }), RangeError],
  ])('%s that is wrong is told, by the error of the verb', async (_, call, kind) => {
    const { failed } = pool.stats;
    expect(await failureOf(call())).toBeInstanceOf(kind);
    expect(pool.stats.failed).toBe(failed);
  });

  test('an image that cannot be read is a CodecError of this side', async () => {
    const error = await failureOf(pool.decode(new Uint8Array(100)));
    const { CodecError: Ours } =
      where === 'workers' ? await import(published) : await import('../../src/errors.js');
    expect(error).toBeInstanceOf(Ours);
    expect(error.code).toBe('UNKNOWN_FORMAT');
  });

  test('a closed pool refuses calls', async () => {
    const closed = createPool();
    const calls = [
      closed.encode(gradient(9, 9), 'png'),
      closed.decode(readFileSync(photograph('rocket.jpg'))),
    ];
    await closed.close();
    // Those that were made before are answered.
    expect((await calls[0]) as Uint8Array).toEqual(await encodeHere(gradient(9, 9), 'png'));
    expect(await calls[1]).toMatchObject({ pixelFormat: 'rgba8' });
    expect(await failureOf(closed.encode(gradient(9, 9), 'png'))).toMatchObject({ code: 'POOL_CLOSED' });
  });

  test('a full queue fails the call where it is asked to', async () => {
    await using small = createPool({ size: 1, maxQueue: 1, whenFull: 'fail' });
    const calls = Array.from({ length: 6 }, () => small.encode(gradient(200, 200), 'png'));
    const ends = await Promise.allSettled(calls);
    const codes = ends.flatMap((end) => (end.status === 'rejected' ? [end.reason.code] : []));
    expect(codes.length).toBeGreaterThan(0);
    expect(new Set(codes)).toEqual(new Set(['QUEUE_FULL']));
    expect(ends.filter(({ status }) => status === 'fulfilled').length).toBeGreaterThanOrEqual(2);
  });

  test('an abort while it waits takes a call back at once', async () => {
    await using small = createPool({ size: 1 });
    const order: string[] = [];
    const controller = new AbortController();
    const first = small.encode(gradient(400, 400), 'webp').then(() => order.push('first'));
    const second = failureOf(small.encode(gradient(9, 9), 'png', { signal: controller.signal }));
    const reason = new Error('enough');
    controller.abort(reason);
    expect(await second).toBe(reason);
    order.push('second');
    await first;
    expect(order).toEqual(['second', 'first']);
  });

  test('an abort before the turn begins nothing', async () => {
    const reason = new Error('enough');
    const call = pool.encode(gradient(9, 9), 'png', { signal: AbortSignal.abort(reason) });
    expect(await failureOf(call)).toBe(reason);
  });

  test.each([
    [{ size: 0 }, RangeError],
    [{ size: 1.5 }, RangeError],
    [{ size: '2' }, TypeError],
    [{ maxQueue: -1 }, RangeError],
    [{ whenFull: 'drop' }, RangeError],
    [{ idleTimeoutMs: Number.NaN }, RangeError],
    [{ threads: 2 }, TypeError],
    [null, TypeError],
  ])('createPool(%j) is refused', (options, kind) => {
    expect(() => createPool(options as never)).toThrow(kind);
  });
});

describe('workers', () => {
  test('take memory over where they may, and copy it where they may not', async () => {
    const { createPool } = (await import(published)) as PoolModule;
    await using pool = createPool({ size: 1 });
    const image = gradient(50, 40);
    const expected = await encodeHere(image, 'png');
    expect(await pool.encode(image, 'png')).toEqual(expected);
    expect(image.data.length).toBe(8000);
    const part = { ...image, data: new Uint8Array(9000).subarray(500, 8500) };
    part.data.set(image.data);
    expect(await pool.encode(part, 'png', { transfer: true })).toEqual(expected);
    expect(part.data.length).toBe(8000);
    expect(await pool.encode(image, 'png', { transfer: true })).toEqual(expected);
    expect(image.data.length).toBe(0);
    expect(pool.stats).toMatchObject({ workers: 1, started: 1, done: 3 });
  });

  test('memory that was moved by a call before is told, and harms no other call', async () => {
    const { createPool } = (await import(published)) as PoolModule;
    await using pool = createPool({ size: 1 });
    const image = gradient(50, 40);
    const calls = [1, 2, 3].map(() => pool.encode(image, 'png', { transfer: true }));
    const ends = await Promise.allSettled(calls);
    expect(ends.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected']);
    expect(ends[1]).toMatchObject({ reason: { code: 'CODEC_FAILED', message: /detached/ } });
    expect((await pool.encode(gradient(9, 9), 'png')).length).toBeGreaterThan(50);
  });

  test('options that are undefined are those that are not given', async () => {
    const { createPool } = (await import(published)) as PoolModule;
    const nothing = { idleTimeoutMs: undefined, maxWorkerMemoryBytes: undefined, size: undefined };
    await using pool = createPool(nothing);
    for (let i = 0; i < 3; i++) {
      await pool.encode(gradient(9, 9), 'png');
      await new Promise((resolve) => setTimeout(resolve, 30));
    }
    expect(pool.stats.started).toBe(1);
  });

  test('are stopped in the middle of a long encode, within 250 ms', async () => {
    const { createPool } = (await import(published)) as PoolModule;
    await using pool = createPool({ size: 1 });
    const controller = new AbortController();
    const data = Uint8Array.from({ length: 2000 * 2000 * 4 }, (_, i) => Math.imul(i, i) >>> 13);
    const call = failureOf(
      pool.encode({ data, width: 2000, height: 2000 }, 'webp', {
        lossless: true,
        effort: 'smallest',
        signal: controller.signal,
      }),
    );
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(pool.stats.busy).toBe(1);
    const begin = performance.now();
    controller.abort();
    expect((await call).name).toBe('AbortError');
    expect(performance.now() - begin).toBeLessThan(250);
    expect((await pool.encode(gradient(9, 9), 'png')).length).toBeGreaterThan(50);
  });
});
