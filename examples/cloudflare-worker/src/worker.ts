import { CodecError, encode, transcode } from 'pixbytes';
import { drawAvatar } from './avatar.js';

/** What fits into the 128 MB of a Worker beside everything else. */
const LIMITS = { maxPixels: 4_000_000, maxMemoryBytes: 64 * 1024 * 1024 };
const MAX_UPLOAD_BYTES = 8 * 1024 * 1024;

function image(bytes: Uint8Array<ArrayBuffer>, type: string, headers: Record<string, string>): Response {
  return new Response(bytes, { headers: { 'Content-Type': type, ...headers } });
}

/** GET /avatar?seed=…: WebP for those who accept it, PNG for all others. */
async function avatar(url: URL, accept: string): Promise<Response> {
  const pixels = await drawAvatar(url.searchParams.get('seed') ?? '');
  const headers = { 'Cache-Control': 'public, max-age=31536000, immutable', Vary: 'Accept' };
  return accept.includes('image/webp')
    ? image(await encode(pixels, 'webp', { lossless: true }), 'image/webp', headers)
    : image(await encode(pixels, 'png'), 'image/png', headers);
}

/** POST /?quality=…: a PNG, JPEG or WebP in, a WebP out. */
async function shrink(url: URL, request: Request): Promise<Response> {
  if (Number(request.headers.get('Content-Length')) > MAX_UPLOAD_BYTES) {
    return new Response('The file is too large\n', { status: 413 });
  }
  const quality = Number(url.searchParams.get('quality') ?? 75);
  const webp = await transcode(await request.arrayBuffer(), 'webp', { quality, limits: LIMITS });
  return image(webp, 'image/webp', { 'Cache-Control': 'no-store' });
}

/** The answer to whoever caused an error: 413 for too large, 415 for a file that is none of ours, 400 for a wrong parameter. */
function refusal(error: unknown): Response {
  if (error instanceof RangeError) return new Response(`${error.message}\n`, { status: 400 });
  if (!(error instanceof CodecError)) throw error;
  const status = error.code === 'LIMIT_EXCEEDED' ? 413 : error.code === 'WASM_LOAD_FAILED' ? 500 : 415;
  return new Response(`${error.code}: ${error.message}\n`, { status });
}

export default {
  async fetch(request: Request): Promise<Response> {
    const url = new URL(request.url);
    try {
      if (request.method === 'POST' && url.pathname === '/') return await shrink(url, request);
      if (request.method === 'GET' && url.pathname === '/avatar') {
        return await avatar(url, request.headers.get('Accept') ?? '');
      }
    } catch (error) {
      return refusal(error);
    }
    return new Response('GET /avatar?seed=… or POST an image to /\n', { status: 404 });
  },
};
