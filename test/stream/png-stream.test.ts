import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import '../setup/wasm.js';
import { EncoderStream } from '../../src/stream/encoder-stream.js';
import { expectPng } from '../codecs/lossless-judges.js';
import { pngOptions } from '../codecs/png-options.js';
import { imageShape, makeImage, random } from '../codecs/random-image.js';
import { depthOf, referenceRgba } from '../codecs/rgba-reference.js';

/** Both ends at once, as a pipe does. */
async function through(stream: EncoderStream, pieces: Iterable<Uint8Array>): Promise<Uint8Array> {
  const writer = stream.writable.getWriter();
  const writing = (async () => {
    for (const piece of pieces) await writer.write(piece);
    await writer.close();
  })();
  const parts: Uint8Array[] = [];
  for await (const part of stream.readable as unknown as AsyncIterable<Uint8Array>) parts.push(part);
  await writing;
  return Buffer.concat(parts);
}

function* cut(bytes: Uint8Array, sizes: readonly number[]): Generator<Uint8Array> {
  for (let at = 0, i = 0; at < bytes.length; at += sizes[i++ % sizes.length]!) {
    yield bytes.slice(at, at + sizes[i % sizes.length]!);
  }
}

describe('PNG by EncoderStream', () => {
  it('has exact pixels for every pixel format, layout, option and chunking', async () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 900 }), { minLength: 1, maxLength: 9 });
    await fc.assert(
      fc.asyncProperty(imageShape, pngOptions, sizes, async (shape, options, cuts) => {
        const { source, reference } = makeImage({ ...shape, kind: 'Uint8Array', trailing: 0 });
        const { data: _, ...layout } = source;
        const init = { ...layout, pixelFormat: shape.pixelFormat, ...options };
        const file = await through(new EncoderStream('png', init), cut(reference.bytes, cuts));
        const depth = depthOf(shape.pixelFormat);
        const png = await expectPng(file, referenceRgba(reference, depth), reference, depth);
        expect(png.interlaced).toBe(options.interlaced ?? false);
      }),
      { numRuns: 1000 },
    );
  });

  it('gives parts of the file before the last rows are in', async () => {
    const width = 1000;
    const stream = new EncoderStream('png', { width, height: 1000, pixelFormat: 'rgb8', effort: 'fast' });
    const writer = stream.writable.getWriter();
    const reader = stream.readable.getReader();
    const next = random(9);
    const rows = Uint8Array.from({ length: width * 3 * 100 }, () => next() >>> 24);
    let received = 0;
    const reading = (async () => {
      for (let read = await reader.read(); !read.done; read = await reader.read())
        received += read.value.length;
    })();
    for (let i = 0; i < 9; i++) await writer.write(rows);
    await new Promise((resolve) => setTimeout(resolve, 20));
    // Of noise nothing can be saved. What is left are strips and blocks on their way.
    expect(received).toBeGreaterThan(rows.length * 5);
    await writer.write(rows);
    await writer.close();
    await reading;
    expect(received).toBeGreaterThan(rows.length * 10);
  });
});
