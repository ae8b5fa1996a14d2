import type { EncodeFormat } from '../formats.js';
import type { Codec } from './codec.js';
import { codeLoader } from './load-code.js';

// Marked as pure, so that bundles of one codec go without the others.
const CODECS: { readonly [F in EncodeFormat]: () => Promise<{ codec: Codec<F> }> } = {
  png: /* @__PURE__ */ codeLoader('the png codec', 'png', () => import('./png.js')),
  jpeg: /* @__PURE__ */ codeLoader('the jpeg codec', 'jpeg', () => import('./jpeg.js')),
  webp: /* @__PURE__ */ codeLoader('the webp codec', 'webp', () => import('./webp.js')),
  raw: /* @__PURE__ */ codeLoader('the raw codec', 'raw', () => import('./raw.js')),
};

/**
 * The codec of a format: the first call of a format loads its JavaScript, and nothing of any other.
 *
 * @throws CodecError `WASM_LOAD_FAILED` where it cannot be loaded: offline, or a deployment took the file away
 */
export async function loadCodec<F extends EncodeFormat>(format: F): Promise<Codec<F>> {
  return (await CODECS[format]()).codec;
}
