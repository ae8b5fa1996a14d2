// Runs `pixbytes/pool` in Chromium where a page or its server is not as usual, and looks whether pages stay responsive. The code is bundled
// by esbuild, which copies no files, so that what it lacks is ours to put there. The argument is the project that has the package installed.
import { cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { launch, runPage } from './browser.mjs';
import { serve } from './serve.mjs';

const [project] = process.argv.slice(2);
const root = join(project, 'chromium');
const folder = join(root, 'pool');
const installed = join(project, 'node_modules/pixbytes/dist');
const WORKER = '/pool-worker.web.js';

mkdirSync(folder);
await build({
  entryPoints: [join(root, 'pool-page.mjs')],
  outfile: join(folder, 'page.js'),
  bundle: true,
  format: 'esm',
  target: 'es2022',
});
cpSync(join(installed, WORKER), join(folder, WORKER));
cpSync(join(installed, 'wasm'), join(folder, 'wasm'), { recursive: true });

/** A page that runs the code of that address. */
const html = (script) => `<!doctype html>
<html lang="en">
  <head><meta charset="utf-8"><title>pixbytes/pool</title><link rel="icon" href="data:,"></head>
  <body><script type="module" crossorigin src="${script}"></script></body>
</html>
`;

/** Serves a page that does `what`: see pool-page.mjs. */
async function servePage(what, { answers = {}, ...options } = {}) {
  const { url, close } = await serve(folder, {
    ...options,
    answers: { '/index.html': { body: html('./page.js') }, ...answers },
  });
  return { url: `${url}/index.html?what=${what}`, close };
}

/** Serves the code from another origin than the page, whose policy allows that. @param blobs whether it allows workers by blobs, too */
async function serveApart(what, { blobs }) {
  const headers = { 'Access-Control-Allow-Origin': '*', 'Cross-Origin-Resource-Policy': 'cross-origin' };
  const code = await serve(folder, { headers });
  const page = await servePage(what, {
    answers: { '/index.html': { body: html(`${code.url}/page.js`) } },
    policy: {
      'script-src': `'self' ${code.url} 'wasm-unsafe-eval'`,
      'connect-src': `'self' ${code.url}`,
      'worker-src': blobs ? `blob: ${code.url}` : `'self' ${code.url}`,
    },
  });
  const close = () => {
    page.close();
    code.close();
  };
  return { url: page.url, close };
}

const LUCKLESS = `addEventListener('message', () => setTimeout(() => { throw new RangeError('out of luck'); }));`;

/** Each answers the worker's file in its way. */
const answerWorker = (what, answer) => () => servePage(what, { answers: { [WORKER]: answer } });

const pages = {
  'with shared memory': () => servePage('works'),
  'not isolated': () => servePage('works', { headers: {} }),
  'without Worker': () => servePage('works-in-place'),
  'code of another origin': () => serveApart('works', { blobs: true }),
  'code of another origin, no blobs': () => serveApart('is-not-loaded', { blobs: false }),
  'a policy without workers': () => servePage('is-not-loaded', { policy: { 'worker-src': "'none'" } }),
  'no file of the worker': answerWorker('is-not-loaded', { status: 404, body: '' }),
  'a worker of type HTML': answerWorker('is-not-loaded', { headers: { 'Content-Type': 'text/html' } }),
  'a worker that is not isolated': answerWorker('is-not-loaded', {
    headers: { 'Cross-Origin-Embedder-Policy': 'unsafe-none' },
  }),
  'a worker with an error': answerWorker('dies', { body: LUCKLESS }),
  'an image of 16 megapixels': () => servePage('stays-responsive'),
};

/** What the browser says, beside what the pool does, of a worker that it does not load. */
const REFUSED = /Failed to load resource|Failed to load module script|Content.Security.Policy|net::ERR/;

const browser = await launch();
try {
  for (const [title, start] of Object.entries(pages)) {
    const { url, close } = await start();
    const expected = url.endsWith('is-not-loaded') ? REFUSED : undefined;
    for (const report of await runPage(browser, title, url, { expected })) {
      process.stdout.write(`${JSON.stringify(report)}\n`);
    }
    close();
  }
} finally {
  await browser.close();
}
