import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import '../setup/wasm.js';
import { encode } from '../../src/encode.js';
import type { CodecError } from '../../src/errors.js';
import type { RawImage } from '../../src/image.js';
import type { JpegEncodeOptions } from '../../src/options.js';
import { PIXEL_FORMATS, rowBytes } from '../../src/pixel-format.js';
import { EncoderStream, type EncoderStreamInit, type StreamFormat } from '../../src/stream/encoder-stream.js';

/** Pushes chunks through a stream and gives what comes out; both ends at once, as a pipe does. */
async function through(stream: EncoderStream, chunks: Iterable<Uint8Array>): Promise<Uint8Array[]> {
  const parts: Uint8Array[] = [];
  const writer = stream.writable.getWriter();
  const writing = (async () => {
    for (const chunk of chunks) await writer.write(chunk);
    await writer.close();
  })();
  const reading = (async () => {
    for await (const part of stream.readable as unknown as AsyncIterable<Uint8Array>) parts.push(part);
  })();
  await Promise.all([writing, reading]);
  return parts;
}

function* cut(bytes: Uint8Array, sizes: readonly number[]): Generator<Uint8Array> {
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const end = Math.min(bytes.length, at + (sizes[i % sizes.length] ?? bytes.length));
    // A copy of its own: what is kept of a chunk must not be a view of it.
    const chunk = bytes.slice(at, end);
    yield chunk;
    chunk.fill(0x55);
    at = end;
  }
}

const failureOf = (promise: Promise<unknown>): Promise<Error> =>
  promise.then(
    () => Promise.reject(new Error('it did not fail')),
    (error) => error,
  );

const CODINGS: Record<StreamFormat, (EncoderStreamInit<'jpeg'> & EncoderStreamInit<'png'>)[] | object[]> = {
  jpeg: [
    { effort: 'fast' },
    { effort: 'balanced', chromaSubsampling: '4:4:4' },
    { progressive: true, background: [10, 200, 30] },
    { effort: 'fast', restartInterval: 1, chromaSubsampling: '4:2:2' },
    { effort: 'smallest' },
  ],
  // With reduction `encode` looks at all pixels first, which a stream cannot; without, at some strips, where there are several.
  png: [{ reduce: false }, { reduce: false, effort: 'fast' }, { reduce: false, interlaced: true }],
};

