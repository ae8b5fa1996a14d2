import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { EncoderStream as Stream } from '../../src/stream/encoder-stream.js';
import { freshPixbytes } from '../setup/fresh.js';

/** Of a process in which no stream has left an instance yet. */
let EncoderStream: typeof Stream;

/** Memories of all instances that were made since the test began, as long as something else holds them. */
let memories: WeakRef<WebAssembly.Memory>[] = [];

type Instantiate = (
  module: WebAssembly.Module,
  imports?: WebAssembly.Imports,
) => Promise<WebAssembly.Instance>;

const instantiate = WebAssembly.instantiate as Instantiate;

/** By hand: a spy would hold on to what it returned. */
const replaceInstantiate = (by: Instantiate) => {
  (WebAssembly as { instantiate: Instantiate }).instantiate = by;
};

beforeEach(async () => {
  memories = [];
  ({ EncoderStream } = await freshPixbytes());
  replaceInstantiate(async (module, imports) => {
    const instance = await instantiate(module, imports);
    const { memory } = instance.exports as { memory?: WebAssembly.Memory };
    if (memory) memories.push(new WeakRef(memory));
    return instance;
  });
});

afterEach(() => replaceInstantiate(instantiate));

const memoryBytes = () => memories.reduce((sum, memory) => sum + (memory.deref()?.buffer.byteLength ?? 0), 0);

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Pieces of a large gray image, each of some rows: a pattern that neither ends nor repeats soon. */
function* grayRows(width: number, height: number, rowsAtOnce: number): Generator<Uint8Array> {
  for (let y = 0; y < height; y += rowsAtOnce) {
    const rows = Math.min(rowsAtOnce, height - y);
    const piece = new Uint8Array(width * rows);
    for (let i = 0; i < piece.length; i++)
      piece[i] = (Math.imul(i + y, 0x9e3779b1) >>> 29) + ((y + (i >> 6)) & 0x7f);
    yield piece;
  }
}

const MOST_BYTES = 16 * 1024 * 1024;

describe.each([
  ['png', 'fast'],
  ['png', 'balanced'],
  ['png', 'smallest'],
  ['jpeg', 'fast'],
] as const)('%s, effort %s', (format, effort) => {
  it('takes 100 megapixels in no more than 16 MB', async () => {
    // The strongest matcher takes a minute for as many.
    const [width, height] = effort === 'smallest' ? [10_000, 400] : [10_000, 10_000];
    const stream = new EncoderStream(format, { width, height, pixelFormat: 'gray8', effort });
    const writer = stream.writable.getWriter();
    const parts: Uint8Array[] = [];
    let most = 0;
    const reading = (async () => {
      for await (const part of stream.readable as unknown as AsyncIterable<Uint8Array>) {
        parts.push(part);
        most = Math.max(most, memoryBytes());
      }
    })();
    for (const piece of grayRows(width, height, 100)) {
      await writer.write(piece);
      most = Math.max(most, memoryBytes());
    }
    await writer.close();
    await reading;
    expect(most).toBeGreaterThan(64 * 1024);
    expect(most).toBeLessThanOrEqual(MOST_BYTES);
    const read = sharp(Buffer.concat(parts), { limitInputPixels: false }).toColourspace('b-w').raw();
    const { data, info } = await read.toBuffer({ resolveWithObject: true });
    expect([info.width, info.height, info.channels]).toEqual([width, height, 1]);
    if (format === 'jpeg') return;
    let at = 0;
    for (const piece of grayRows(width, height, 100)) {
      if (Buffer.compare(data.subarray(at, at + piece.length), piece) !== 0)
        expect.fail(`rows from byte ${at}`);
      at += piece.length;
    }
  });

  it('holds back a writer whom nobody reads from', async () => {
    const [width, height] = [4000, 4000];
    const stream = new EncoderStream(format, { width, height, pixelFormat: 'gray8', effort });
    const writer = stream.writable.getWriter();
    let written = 0;
    const writing = (async () => {
      for (const piece of grayRows(width, height, 10)) {
        await writer.ready;
        writer.write(piece).catch(() => {});
        written++;
      }
    })();
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(written).toBeLessThan(200);
    await stream.readable.cancel();
    await writing.catch(() => {});
  });

  // Errors hold on to what threw them by their stack, and streams to their errors.
  it.each(['cancel', 'abort', 'signal', 'too many rows', 'too few rows'] as const)(
    'gives the memory back after %s',
    async (how) => {
      const begin = async () => {
        const controller = new AbortController();
        const { signal } = controller;
        const stream = new EncoderStream(format, {
          width: 300,
          height: 300,
          pixelFormat: 'rgb8',
          effort,
          signal,
        });
        const writer = stream.writable.getWriter();
        const reader = stream.readable.getReader();
        const reading = reader.read().catch(() => {});
        await writer.write(new Uint8Array(300 * 3 * 200));
        expect(memories.some((memory) => memory.deref())).toBe(true);
        if (how === 'cancel') await reader.cancel();
        if (how === 'abort') await writer.abort();
        if (how === 'signal') controller.abort();
        if (how === 'too few rows') await writer.close().catch(() => {});
        if (how === 'too many rows') await writer.write(new Uint8Array(300 * 3 * 200)).catch(() => {});
        await reading;
        await writer.closed.catch(() => {});
        // The stream itself is still there: it holds no instance any more.
        return { stream, controller };
      };
      const kept = await begin();
      for (let i = 0; i < 20 && memories.some((memory) => memory.deref()); i++) {
        await new Promise((resolve) => setTimeout(resolve, 10));
        collect();
      }
      expect(memories.filter((memory) => memory.deref())).toEqual([]);
      expect(kept.stream.readable.locked).toBe(true);
    },
  );
});
