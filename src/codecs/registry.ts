import type { EncodeFormat } from '../formats.js';
import type { Codec } from './codec.js';
import { loadCode } from './load-code.js';

const CODECS: { readonly [F in EncodeFormat]: () => Promise<{ codec: Codec<F> }> } = {
  png: () => import('./png.js'),
  jpeg: () => import('./jpeg.js'),
  webp: () => import('./webp.js'),
  raw: () => import('./raw.js'),
};

/**
 * The codec of a format: the first call of a format loads its JavaScript, and nothing of any other.
 *
 * @throws CodecError `WASM_LOAD_FAILED` where it cannot be loaded: offline, or a deployment took the file away
 */
export async function loadCodec<F extends EncodeFormat>(format: F): Promise<Codec<F>> {
  return (await loadCode(`the ${format} codec`, format, CODECS[format])).codec;
}
