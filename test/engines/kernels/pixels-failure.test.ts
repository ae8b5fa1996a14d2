import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { PixelSource } from '../../../src/image.js';
import { compileWasm } from '../../setup/wasm.js';

const source: PixelSource = {
  bytes: Uint8Array.of(1, 2, 3, 4),
  width: 1,
  height: 1,
  pixelFormat: 'bgra8',
  strideBytes: 4,
  premultiplied: false,
};
const target = { pixelFormat: 'rgba8' } as const;

let loadPixels: typeof import('../../../src/engines/kernels/pixels.js').loadPixels;
let bindWasm: typeof import('../../../src/platform/platform.js').bindWasm;

// Each test has modules of its own, as what is tested is what they remember.
beforeEach(async () => {
  vi.resetModules();
  ({ bindWasm } = await import('../../../src/platform/platform.js'));
  ({ loadPixels } = await import('../../../src/engines/kernels/pixels.js'));
  bindWasm({ pixels: () => compileWasm('pixels') });
});

afterEach(() => {
  vi.restoreAllMocks();
});

/** The next instance traps in the function of that name. */
function trapIn(name: string): void {
  const instantiate = WebAssembly.instantiate as unknown as (
    module: WebAssembly.Module,
  ) => Promise<WebAssembly.Instance>;
  const trap = () => {
    throw new WebAssembly.RuntimeError('unreachable');
  };
  const trapping = async (module: WebAssembly.Module) => {
    const { exports } = await instantiate(module);
    return { exports: { ...exports, [name]: trap } };
  };
  vi.spyOn(WebAssembly, 'instantiate').mockImplementationOnce(trapping as never);
}

it('gives every caller the same instance', async () => {
  const instantiate = vi.spyOn(WebAssembly, 'instantiate');
  const [first, second] = await Promise.all([loadPixels(), loadPixels()]);
  expect(first).toBe(second);
  expect(await loadPixels()).toBe(first);
  expect(instantiate).toHaveBeenCalledTimes(1);
});

it.each(['pixels_begin', 'pixels_convert'])('drops an instance that trapped in %s', async (name) => {
  trapIn(name);
  const broken = await loadPixels();
  const failure = expect.objectContaining({ name: 'CodecError', code: 'CODEC_FAILED' });
  expect(() => broken.convert(source, target)).toThrow(failure);
  expect(() => broken.convert(source, target)).toThrow(failure);
  const next = await loadPixels();
  expect(next).not.toBe(broken);
  expect([...next.convert(source, target)]).toEqual([3, 2, 1, 4]);
});

it('drops an instance that trapped in a question', async () => {
  trapIn('pixels_inspect');
  const broken = await loadPixels();
  const failure = expect.objectContaining({
    code: 'CODEC_FAILED',
    cause: expect.any(WebAssembly.RuntimeError),
  });
  expect(() => broken.isOpaque(source)).toThrow(failure);
  expect((await loadPixels()).isOpaque(source)).toBe(false);
});

it('keeps its instance when a caller made a mistake', async () => {
  const pixels = await loadPixels();
  expect(() => pixels.convert({ ...source, bytes: new Uint8Array(3) }, target)).toThrow(RangeError);
  expect(() => pixels.convert(source, { pixelFormat: 'indexed8' })).toThrow();
  expect(await loadPixels()).toBe(pixels);
  expect([...pixels.convert(source, target)]).toEqual([3, 2, 1, 4]);
});

it('loads again after a load that failed', async () => {
  bindWasm({ pixels: () => Promise.reject(new Error('offline')) });
  await expect(loadPixels()).rejects.toMatchObject({ name: 'CodecError', code: 'WASM_LOAD_FAILED' });
  bindWasm({ pixels: () => compileWasm('pixels') });
  expect([...(await loadPixels()).convert(source, target)]).toEqual([3, 2, 1, 4]);
});

it('loads again after an instantiation that failed', async () => {
  const spy = vi.spyOn(WebAssembly, 'instantiate').mockRejectedValue(new RangeError('out of memory'));
  await expect(loadPixels()).rejects.toMatchObject({ name: 'CodecError', code: 'WASM_LOAD_FAILED' });
  spy.mockRestore();
  expect([...(await loadPixels()).convert(source, target)]).toEqual([3, 2, 1, 4]);
});

it('shows no pixels of an earlier call', async () => {
  const pixels = await loadPixels();
  const secret = new Uint8Array(40_000).fill(0xcc);
  pixels.convert({ ...source, bytes: secret, width: 100, height: 100, strideBytes: 400 }, target);
  const bytes = new Uint8Array(40_000);
  structuredClone(bytes.buffer, { transfer: [bytes.buffer] });
  const gone = { ...source, bytes, width: 100, height: 100, strideBytes: 400 };
  const out = new Uint8Array(40_000);
  expect(() => pixels.convert(gone, target, out)).toThrow(RangeError);
  expect(() => pixels.convert({ ...gone, width: Number.NaN }, target, out)).toThrow(RangeError);
  expect(out.every((byte) => byte === 0)).toBe(true);
});
