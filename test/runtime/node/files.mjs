// The same with `pixbytes/node`, which needs leave to write files.
import { readFile } from 'node:fs/promises';
import { check } from '../check.mjs';
import { picture } from '../pictures.mjs';

async function runFiles({ encode }) {
  const { withTempFile } = await import('pixbytes/node');
  const bytes = await encode(picture('rgba8', 16, 16), 'png');
  const path = await withTempFile(bytes, async (path) => {
    const written = await readFile(path);
    if (!path.endsWith('.png') || !written.equals(bytes)) throw new Error(`${path} holds other bytes`);
    return path;
  });
  const left = await readFile(path).then(
    () => true,
    () => false,
  );
  return { withTempFile: left ? `${path} is still there` : 'ok' };
}

const report = await check('pixbytes/node', { main: () => import('pixbytes') }, runFiles);
process.stdout.write(`${JSON.stringify(report)}\n`);
