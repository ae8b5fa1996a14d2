import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { decode, EncoderStream, encode } from '../../src/index.js';
import { freshPixbytes } from '../setup/fresh.js';

// A process of V8 has address space for some hundred WebAssembly memories, and those that are dropped count until the thread that made
// them collects its garbage: a page that decoded WebP files in four workers could not make any instance after that.

let made: WebAssembly.Instance[];

beforeEach(() => {
  made = [];
  const { instantiate } = WebAssembly;
  vi.spyOn(WebAssembly, 'instantiate').mockImplementation((async (module: never, imports: never) => {
    const instance = (await instantiate(module, imports)) as unknown as WebAssembly.Instance;
    made.push(instance);
    return instance;
  }) as never);
});

afterEach(() => vi.restoreAllMocks());

function picture(width: number, height: number, seed: number) {
  const data = Uint8Array.from({ length: width * height * 4 }, (_, i) => (i * (7 + seed) + (i >> 7)) & 255);
  return { data, width, height, pixelFormat: 'rgba8' } as const;
}

async function stream(
  format: 'png' | 'jpeg',
  { data, ...layout }: ReturnType<typeof picture>,
): Promise<void> {
  const { readable, writable } = new EncoderStream(format, layout);
  const writer = writable.getWriter();
  const reader = readable.getReader();
  const reading = (async () => {
    while (!(await reader.read()).done);
  })();
  await writer.write(data);
  await writer.close();
  await reading;
}

it('streams take turns on one instance', async () => {
  for (let i = 0; i < 20; i++) {
    await stream('png', picture(33, 21, i));
    await stream('jpeg', picture(33, 21, i));
  }
  expect(made.length).toBeLessThanOrEqual(3);
});

it('streams at the same time have an instance each, of which some are kept', async () => {
  for (let i = 0; i < 5; i++) {
    await Promise.all([1, 2, 3].map((seed) => stream('png', picture(40, 300, seed))));
  }
  expect(made.length).toBeLessThanOrEqual(4);
});

it('WebP files, good and corrupt, are decoded by one instance', async () => {
  const file = await encode(picture(40, 30, 1), 'webp');
  const corrupt = file.map((byte, i) => (i > 60 && i % 5 === 0 ? byte ^ 0x55 : byte));
  made.length = 0;
  for (let i = 0; i < 20; i++) {
    await decode(file);
    await decode(corrupt).catch(() => {});
    await decode(file.subarray(0, file.length >> 1)).catch(() => {});
  }
  expect(made.length).toBe(1);
});

it('an instance that finds no place for its memory is tried again a moment later', async () => {
  vi.restoreAllMocks();
  const fresh = await freshPixbytes();
  const { instantiate } = WebAssembly;
  let refused = 0;
  vi.spyOn(WebAssembly, 'instantiate').mockImplementation((async (module: never, imports: never) => {
    if (refused++ < 2) throw new RangeError('Out of memory: Cannot allocate Wasm memory for new instance');
    return instantiate(module, imports);
  }) as never);
  expect((await fresh.encode(picture(5, 5, 1), 'png')).length).toBeGreaterThan(60);
  expect(refused).toBeGreaterThan(2);
});
