// Runs the cases in workerd, which compiles nothing at run time: with the code for Cloudflare, and with that for other edge runtimes.
// The argument is the project that has the package installed.
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { bundleWorker, startWorker } from './miniflare.mjs';

const [project] = process.argv.slice(2);

/** As hosts with the condition `edge-light` bundle, which wrangler does not take. */
async function bundleEdge() {
  const folder = mkdtempSync(join(project, 'workerd/edge-'));
  await build({
    entryPoints: [join(project, 'workerd/worker.mjs')],
    outfile: join(folder, 'worker.js'),
    bundle: true,
    format: 'esm',
    conditions: ['edge-light'],
    external: ['*.wasm?module'],
  });
  const wasm = join(project, 'node_modules/pixbytes/dist/wasm');
  mkdirSync(join(folder, 'wasm'));
  for (const name of readdirSync(wasm))
    copyFileSync(join(wasm, name), join(folder, 'wasm', `${name}?module`));
  return folder;
}

for (const [place, bundle] of [
  ['bundled by wrangler', () => bundleWorker(join(project, 'workerd/wrangler.jsonc'))],
  ['condition edge-light', bundleEdge],
]) {
  const worker = startWorker(await bundle());
  try {
    const response = await worker.dispatchFetch('http://localhost/');
    if (!response.ok) throw new Error(await response.text());
    process.stdout.write(`${JSON.stringify({ ...(await response.json()), place })}\n`);
  } finally {
    await worker.dispose();
  }
}
