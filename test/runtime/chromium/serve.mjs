import { existsSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';

const TYPES = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.wasm': 'application/wasm',
};

/** As strict as a page can be about scripts. */
const POLICY = {
  'default-src': "'self'",
  'script-src': "'self' 'wasm-unsafe-eval'",
  'worker-src': "'self'",
  'style-src': "'unsafe-inline'",
  'img-src': 'data: blob:',
  'connect-src': "'self' blob:",
};

/** What isolates a page, so that it has shared memory. */
export const ISOLATED = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

/**
 * Serves a folder on this machine.
 *
 * @param {string} folder
 * @param {object} [options]
 * @param {Record<string, string>} [options.types] MIME types by extension, before the usual ones
 * @param {Record<string, string>} [options.headers] beside the policy; by default those that isolate
 * @param {Record<string, string>} [options.policy] directives of the Content-Security-Policy, before the usual ones
 * @param {Record<string, { status?: number, headers?: Record<string, string>, body?: string }>} [options.answers] by path, what is
 * answered other than usual
 * @returns {Promise<{ url: string, close: () => void }>}
 */
export async function serve(folder, { types = {}, headers = ISOLATED, policy = {}, answers = {} } = {}) {
  const directives = Object.entries({ ...POLICY, ...policy }).map((directive) => directive.join(' '));
  const always = { ...headers, 'Content-Security-Policy': directives.join('; ') };
  const read = (path) => {
    const file = join(folder, normalize(path));
    return existsSync(file) && statSync(file).isFile() ? readFileSync(file) : undefined;
  };
  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url, 'http://localhost').pathname);
    const type = { ...TYPES, ...types }[extname(path)] ?? 'application/octet-stream';
    const answer = answers[path] ?? {};
    const body = answer.body ?? read(path);
    response.writeHead(answer.status ?? (body === undefined ? 404 : 200), {
      ...always,
      'Content-Type': type,
      ...answer.headers,
    });
    response.end(body);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  return { url: `http://127.0.0.1:${server.address().port}`, close };
}
