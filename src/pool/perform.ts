import { loadCodec } from '../codecs/registry.js';
import { decode } from '../decode.js';
import { encode } from '../encode.js';
import { transcode } from '../transcode.js';
import type { BandWork, Work, WorkResult } from './protocol.js';

async function bandsOf({ format }: BandWork) {
  const { bands } = await loadCodec(format);
  if (bands === undefined) throw new Error(`${format} has no bands`);
  return bands;
}

/** Does the work on this thread. */
export async function perform(work: Work, signal?: AbortSignal): Promise<WorkResult> {
  const options = { ...work.options, ...(signal ? { signal } : {}) };
  switch (work.kind) {
    case 'encode':
      return encode(work.source, work.format, options);
    case 'decode':
      return decode(work.bytes, options);
    case 'find-band':
      return (await bandsOf(work)).find(work.source, options);
    case 'write-band':
      return (await bandsOf(work)).write(work.source, work.settled, options);
    case 'transcode':
      return transcode(work.bytes, work.format, options);
  }
}
