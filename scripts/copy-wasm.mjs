// Puts every module of build/wasm beside the built code: as a file, and as base64 for programs that bundle no files.
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';

await mkdir('dist/wasm', { recursive: true });
await mkdir('dist/inline', { recursive: true });
for (const file of (await readdir('build/wasm')).filter((name) => name.endsWith('.wasm'))) {
  const bytes = await readFile(`build/wasm/${file}`);
  await writeFile(`dist/wasm/${file}`, bytes);
  await writeFile(
    `dist/inline/${file.replace('.wasm', '.js')}`,
    `export default '${bytes.toString('base64')}';\n`,
  );
}
