import { expect, it, vi } from 'vitest';
import { loadCodec } from '../../src/codecs/registry.js';

vi.mock('../../src/codecs/png.js', () => {
  throw new TypeError('Failed to fetch dynamically imported module');
});

it('turns a codec whose code cannot be loaded into a CodecError: browsers throw a TypeError', async () => {
  await expect(loadCodec('png')).rejects.toMatchObject({
    name: 'CodecError',
    code: 'WASM_LOAD_FAILED',
    format: 'png',
    cause: expect.any(Error),
  });
});

it('loads the others all the same', async () => {
  expect(await loadCodec('raw')).toMatchObject({ encode: expect.any(Function) });
});
