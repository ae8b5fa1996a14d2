import { beforeEach, expect, it, vi } from 'vitest';

// A module of 8 bytes: magic number and version.
const EMPTY = new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);

let platform: typeof import('../../src/platform/platform.js');

beforeEach(async () => {
  vi.resetModules();
  platform = await import('../../src/platform/platform.js');
});

it('loads a module once, at the first call for it', async () => {
  const load = vi.fn(() => WebAssembly.compile(EMPTY));
  platform.bindWasm({ pixels: load });
  expect(load).not.toHaveBeenCalled();
  const [first, second] = await Promise.all([platform.loadWasm('pixels'), platform.loadWasm('pixels')]);
  expect(first).toBe(second);
  expect(load).toHaveBeenCalledTimes(1);
});

it('tries a load that failed again: jSquash caches the rejected promise', async () => {
  const load = vi.fn(() => WebAssembly.compile(EMPTY));
  load.mockRejectedValueOnce(new TypeError('fetch failed'));
  platform.bindWasm({ pixels: load });
  const failed = platform.loadWasm('pixels');
  await expect(failed).rejects.toMatchObject({
    name: 'CodecError',
    code: 'WASM_LOAD_FAILED',
    message: 'Could not load pixels.wasm: fetch failed',
    cause: expect.any(TypeError),
  });
  await expect(platform.loadWasm('pixels')).resolves.toBeInstanceOf(WebAssembly.Module);
});

it('turns a loader that throws at once into the same error', async () => {
  platform.bindWasm({
    pixels: () => {
      throw new Error('no such file');
    },
  });
  await expect(platform.loadWasm('pixels')).rejects.toMatchObject({ code: 'WASM_LOAD_FAILED' });
});

it('says so where the entry carries no such module', async () => {
  await expect(platform.loadWasm('pixels')).rejects.toMatchObject({ code: 'WASM_LOAD_FAILED' });
});
