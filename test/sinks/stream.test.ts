import { afterEach, describe, expect, it, vi } from 'vitest';
import { toStream } from '../../src/sinks/stream.js';
import { NOT_BYTES, SAMPLES, UNKNOWN, waysToHold } from './samples.js';

const MEGABYTE = Uint8Array.from({ length: 1_000_003 }, (_, i) => (i ^ (i >> 8)) & 255);

async function chunksOf(stream: ReadableStream<Uint8Array>): Promise<Uint8Array[]> {
  const chunks: Uint8Array[] = [];
  const reader = stream.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return chunks;
    chunks.push(value);
  }
}

/** Counts how many bytes the stream has copied out of its source so far. */
function spied(bytes: Uint8Array): { source: Uint8Array; taken: () => number } {
  let taken = 0;
  const source = bytes.slice();
  const { subarray } = Uint8Array.prototype;
  vi.spyOn(Uint8Array.prototype, 'subarray').mockImplementation(function (this: Uint8Array, start, end) {
    const part = subarray.call(this, start, end);
    if (part.buffer === source.buffer) taken += part.length;
    return part;
  });
  return { source, taken: () => taken };
}

const tick = () => new Promise((resolve) => setTimeout(resolve, 5));

describe.each(['byte stream', 'default stream'])('toStream, %s', (kind) => {
  const begin = (bytes: ArrayBufferView | ArrayBufferLike) => {
    if (kind === 'default stream') vi.stubGlobal('ReadableByteStreamController', undefined);
    return toStream(bytes);
  };
  afterEach(() => {
    vi.unstubAllGlobals();
    vi.restoreAllMocks();
  });

  it.each([0, 1, 0xffff, 0x10000, 0x10001, 0x20000, 1_000_003])('reads %i bytes back', async (length) => {
    const bytes = MEGABYTE.subarray(0, length);
    const chunks = await chunksOf(begin(bytes));
    expect(Buffer.concat(chunks).equals(bytes)).toBe(true);
    expect(chunks).toHaveLength(Math.ceil(length / 0x10000));
  });

  it.each(waysToHold(UNKNOWN))('takes %s', async (_, held) => {
    expect(Buffer.concat(await chunksOf(begin(held))).equals(UNKNOWN)).toBe(true);
    expect(held.byteLength).toBe(UNKNOWN.length);
  });

  it('hands out copies that hold nothing else', async () => {
    const bytes = Buffer.concat([Buffer.from('secret'), MEGABYTE.subarray(0, 100_000)]).subarray(6);
    for (const chunk of await chunksOf(begin(bytes))) {
      expect(chunk.buffer.byteLength).toBe(chunk.length);
      chunk.fill(0);
    }
    expect(bytes.equals(MEGABYTE.subarray(0, 100_000))).toBe(true);
  });

  it('copies only what is asked for', async () => {
    const { source, taken } = spied(MEGABYTE);
    const reader = begin(source).getReader();
    await tick();
    expect(taken()).toBe(0);
    await reader.read();
    await reader.read();
    await tick();
    expect(taken()).toBe(0x20000);
  });

  it('waits for a slow writer', async () => {
    const { source, taken } = spied(MEGABYTE);
    let release: () => void = () => {};
    const first = new Promise<void>((resolve) => {
      release = resolve;
    });
    const seen: Uint8Array[] = [];
    const sink = new WritableStream<Uint8Array>({
      async write(chunk) {
        await first;
        seen.push(chunk);
      },
    });
    const done = begin(source).pipeTo(sink);
    await tick();
    expect(taken()).toBeLessThanOrEqual(0x20000);
    release();
    await done;
    expect(Buffer.concat(seen).equals(MEGABYTE)).toBe(true);
  });

  it('stops when cancelled', async () => {
    const { source, taken } = spied(MEGABYTE);
    const reader = begin(source).getReader();
    await reader.read();
    await reader.cancel('enough');
    expect(await reader.read()).toEqual({ done: true, value: undefined });
    await tick();
    expect(taken()).toBe(0x10000);
  });

  it('fails, and does not end early, where the bytes are detached meanwhile', async () => {
    const bytes = MEGABYTE.slice();
    const reader = begin(bytes).getReader();
    await reader.read();
    structuredClone(bytes.buffer, { transfer: [bytes.buffer] });
    await expect(reader.read()).rejects.toThrow(TypeError);
  });

  it('is the body of a response', async () => {
    const body = await new Response(begin(MEGABYTE)).arrayBuffer();
    expect(Buffer.from(body).equals(MEGABYTE)).toBe(true);
  });
});

describe('toStream, into buffers of the reader', () => {
  it.each([7, 0x10000, 300_000])('of %i bytes', async (size) => {
    const bytes = MEGABYTE.subarray(0, 150_001);
    const reader = toStream(bytes).getReader({ mode: 'byob' });
    const parts: Uint8Array[] = [];
    let buffer = new ArrayBuffer(size);
    for (;;) {
      const { done, value } = await reader.read(new Uint8Array(buffer));
      if (done) break;
      parts.push(value.slice());
      buffer = value.buffer as ArrayBuffer;
    }
    expect(Buffer.concat(parts).equals(bytes)).toBe(true);
  });

  it('ends at once where there are no bytes', async () => {
    const reader = toStream(new Uint8Array(0)).getReader({ mode: 'byob' });
    expect((await reader.read(new Uint8Array(8))).done).toBe(true);
  });

  it('cancels', async () => {
    const reader = toStream(MEGABYTE).getReader({ mode: 'byob' });
    await reader.read(new Uint8Array(8));
    await reader.cancel();
    expect((await reader.read(new Uint8Array(8))).done).toBe(true);
  });
});

it.each(NOT_BYTES.map((value) => [value]))('refuses %j', (value) => {
  expect(() => toStream(value as Uint8Array)).toThrow(/^Expected an ArrayBuffer or a view of one for bytes/);
  expect(toStream(SAMPLES.png.bytes)).toBeInstanceOf(ReadableStream);
});
