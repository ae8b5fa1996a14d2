// A worker as Cloudflare would run it: bundled by wrangler, started in workerd by Miniflare.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Miniflare } from 'miniflare';

const require = createRequire(import.meta.url);

/**
 * Bundles a worker, without sending it anywhere.
 *
 * @param {string} config its wrangler.jsonc
 * @returns {string} the folder of the bundle
 */
export function bundleWorker(config) {
  const folder = dirname(config);
  const outdir = mkdtempSync(join(folder, 'bundle-'));
  const wrangler = require.resolve('wrangler/bin/wrangler.js');
  const args = [wrangler, 'deploy', '--dry-run', '--config', config, '--outdir', outdir];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, CI: 'true', WRANGLER_SEND_METRICS: 'false', NO_COLOR: '1' },
  });
  if (status !== 0) throw new Error(`wrangler could not bundle the worker:\n${stdout}${stderr}`);
  return outdir;
}

/** @param {string} outdir a folder that holds one script and its modules */
export function startWorker(outdir) {
  const files = readdirSync(outdir, { recursive: true });
  const script = files.find((name) => name.endsWith('.js'));
  const wasm = files.filter((name) => /\.wasm(\?module)?$/.test(name));
  return new Miniflare({
    compatibilityDate: '2026-04-01',
    modulesRoot: outdir,
    modules: [
      { type: 'ESModule', path: join(outdir, script) },
      ...wasm.map((name) => ({ type: 'CompiledWasm', path: join(outdir, name) })),
    ],
  });
}
