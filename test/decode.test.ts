import { describe, expect, it } from 'vitest';
import { decode } from '../src/decode.js';
import type { DecodeOptions } from '../src/options.js';

describe('decode', () => {
  const garbage = new Uint8Array([1, 2, 3, 4]);

  it('tells a wrong option before what is wrong with the bytes', async () => {
    await expect(decode(garbage, { bogus: 1 } as DecodeOptions)).rejects.toThrow(TypeError);
    await expect(decode(garbage, { pixelFormat: 'rgb' } as unknown as DecodeOptions)).rejects.toThrow(
      RangeError,
    );
  });

  it('rejects with the reason of a signal that has fired, whatever the bytes', async () => {
    const reason = new Error('no longer wanted');
    await expect(decode(garbage, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });

  it('names what it recognises and cannot decode', async () => {
    const gif = new TextEncoder().encode('GIF89a\x01\x00\x01\x00');
    await expect(decode(gif)).rejects.toMatchObject({ code: 'UNSUPPORTED_FEATURE', format: 'gif' });
    await expect(decode(garbage)).rejects.toMatchObject({ code: 'UNKNOWN_FORMAT' });
  });
});
