import { describe, expect, test } from 'vitest';
import { encode } from '../../src/encode.js';
import type { RawImage } from '../../src/image.js';
import type { BatchItem, BatchOptions, BatchProgress, BatchResult, Pool } from '../../src/pool.js';
import { createPool, encodeBatch } from '../../src/pool.js';

type Encode = (index: number, options: { signal: AbortSignal }) => Promise<Uint8Array<ArrayBuffer>>;

/** A pool that encodes as it is told: the image's width is the item's place. */
function standIn(call: Encode): Pool {
  return {
    size: 2,
    encode: (source: { width: number }, _: string, options: { signal: AbortSignal }) =>
      call(source.width, options),
  } as unknown as Pool;
}

const imageOf = (width: number): RawImage => ({ data: new Uint8Array(width * 4), width, height: 1 });
const itemsOf = (count: number): BatchItem[] =>
  Array.from({ length: count }, (_, i) => ({ id: `item ${i}`, image: imageOf(i) }));
const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
const answer = async (index: number) => Uint8Array.of(index);

async function collect(results: AsyncIterable<BatchResult>): Promise<BatchResult[]> {
  const all: BatchResult[] = [];
  for await (const result of results) all.push(result);
  return all;
}

const outcome = ({ index, id, bytes, error }: BatchResult) => [
  index,
  id,
  bytes?.[0] ?? (error as Error).message,
];

const late: Encode = async (index) => {
  await sleep([30, 1, 10, 2, 1, 1][index]!);
  if (index === 3) throw new Error('bad');
  return answer(index);
};

test('results come as they are done', async () => {
  const results = await collect(
    encodeBatch(itemsOf(6), { format: 'png', pool: standIn(late), concurrency: 3 }),
  );
  expect(results[0]!.index).toBe(1);
  expect(results.at(-1)!.index).toBe(0);
  expect(results.map(outcome).toSorted()).toEqual(
    [0, 1, 2, 3, 4, 5].map((i) => [i, `item ${i}`, i === 3 ? 'bad' : i]),
  );
});

test('or in the order of the items, a failure in its place', async () => {
  const options = { format: 'png', pool: standIn(late), concurrency: 3, order: 'input' } as const;
  const results = await collect(encodeBatch(itemsOf(6), options));
  expect(results.map(outcome)).toEqual([0, 1, 2, 3, 4, 5].map((i) => [i, `item ${i}`, i === 3 ? 'bad' : i]));
});

describe.each(['completion', 'input'] as const)('in order of %s', (order) => {
  test('items are pulled only as fast as results are taken', async () => {
    let [pulled, running, peak, taken] = [0, 0, 0, 0];
    async function* source() {
      for (const item of itemsOf(50)) {
        pulled++;
        yield item;
      }
    }
    const pool = standIn(async (index) => {
      peak = Math.max(peak, ++running);
      await sleep(index % 3);
      running--;
      return answer(index);
    });
    for await (const _ of encodeBatch(source(), { format: 'png', pool, concurrency: 4, order })) {
      taken++;
      await sleep(3);
      expect(pulled - taken).toBeLessThanOrEqual(4);
    }
    expect({ pulled, taken }).toEqual({ pulled: 50, taken: 50 });
    expect(peak).toBeLessThanOrEqual(4);
  });
});

test('two for each worker are on their way where nothing else is asked for', async () => {
  let [running, peak] = [0, 0];
  const pool = standIn(async (index) => {
    peak = Math.max(peak, ++running);
    await sleep(5);
    running--;
    return answer(index);
  });
  await collect(encodeBatch(itemsOf(12), { format: 'png', pool }));
  expect(peak).toBe(4);
});

test('progress is told after every item, with the total where it is known', async () => {
  const told: BatchProgress[] = [];
  const options = (pool: Pool): BatchOptions => ({ format: 'png', pool, onProgress: (p) => told.push(p) });
  await collect(encodeBatch(itemsOf(6), options(standIn(late))));
  expect(told.map(({ done }) => done)).toEqual([1, 2, 3, 4, 5, 6]);
  expect(told.at(-1)).toEqual({ done: 6, failed: 1, total: 6 });
  told.length = 0;
  await collect(encodeBatch(new Set(itemsOf(2)), options(standIn(answer))));
  await collect(encodeBatch(itemsOf(1)[Symbol.iterator](), options(standIn(answer))));
  expect(told.map(({ total }) => total)).toEqual([2, 2, undefined]);
});

