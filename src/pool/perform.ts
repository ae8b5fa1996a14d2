import { decode } from '../decode.js';
import { encode } from '../encode.js';
import { transcode } from '../transcode.js';
import type { Work, WorkResult } from './protocol.js';

/** Does the work on this thread. */
export function perform(work: Work, signal?: AbortSignal): Promise<WorkResult> {
  const options = { ...work.options, ...(signal ? { signal } : {}) };
  switch (work.kind) {
    case 'encode':
      return encode(work.source, work.format, options);
    case 'decode':
      return decode(work.bytes, options);
    case 'transcode':
      return transcode(work.bytes, work.format, options);
  }
}
