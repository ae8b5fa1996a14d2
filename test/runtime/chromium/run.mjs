// Runs the cases in Chromium: built by Vite, served by Vite's development server, and bundled by esbuild. The argument is the project
// that has the package installed. PIXBYTES_SCREENSHOT names a file for a picture of the page.
import { copyFileSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { build as esbuild } from 'esbuild';
import { chromium } from 'playwright-core';
import { build, createServer } from 'vite';
import { createServer as createServer7 } from 'vite7';
import { failedReport } from '../compare.mjs';
import { serve } from './serve.mjs';

const [project] = process.argv.slice(2);
const root = join(project, 'chromium');
const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
if (!existsSync(executablePath)) {
  process.stderr.write(
    `There is no Chromium at ${executablePath}: install it, on Debian by \`apt-get install chromium\`, or set CHROMIUM.\n`,
  );
  process.exit(1);
}

/** What Vite's client says, and a graphics driver that is slow in software. */
const EXPECTED = /\[vite\] connect|GL Driver Message \(OpenGL, Performance/;

const PAGE_TIMEOUT_MS = 45_000;

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

/** Each is started when the one before it is done: the development servers keep what they bundle in the same folder. */
const servers = {
  'built by Vite': () => serve(join(root, 'dist')),
  'built by Vite, wasm of unknown type': () =>
    serve(join(root, 'dist'), { '.wasm': 'application/octet-stream' }),
  'development server of Vite 7': () => develop(createServer7),
  'development server of Vite 8': () => develop(createServer),
  'bundled by esbuild': () => serve(inline),
};

const browser = await chromium.launch({
  executablePath,
  args: [
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--enable-unsafe-swiftshader',
  ],
});

/** Opens a page and waits for its reports. */
async function runPage(title, url) {
  const page = await browser.newPage();
  const printed = [];
  page.on('console', (message) => {
    // A test asks for a `blob:` URL that is gone, and the browser says so.
    if (message.location().url.startsWith('blob:')) return;
    printed.push(`console.${message.type()}: ${message.text()}`);
  });
  try {
    const reports = await new Promise((resolve, reject) => {
      page.on('pageerror', reject);
      page
        .exposeFunction('report', resolve)
        .then(() => page.goto(`${url}/index.html`))
        .catch(reject);
      setTimeout(() => reject(new Error('the page gave no report')), PAGE_TIMEOUT_MS).unref();
    });
    const screenshot = process.env.PIXBYTES_SCREENSHOT;
    if (screenshot && title === 'built by Vite') await page.screenshot({ path: screenshot, fullPage: true });
    return reports.map((report) => ({
      ...report,
      complaints: [...report.complaints, ...printed].filter((complaint) => !EXPECTED.test(complaint)),
      place: `${title}, ${report.place}`,
    }));
  } catch (error) {
    return [failedReport(title, [error, ...printed].join('\n'))];
  } finally {
    await page.close();
  }
}

try {
  for (const [title, start] of Object.entries(servers)) {
    const { url, close } = await start();
    for (const report of await runPage(title, url)) process.stdout.write(`${JSON.stringify(report)}\n`);
    await close();
  }
} finally {
  await browser.close();
}
