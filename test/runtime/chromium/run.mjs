// Runs the cases in Chromium: built by Vite, served by Vite's development server, and bundled by esbuild. The argument is the project
// that has the package installed. PIXBYTES_SCREENSHOT names a file for a picture of the page.
import { copyFileSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { build as esbuild } from 'esbuild';
import { chromium } from 'playwright-core';
import { build, createServer } from 'vite';
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

const vite = { root, configFile: false, logLevel: 'silent', build: { target: 'es2022' } };
await build(vite);
const inline = join(root, 'inline');
mkdirSync(inline);
copyFileSync(join(root, 'inline.html'), join(inline, 'index.html'));
await esbuild({ entryPoints: [join(root, 'inline.mjs')], outfile: join(inline, 'inline.js'), bundle: true });

const development = await createServer({ ...vite, server: { host: '127.0.0.1' } });
await development.listen();
const servers = {
  'built by Vite': await serve(join(root, 'dist')),
  'built by Vite, wasm of unknown type': await serve(join(root, 'dist'), {
    '.wasm': 'application/octet-stream',
  }),
  'development server of Vite': {
    url: `http://127.0.0.1:${development.httpServer.address().port}`,
    close: () => development.close(),
  },
  'bundled by esbuild': await serve(inline),
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
try {
  for (const [title, { url }] of Object.entries(servers)) {
    const page = await browser.newPage();
    const complaints = [];
    page.on('console', (message) => {
      // A test asks for a `blob:` URL that is gone, and the browser says so.
      if (message.location().url.startsWith('blob:')) return;
      complaints.push(`console.${message.type()}: ${message.text()}`);
    });
    const reports = new Promise((resolve, reject) => {
      page.on('pageerror', reject);
      page
        .exposeFunction('report', resolve)
        .then(() => page.goto(`${url}/index.html`))
        .catch(reject);
    });
    for (const report of await reports) {
      const all = [...report.complaints, ...complaints].filter((complaint) => !EXPECTED.test(complaint));
      process.stdout.write(
        `${JSON.stringify({ ...report, complaints: all, place: `${title}, ${report.place}` })}\n`,
      );
    }
    const screenshot = process.env.PIXBYTES_SCREENSHOT;
    if (screenshot && title === 'built by Vite') await page.screenshot({ path: screenshot, fullPage: true });
    await page.close();
  }
} finally {
  await browser.close();
  for (const { close } of Object.values(servers)) await close();
}
