import { afterEach, describe, expect, it, vi } from 'vitest';
import { CodecError } from '../../src/errors.js';
import { toObjectURL } from '../../src/sinks/object-url.js';
import { SAMPLES } from './samples.js';

describe('toObjectURL', () => {
  afterEach(() => {
    vi.restoreAllMocks();
    vi.unstubAllGlobals();
  });

  it.each(Object.entries(SAMPLES))('gives a URL of %s that fetch reads', async (_, { bytes, mime }) => {
    const picture = toObjectURL(bytes);
    expect(picture.url).toMatch(/^blob:/);
    const response = await fetch(picture.url);
    expect(response.headers.get('content-type')).toBe(mime);
    expect(Buffer.from(await response.arrayBuffer()).equals(bytes)).toBe(true);
    picture[Symbol.dispose]();
    await expect(fetch(picture.url)).rejects.toThrow();
  });

  it('is disposed of twice without harm to others', async () => {
    const first = toObjectURL(SAMPLES.png.bytes);
    const second = toObjectURL(SAMPLES.png.bytes);
    first[Symbol.dispose]();
    first[Symbol.dispose]();
    expect((await fetch(second.url)).ok).toBe(true);
    second[Symbol.dispose]();
  });

  it('ends with its block', async () => {
    let url: string;
    {
      using picture = toObjectURL(SAMPLES.gif.bytes);
      url = picture.url;
      expect((await fetch(url)).ok).toBe(true);
    }
    await expect(fetch(url)).rejects.toThrow();
  });

  it('says so where the runtime has none', () => {
    vi.stubGlobal('URL', class {});
    let failure: unknown;
    try {
      toObjectURL(SAMPLES.png.bytes);
    } catch (error) {
      failure = error;
    }
    expect(failure).toBeInstanceOf(CodecError);
    expect(failure).toMatchObject({ code: 'UNSUPPORTED_FEATURE' });
  });

  it('refuses what is no buffer before it looks for the runtime', () => {
    vi.stubGlobal('URL', class {});
    expect(() => toObjectURL('text' as unknown as Uint8Array)).toThrow(TypeError);
  });
});
