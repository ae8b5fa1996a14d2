import type { EncodeFormat } from '../formats.js';
import type { Codec } from './codec.js';

const CODECS: { readonly [F in EncodeFormat]: () => Promise<{ codec: Codec<F> }> } = {
  png: () => import('./png.js'),
  jpeg: () => import('./jpeg.js'),
  webp: () => import('./webp.js'),
  raw: () => import('./raw.js'),
};

/** The codec of a format: the first call of a format loads its JavaScript, and nothing of any other. */
export async function loadCodec<F extends EncodeFormat>(format: F): Promise<Codec<F>> {
  return (await CODECS[format]()).codec;
}