describe.each(['jpeg', 'png'] as const)('%s', (format) => {
  test('the bytes are those of encode, for any chunking of rows of any pixel format', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          width: fc.integer({ min: 1, max: 70 }),
          height: fc.integer({ min: 1, max: 70 }),
          // Of indices it looks which are used in any case.
          pixelFormat: fc.constantFrom(
            ...PIXEL_FORMATS.filter((pixelFormat) => format !== 'png' || pixelFormat !== 'indexed8'),
          ),
          padding: fc.integer({ min: 0, max: 9 }),
          premultiplied: fc.boolean(),
          options: fc.constantFrom(...(CODINGS[format] as JpegEncodeOptions[])),
          seed: fc.integer({ min: 1, max: 1000 }),
        }),
        fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1, maxLength: 12 }),
        async ({ width, height, pixelFormat, padding, premultiplied, options, seed }, sizes) => {
          const strideBytes = rowBytes(pixelFormat, width) + padding;
          const data = Uint8Array.from({ length: strideBytes * height }, (_, i) => (i * seed) >> (seed % 5));
          const palette =
            pixelFormat === 'indexed8'
              ? Array.from({ length: 256 }, (_, i) => [i, 255 - i, (i * seed) & 255, (i * 3) & 255])
              : undefined;
          const image: RawImage = { data, width, height, pixelFormat, strideBytes, premultiplied, palette };
          const expected = await encode(image, format, options);
          const { data: _, ...layout } = image;
          const init = { ...layout, pixelFormat, ...options };
          const parts = await through(new EncoderStream(format, init), cut(data, sizes));
          expect(Buffer.compare(Buffer.concat(parts), expected)).toBe(0);
        },
      ),
      { numRuns: 250 },
    );
  });

  test('too few and too many rows error both ends', async () => {
    const init = { width: 10, height: 4, pixelFormat: 'rgb8' } as const;
    for (const length of [0, 119, 121, 150]) {
      const stream = new EncoderStream(format, init);
      const error = await failureOf(through(stream, [new Uint8Array(length)]));
      expect(error).toBeInstanceOf(RangeError);
      expect(error.message).toMatch(`120 bytes (4 rows of 10 pixels of rgb8)`);
      await expect(stream.readable.getReader().read()).rejects.toBe(error);
    }
  });

  test('a chunk that is no bytes is told', async () => {
    const stream = new EncoderStream(format, { width: 1, height: 1, pixelFormat: 'gray8' });
    const error = await failureOf(through(stream, ['x'] as unknown as Uint8Array[]));
    expect(error).toBeInstanceOf(TypeError);
  });

  test('words and whole buffers do as chunks', async () => {
    const data = Uint16Array.from({ length: 12 }, (_, i) => i * 5000);
    const expected = await encode({ data, width: 4, height: 3 }, format);
    for (const chunks of [[data], [data.buffer], [data.subarray(0, 5), data.subarray(5)]]) {
      const stream = new EncoderStream(format, { width: 4, height: 3, pixelFormat: 'gray16' });
      const parts = await through(stream, chunks as unknown as Uint8Array[]);
      expect(Buffer.compare(Buffer.concat(parts), expected)).toBe(0);
    }
  });

  test('an abort errors both ends at once with its reason', async () => {
    const controller = new AbortController();
    const { signal } = controller;
    const stream = new EncoderStream(format, { width: 100, height: 100, pixelFormat: 'gray8', signal });
    const writer = stream.writable.getWriter();
    const reading = failureOf(stream.readable.getReader().read());
    await writer.write(new Uint8Array(500));
    const reason = new Error('enough');
    controller.abort(reason);
    expect(await reading).toBe(reason);
    expect(await failureOf(writer.write(new Uint8Array(500)))).toBe(reason);
  });

  test('a stream that was cancelled takes nothing more', async () => {
    const stream = new EncoderStream(format, { width: 100, height: 100, pixelFormat: 'gray8' });
    const writer = stream.writable.getWriter();
    const writing = writer.write(new Uint8Array(500));
    await stream.readable.cancel('not needed');
    await writing.catch(() => {});
    await expect(writer.write(new Uint8Array(500))).rejects.toBe('not needed');
  });

  test('is a TransformStream', () => {
    const stream = new EncoderStream(format, { width: 1, height: 1, pixelFormat: 'gray8' });
    expect(stream).toBeInstanceOf(TransformStream);
  });
});

describe('the constructor throws', () => {
  const init = { width: 4, height: 4, pixelFormat: 'rgb8' } as const;
  test.each([
    ['an unknown format', TypeError, () => new EncoderStream(7 as unknown as 'png', init)],
    ['a format without rows', RangeError, () => new EncoderStream('webp' as unknown as 'png', init)],
    ['no description', TypeError, () => new EncoderStream('jpeg', undefined as never)],
    ['no width', TypeError, () => new EncoderStream('jpeg', { ...init, width: undefined as never })],
    ['a fraction of a row', RangeError, () => new EncoderStream('jpeg', { ...init, height: 1.5 })],
    [
      'no pixel format',
      TypeError,
      () => new EncoderStream('jpeg', { ...init, pixelFormat: undefined as never }),
    ],
    [
      'an unknown one',
      RangeError,
      () => new EncoderStream('jpeg', { ...init, pixelFormat: 'rgb9' as never }),
    ],
    ['a stride below the row', RangeError, () => new EncoderStream('jpeg', { ...init, strideBytes: 11 })],
    ['a palette of nothing', RangeError, () => new EncoderStream('jpeg', { ...init, palette: [[0, 0, 0]] })],
    ['no palette', TypeError, () => new EncoderStream('jpeg', { ...init, pixelFormat: 'indexed8' })],
    ['an unknown option', TypeError, () => new EncoderStream('jpeg', { ...init, qualtiy: 80 } as never)],
    ['an option out of range', RangeError, () => new EncoderStream('jpeg', { ...init, quality: 101 })],
    ['the data of the image', TypeError, () => new EncoderStream('jpeg', { ...init, data: [] } as never)],
  ] as const)('at %s', (_, type, make) => {
    expect(make).toThrow(type);
  });

  test('LIMIT_EXCEEDED for an image over the limits', () => {
    const limits = { maxSide: 3 };
    expect(() => new EncoderStream('jpeg', { ...init, limits })).toThrow(
      expect.objectContaining({ code: 'LIMIT_EXCEEDED' } satisfies Partial<CodecError>),
    );
  });

  test("the signal's reason where it was aborted before", () => {
    const reason = new Error('enough');
    expect(() => new EncoderStream('jpeg', { ...init, signal: AbortSignal.abort(reason) })).toThrow(reason);
  });
});
