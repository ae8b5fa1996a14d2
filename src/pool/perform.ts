import { loadCodec } from '../codecs/registry.js';
import { decode } from '../decode.js';
import { encode } from '../encode.js';
import type { BandSource } from '../engines/kernels/bands.js';
import { transcode } from '../transcode.js';
import type { WorkResult } from './posted-result.js';
import { type BandWork, bytesOf, type Work } from './protocol.js';

async function bandsOf({ format }: BandWork) {
  const { bands } = await loadCodec(format);
  if (bands === undefined) throw new Error(`${format} has no bands`);
  return bands;
}

const sourceOf = ({ source }: BandWork): BandSource => ({ ...source, bytes: bytesOf(source.bytes) });

/** Does the work on this thread. */
export async function perform(work: Work, signal?: AbortSignal): Promise<WorkResult> {
  const options = { ...work.options, ...(signal ? { signal } : {}) };
  switch (work.kind) {
    case 'encode':
      return encode(work.source, work.format, options);
    case 'decode':
      return decode(work.bytes, options);
    case 'find-band':
      return (await bandsOf(work)).find(sourceOf(work), options);
    case 'write-band':
      return (await bandsOf(work)).write(sourceOf(work), bytesOf(work.settled), options);
    case 'transcode':
      return transcode(work.bytes, work.format, options);
  }
}
