// Puts every module that the package ships beside the built code: as a file, and as base64 for programs that bundle no files.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { WASM_NAMES } from './wasm-modules.mjs';

await mkdir('dist/wasm', { recursive: true });
await mkdir('dist/inline', { recursive: true });
for (const name of WASM_NAMES) {
  const bytes = await readFile(`build/wasm/${name}.wasm`);
  await writeFile(`dist/wasm/${name}.wasm`, bytes);
  await writeFile(`dist/inline/${name}.js`, `export default '${bytes.toString('base64')}';\n`);
}
