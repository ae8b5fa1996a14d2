// Runs the cases in Chromium: built by Vite, served by Vite's development server, and bundled by esbuild. The argument is the project
// that has the package installed. PIXBYTES_SCREENSHOT names a file for a picture of the page.
import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { build as esbuild } from 'esbuild';
import { build, createServer } from 'vite';
import { createServer as createServer7 } from 'vite7';
import { launch, runPage } from './browser.mjs';
import { serve } from './serve.mjs';

const [project] = process.argv.slice(2);
const root = join(project, 'chromium');
const browser = await launch();

const vite = { root, configFile: false, logLevel: 'silent', build: { target: 'es2022' } };
await build(vite);
const inline = join(root, 'inline');
mkdirSync(inline);
copyFileSync(join(root, 'inline.html'), join(inline, 'index.html'));
await esbuild({ entryPoints: [join(root, 'inline.mjs')], outfile: join(inline, 'inline.js'), bundle: true });

async function develop(create) {
  const server = await create({ ...vite, server: { host: '127.0.0.1' } });
  await server.listen();
  return { url: `http://127.0.0.1:${server.httpServer.address().port}`, close: () => server.close() };
}

const BUILT = 'built by Vite';

/** Each is started when the one before it is done: the development servers keep what they bundle in the same folder. */
const servers = {
  [BUILT]: () => serve(join(root, 'dist')),
  'built by Vite, wasm of unknown type': () =>
    serve(join(root, 'dist'), { types: { '.wasm': 'application/octet-stream' } }),
  'development server of Vite 7': () => develop(createServer7),
  'development server of Vite 8': () => develop(createServer),
  'bundled by esbuild': () => serve(inline),
};

try {
  for (const [title, start] of Object.entries(servers)) {
    const { url, close } = await start();
    const screenshot = title === BUILT ? process.env.PIXBYTES_SCREENSHOT : undefined;
    for (const report of await runPage(browser, title, `${url}/index.html`, { screenshot })) {
      process.stdout.write(`${JSON.stringify(report)}\n`);
    }
    await close();
  }
} finally {
  await browser.close();
}