test('an abort ends it with its reason, and what is on its way', async () => {
  const controller = new AbortController();
  const aborted: number[] = [];
  const pool = standIn(async (index, { signal }) => {
    if (index < 2) return answer(index);
    await new Promise((_, reject) => {
      signal.addEventListener('abort', () => {
        aborted.push(index);
        reject(signal.reason);
      });
    });
    return answer(index);
  });
  const reason = new Error('enough');
  const taken: number[] = [];
  const going = (async () => {
    const { signal } = controller;
    for await (const { index } of encodeBatch(itemsOf(9), { format: 'png', pool, signal, concurrency: 3 })) {
      taken.push(index);
    }
  })();
  await sleep(20);
  controller.abort(reason);
  await expect(going).rejects.toBe(reason);
  expect(taken).toEqual([0, 1]);
  expect(aborted).toEqual([2, 3, 4]);
});

test('an abort ends what is on its way also while a result is looked at', async () => {
  const controller = new AbortController();
  let aborted = 0;
  const pool = standIn(async (index, { signal }) => {
    if (index === 0) return answer(index);
    await new Promise((_, reject) => {
      signal.addEventListener('abort', () => {
        aborted++;
        reject(signal.reason);
      });
    });
    return answer(index);
  });
  const going = (async () => {
    const { signal } = controller;
    for await (const _ of encodeBatch(itemsOf(9), { format: 'png', pool, signal, concurrency: 3 })) {
      await sleep(5);
      controller.abort(new Error('enough'));
      expect(aborted).toBeGreaterThanOrEqual(2);
    }
  })();
  await expect(going).rejects.toThrow('enough');
});

test('leaving the loop aborts what is on its way, and ends the source', async () => {
  const aborted: number[] = [];
  let returned = false;
  function* source() {
    try {
      yield* itemsOf(100);
    } finally {
      returned = true;
    }
  }
  const pool = standIn(async (index, { signal }) => {
    if (index === 0) return answer(index);
    await new Promise((_, reject) => {
      signal.addEventListener('abort', () => {
        aborted.push(index);
        reject(signal.reason);
      });
    });
    return answer(index);
  });
  for await (const _ of encodeBatch(source(), { format: 'png', pool, concurrency: 3 })) break;
  expect(returned).toBe(true);
  expect(aborted.length).toBeGreaterThan(0);
});

test('a source that fails ends the batch behind its last result', async () => {
  async function* source() {
    yield* itemsOf(3);
    throw new Error('no more');
  }
  const taken: number[] = [];
  const going = (async () => {
    for await (const { index } of encodeBatch(source(), { format: 'png', pool: standIn(answer) })) {
      taken.push(index);
    }
  })();
  await expect(going).rejects.toThrow('no more');
  expect(taken.toSorted()).toEqual([0, 1, 2]);
});

test('an item that is none is a failure of its own', async () => {
  const wrong = { image: imageOf(2), options: { signal: {} } };
  const items = [null, { image: 7 }, { image: imageOf(2), format: 'gif' }, wrong] as unknown as BatchItem[];
  await using pool = createPool();
  const results = await collect(encodeBatch(items, { format: 'png', pool }));
  expect(results).toHaveLength(4);
  for (const { error } of results) expect(error).toBeInstanceOf(Error);
});

test('each item has its own format and options, in a pool of the batch', async () => {
  const image = { data: Uint8Array.from({ length: 4000 }, (_, i) => i >> 3), width: 40, height: 25 };
  const items: BatchItem[] = [
    { image },
    { image, options: { quality: 20 } as never },
    { image, format: 'webp', options: { lossless: true } as never },
  ];
  const options = { format: 'jpeg', options: { quality: 90 }, order: 'input' } as const;
  const results = await collect(encodeBatch(items, options));
  const expected = [
    await encode(image, 'jpeg', { quality: 90 }),
    await encode(image, 'jpeg', { quality: 20 }),
    await encode(image, 'webp', { quality: 90, lossless: true }),
  ];
  expect(results.map(({ bytes }) => bytes)).toEqual(expected);
});

test.each([
  ['items', () => encodeBatch(7 as never, { format: 'png' }), TypeError],
  ['no options', () => encodeBatch([], undefined as never), TypeError],
  ['a format', () => encodeBatch([], { format: 'gif' as never }), RangeError],
  ['an unknown option', () => encodeBatch([], { format: 'png', threads: 2 } as never), TypeError],
  ['concurrency', () => encodeBatch([], { format: 'png', concurrency: 0 }), RangeError],
  ['a pool', () => encodeBatch([], { format: 'png', pool: {} as never }), TypeError],
  ['a signal', () => encodeBatch([], { format: 'png', signal: {} as never }), TypeError],
  ['onProgress', () => encodeBatch([], { format: 'png', onProgress: 1 as never }), TypeError],
  ['an order', () => encodeBatch([], { format: 'png', order: 'any' as never }), RangeError],
])('%s that is wrong is told at once', (_, call, kind) => {
  expect(call).toThrow(kind);
});
