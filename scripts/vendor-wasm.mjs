// Gathers every WebAssembly module in build/wasm: those of jSquash, given a memory maximum and without what nothing calls, beside our
// own kernels.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import binaryen from 'binaryen';
import { JSQUASH } from './wasm-modules.mjs';

const require = createRequire(import.meta.url);

/** 2 GiB: what Emscripten's modules have, and far above what the limits let a call take. */
const MAX_PAGES = 32_768;

const MEMORY_SECTION = 5;

function readUnsigned(bytes, at) {
  let value = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = bytes[at++];
    value |= (byte & 0x7f) << shift;
    if (byte < 0x80) return { value: value >>> 0, next: at };
  }
}

function writeUnsigned(value) {
  const bytes = [];
  for (; value >= 0x80; value >>>= 7) bytes.push((value & 0x7f) | 0x80);
  return [...bytes, value];
}

/** Gives a module's memory a maximum, where it has none, and another beginning (WebAssembly core 1, sections 5.3.4 and 5.5.8). */
function limitMemory(bytes, pages) {
  for (let at = 8; at < bytes.length; ) {
    const id = bytes[at];
    const size = readUnsigned(bytes, at + 1);
    const end = size.next + size.value;
    if (id === MEMORY_SECTION) {
      const count = readUnsigned(bytes, size.next);
      if (count.value !== 1) throw new Error(`expected one memory, found ${count.value}`);
      const initial = readUnsigned(bytes, count.next + 1);
      const bounded = bytes[count.next] === 1;
      const most = bounded ? readUnsigned(bytes, initial.next).value : MAX_PAGES;
      const section = [1, 1, ...writeUnsigned(pages ?? initial.value), ...writeUnsigned(most)];
      return Buffer.concat([
        bytes.subarray(0, at),
        Buffer.from([MEMORY_SECTION, ...writeUnsigned(section.length), ...section]),
        bytes.subarray(end),
      ]);
    }
    at = end;
  }
  throw new Error('the module has no memory of its own');
}

/** Takes exports away, and all that only they can reach. */
function dropExports(bytes, names) {
  const module = binaryen.readBinary(bytes);
  for (const name of names) {
    if (module.getExport(name) === 0) throw new Error(`the module does not export ${name}`);
    module.removeExport(name);
  }
  module.runPasses(['remove-unused-module-elements']);
  const reduced = module.emitBinary();
  module.dispose();
  return reduced;
}

await mkdir('build/wasm', { recursive: true });
for (const [name, { file, without = [], pages }] of Object.entries(JSQUASH)) {
  const published = await readFile(require.resolve(file));
  const bytes = limitMemory(without.length > 0 ? dropExports(published, without) : published, pages);
  await WebAssembly.compile(bytes);
  await writeFile(`build/wasm/${name}.wasm`, bytes);
}
