import { type EncodedBytes, payloadOf } from './payload.js';

/** As Node's file streams: few turns of the event loop a megabyte, little memory held by a slow reader. */
const CHUNK = 0x10000;

/**
 * Streams bytes in chunks of up to 64 kB, each a copy that its reader owns, made when it is asked for: do not change the
 * bytes until the stream is read to its end or cancelled. A byte stream (it also serves `getReader({ mode: 'byob' })`)
 * where the runtime has those.
 *
 * @throws TypeError where `bytes` is no buffer
 * @example
 * return new Response(toStream(await encode(pixels, 'png')), { headers: { 'content-type': 'image/png' } });
 */
export function toStream(bytes: EncodedBytes): ReadableStream<Uint8Array<ArrayBuffer>> {
  const payload = payloadOf(bytes);
  // Taken once: bytes that are detached while they stream are an error, not an early end.
  const { length } = payload;
  let offset = 0;
  const source = {
    // Not every Safari in use has byte streams.
    type: typeof ReadableByteStreamController === 'function' ? 'bytes' : undefined,
    pull(controller: ReadableByteStreamController) {
      if (offset < length) {
        const end = Math.min(length, offset + CHUNK);
        controller.enqueue(new Uint8Array(payload.subarray(offset, end)));
        offset = end;
        return;
      }
      // Not with the last chunk: a read that asks for more bytes than are left would fail instead of getting those.
      controller.close();
      controller.byobRequest?.respond(0);
    },
  };
  // A high-water mark of 0: nothing is copied before it is asked for.
  return new ReadableStream(source as UnderlyingByteSource, { highWaterMark: 0 }) as ReadableStream<
    Uint8Array<ArrayBuffer>
  >;
}
