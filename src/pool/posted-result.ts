import type { DecodedImage } from '../codecs/codec.js';
import type { BandFindings } from '../engines/kernels/bands.js';
import { PIXEL_LAYOUTS } from '../pixel-format.js';
import { bytesOf, viewOf } from './protocol.js';

/** What comes of work. */
export type WorkResult = Uint8Array<ArrayBuffer> | DecodedImage | BandFindings;

/** A result in parts, as what is posted has no typed arrays. */
export type PostedResult =
  | { readonly kind: 'file'; readonly bytes: DataView }
  | { readonly kind: 'image'; readonly layout: Omit<DecodedImage, 'data'>; readonly data: DataView }
  | { readonly kind: 'findings'; readonly findings: DataView; readonly carry: DataView };

/** Takes a result apart. */
export function toPostedResult(result: WorkResult): PostedResult {
  if (result instanceof Uint8Array) return { kind: 'file', bytes: viewOf(result) };
  if ('carry' in result) {
    return { kind: 'findings', findings: viewOf(result.findings), carry: viewOf(result.carry) };
  }
  const { data, ...layout } = result;
  return { kind: 'image', layout, data: viewOf(data) };
}

/** Puts a result together again. */
export function fromPostedResult(posted: PostedResult): WorkResult {
  switch (posted.kind) {
    case 'file':
      return bytesOf(posted.bytes);
    case 'findings':
      return { findings: bytesOf(posted.findings), carry: bytesOf(posted.carry) };
    case 'image': {
      const { layout, data } = posted;
      const bytes = bytesOf(data);
      const wide = PIXEL_LAYOUTS[layout.pixelFormat].sampleBits === 16;
      return {
        ...layout,
        data: wide ? new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.length / 2) : bytes,
      };
    }
  }
}
