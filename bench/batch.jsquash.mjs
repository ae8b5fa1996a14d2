// A worker of piscina that encodes by jSquash.

import { move } from 'piscina';
import { openJsquash } from './peers.mjs';

const MODULES = {
  jpeg: 'enc/mozjpeg_enc.wasm',
  png: 'pkg/squoosh_png_bg.wasm',
  webp: 'enc/webp_enc_simd.wasm',
};

const encoders = new Map();

export default async function encode({ format, pixels, options }) {
  if (!encoders.has(format)) encoders.set(format, openJsquash(format, MODULES[format]));
  const encodeBare = await encoders.get(format);
  return move(await encodeBare(pixels, options));
}
