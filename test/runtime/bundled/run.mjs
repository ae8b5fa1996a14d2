// Programs bundled by esbuild as it comes, without loaders or plugins, run in Node where no other file of the package is.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';

const [project] = process.argv.slice(2);

for (const [place, entry, options] of [
  ['pixbytes/inline', 'inline.mjs', { format: 'esm' }],
  ['pixbytes as ESM', 'server.cjs', { format: 'esm', platform: 'node' }],
  ['pixbytes as CommonJS', 'server.cjs', { platform: 'node' }],
]) {
  const folder = mkdtempSync(join(tmpdir(), 'pixbytes-bundled-'));
  try {
    const outfile = join(folder, options.format === 'esm' ? 'program.mjs' : 'program.cjs');
    const entryPoints = [join(project, 'bundled', entry)];
    const { warnings } = await build({ entryPoints, outfile, bundle: true, logLevel: 'silent', ...options });
    const { status, stdout, stderr } = spawnSync(process.execPath, [outfile], { encoding: 'utf8' });
    if (status !== 0) throw new Error(`${place} failed:\n${stderr}`);
    const report = JSON.parse(stdout);
    report.complaints.push(...warnings.map(({ text }) => `esbuild warns: ${text}`));
    process.stdout.write(`${JSON.stringify({ ...report, place })}\n`);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
