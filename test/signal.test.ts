import { describe, expect, it } from 'vitest';
import { makeSamples } from './container/samples.js';
import { freshPixbytes, rejection } from './setup/fresh.js';
import { compileWasm } from './setup/wasm.js';

const samples = await makeSamples();
const image = () => ({ data: new Uint8Array(8 * 8 * 3).fill(90), width: 8, height: 8 });

type Verbs = Awaited<ReturnType<typeof freshPixbytes>>;
type Call = (verbs: Verbs, signal?: AbortSignal) => Promise<unknown>;

/** Most need two modules, so that there are steps to abort between: one converts pixels, one is the codec's. */
const CALLS: Record<string, Call> = {
  'encode to png': ({ encode }, signal) => encode(image(), 'png', { signal }),
  'encode to jpeg': ({ encode }, signal) => encode(image(), 'jpeg', { signal }),
  'encode to webp': ({ encode }, signal) => encode(image(), 'webp', { signal }),
  'decode of png': ({ decode }, signal) => decode(samples['rgb.png']!, { signal, pixelFormat: 'rgb8' }),
  'decode of jpeg': ({ decode }, signal) => decode(samples['baseline.jpg']!, { signal, pixelFormat: 'rgb8' }),
  'decode of webp': ({ decode }, signal) =>
    decode(samples['lossless.webp']!, { signal, pixelFormat: 'rgb8' }),
  'transcode to webp': ({ transcode }, signal) => transcode(samples['rgb.png']!, 'webp', { signal }),
  'transcode to raw': ({ transcode }, signal) =>
    transcode(samples['rgb.png']!, 'raw', { signal, pixelFormat: 'rgb8' }),
  'encode to raw': ({ encode }, signal) => encode(image(), 'raw', { signal, pixelFormat: 'bgr8' }),
  'transcode to jpeg': ({ transcode }, signal) => transcode(samples['lossy.webp']!, 'jpeg', { signal }),
};

describe.each(Object.entries(CALLS))('%s', (_, call) => {
  it('rejects with the reason of a signal that was aborted before, and loads nothing', async () => {
    const verbs = await freshPixbytes();
    for (const reason of [new Error('no longer wanted'), 'a string', undefined]) {
      const signal = AbortSignal.abort(reason);
      expect(await rejection(call(verbs, signal))).toBe(signal.reason);
    }
    expect(verbs.loads).toEqual([]);
    await call(verbs);
  });

  it('rejects with the reason where it is aborted while a module loads', async () => {
    // Once for each module that the call needs.
    const plain = await freshPixbytes();
    const expected = await call(plain);
    const needed = [...plain.loads];
    expect(needed.length).toBeGreaterThan(0);
    for (const name of needed) {
      const controller = new AbortController();
      const reason = new Error(`aborted while ${name} loads`);
      const verbs = await freshPixbytes({
        [name]: () => {
          controller.abort(reason);
          return compileWasm(name);
        },
      });
      expect(await rejection(call(verbs, controller.signal))).toBe(reason);
      // What it waited for is not used for it any more.
      expect(verbs.loads).toEqual(needed.slice(0, needed.indexOf(name) + 1));
      // The module is kept, and serves the next call.
      expect(await call(verbs)).toEqual(expected);
      expect(verbs.loads).toEqual(needed);
    }
  });

  it('does not listen to a signal of another call, nor after it is done', async () => {
    const verbs = await freshPixbytes();
    const controller = new AbortController();
    const [aborted, done] = [
      rejection(call(verbs, controller.signal)),
      call(verbs, new AbortController().signal),
    ];
    controller.abort(new Error('only this one'));
    expect(await aborted).toBe(controller.signal.reason);
    const expected = await done;
    const late = new AbortController();
    expect(await call(verbs, late.signal)).toEqual(expected);
    late.abort();
    expect(await call(verbs)).toEqual(expected);
  });
});
