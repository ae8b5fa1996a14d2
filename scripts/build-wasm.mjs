// Compiles the kernels under wasm/ to build/wasm/<name>.wasm. Run by `npm run build:wasm`; arguments name
// kernels, none means all.
//
// The compiler is the npm package @yowasp/clang, so that `npm ci` is enough. A clang of the same major
// version that can target WASM is used instead where PIXBYTES_CLANG names it. What was built is remembered by
// a hash of sources, flags and compiler: without a change the compiler is not even loaded, which takes it 15
// seconds.

import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { KERNELS } from './kernels.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const outputFolder = join(root, 'build/wasm');

/** A mistake in a kernel or the call, to be shown without a stack. */
class BuildError extends Error {}

/** @param {string} path relative to `wasm/` */
const read = (path) => readFileSync(join(root, 'wasm', path));

/** Every file that a kernel is made of, in a fixed order: its sources and the headers they can reach. */
function inputsOf({ sources }) {
  const folders = new Set(['common', ...sources.map((source) => dirname(source))]);
  const headers = [...folders].flatMap((folder) =>
    readdirSync(join(root, 'wasm', folder))
      .filter((name) => name.endsWith('.h'))
      .map((name) => `${folder}/${name}`),
  );
  return [...sources, ...headers].sort();
}

/** The arguments behind `clang`, with sources relative to `wasm/`. */
function argumentsOf({ sources, maxPages, flags = [] }, output) {
  const memory = maxPages * 65536;
  return [
    '--target=wasm32',
    '-std=c11',
    '-O3',
    '-msimd128',
    '-mbulk-memory',
    '-ffreestanding',
    '-nostdlib',
    '-Wall',
    '-Wextra',
    '-Werror',
    '-I.',
    ...flags,
    '-Wl,--no-entry',
    '-Wl,--stack-first',
    '-Wl,-z,stack-size=16384',
    `-Wl,--max-memory=${memory}`,
    '-Wl,--strip-all',
    ...sources,
    '-o',
    output,
  ];
}

/**
 * The compiler that is there: what it calls itself, and a function that takes arguments and files and gives
 * the module.
 */
function findCompiler() {
  const packageFile = createRequire(import.meta.url)
    .resolve('@yowasp/clang')
    .replace(/gen[\\/]bundle\.js$/, 'package.json');
  const { version } = JSON.parse(readFileSync(packageFile, 'utf8'));
  const native = process.env.PIXBYTES_CLANG;
  if (native) {
    const banner = spawnSync(native, ['--version'], { encoding: 'utf8' }).stdout ?? '';
    const [, found, major] = /clang version ((\d+)\S*)/.exec(banner) ?? [];
    if (major !== version.split('.')[0]) {
      const wanted = `clang ${version.split('.')[0]}`;
      throw new BuildError(
        `PIXBYTES_CLANG is ${found ? `clang ${found}` : 'no clang'}: ${wanted} gives the released modules`,
      );
    }
    return { identity: `native ${found}`, compile: (args) => compileNatively(native, args) };
  }
  return { identity: `@yowasp/clang ${version}`, compile: compileInWasm };
}

/** @returns {Promise<{ module?: Uint8Array, messages: string }>} */
async function compileInWasm(args, files) {
  const { runClang, runLLVM } = await import('@yowasp/clang');
  await runLLVM(null, {}, { fetchProgress: () => {} }); // loads it, in silence
  const decoder = new TextDecoder();
  let messages = '';
  const collect = (bytes) => {
    if (bytes) messages += decoder.decode(bytes, { stream: true });
  };
  try {
    const options = { stdout: collect, stderr: collect, decodeASCII: false };
    const tree = await runClang(['clang', ...args], treeOf(files), options);
    return { module: tree['kernel.wasm'], messages };
  } catch (error) {
    return { messages: messages || String(error) };
  }
}

/** Files by path as the tree that the compiler's file system takes. */
function treeOf(files) {
  const tree = {};
  for (const [path, bytes] of Object.entries(files)) {
    const names = path.split('/');
    const last = names.pop();
    let folder = tree;
    for (const name of names) folder = folder[name] ??= {};
    folder[last] = bytes;
  }
  return tree;
}

async function compileNatively(clang, args) {
  const folder = mkdtempSync(join(tmpdir(), 'pixbytes-wasm-'));
  try {
    const output = join(folder, 'kernel.wasm');
    execFileSync(clang, [...args.slice(0, -1), output], { cwd: join(root, 'wasm'), stdio: 'pipe' });
    return { module: readFileSync(output), messages: '' };
  } catch (error) {
    return { messages: String(error.stderr ?? error) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Refuses what the package must not ship: imports, a memory without a bound, a module that outgrew its cap. */
function checkModule(name, bytes, { maxBytes }) {
  const imports = WebAssembly.Module.imports(new WebAssembly.Module(bytes));
  if (imports.length > 0) {
    throw new BuildError(
      `${name}: needs ${imports.map((entry) => entry.name).join(', ')}, which no kernel has`,
    );
  }
  if (bytes.length > maxBytes) {
    throw new BuildError(`${name}: ${bytes.length} bytes, over its cap of ${maxBytes} (scripts/kernels.mjs)`);
  }
}

async function build(name, compiler) {
  const kernel = KERNELS[name];
  if (!kernel) throw new BuildError(`${name}: no such kernel; there are ${Object.keys(KERNELS).join(', ')}`);
  const files = Object.fromEntries(inputsOf(kernel).map((path) => [path, read(path)]));
  const args = argumentsOf(kernel, 'kernel.wasm');
  const hash = createHash('sha256').update(JSON.stringify([compiler.identity, args]));
  for (const [path, bytes] of Object.entries(files)) hash.update(`${path} ${bytes.length}\n`).update(bytes);
  const key = hash.digest('hex');
  const output = join(outputFolder, `${name}.wasm`);
  const keyFile = join(outputFolder, `${name}.key`);
  if (existsSync(output) && existsSync(keyFile) && readFileSync(keyFile, 'utf8') === key) return 'unchanged';

  const start = performance.now();
  const { module, messages } = await compiler.compile(args, files);
  if (!module) throw new BuildError(`${name}: does not compile\n${messages.trimEnd()}`);
  checkModule(name, module, kernel);
  // The key goes first and comes last, so that an interrupted build is done again.
  rmSync(keyFile, { force: true });
  writeFileSync(`${output}.part`, module);
  renameSync(`${output}.part`, output);
  writeFileSync(keyFile, key);
  return `${module.length} bytes in ${((performance.now() - start) / 1000).toFixed(1)} s, by ${compiler.identity}`;
}

try {
  mkdirSync(outputFolder, { recursive: true });
  const compiler = findCompiler();
  const named = process.argv.slice(2);
  for (const name of named.length > 0 ? named : Object.keys(KERNELS)) {
    process.stdout.write(`${name}.wasm: ${await build(name, compiler)}\n`);
  }
} catch (error) {
  if (!(error instanceof BuildError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
