import { readFile } from 'node:fs/promises';
import { basename, relative, resolve } from 'node:path';
import { globSync } from 'tinyglobby';
import { defineConfig, type Options } from 'tsup';
import { esbuildGlue } from './scripts/jsquash-glue.mjs';

/** Where the modules lie beside the built files, which all stand in one folder. */
const wasmPlaces: Record<string, (name: string) => string> = {
  'wasm-base64': (name) => `./inline/${name}.js`,
  'wasm-file': (name) => `./wasm/${name}.wasm`,
  'wasm-module': (name) => `./wasm/${name}.wasm?module`,
};

const wasmImports = {
  name: 'wasm-imports',
  setup(build: import('esbuild').PluginBuild) {
    build.onResolve({ filter: /^wasm-\w+:/ }, ({ path }) => {
      const [kind = '', name = ''] = path.split(':');
      return { path: wasmPlaces[kind]?.(name), external: true };
    });
  },
};

/**
 * Keeps each entry in its own file, also where the command line imports it: in a chunk that two files share, its one statement would be
 * outside of what package.json names as having side effects, and bundlers would drop it. A codec has a file of its own as well,
 * `codec-png.js`: in a chunk it would be one more file for a first call to open.
 */
const entryImports = {
  name: 'entry-imports',
  setup(build: import('esbuild').PluginBuild) {
    build.onResolve({ filter: /\/entry\/[\w.]+\.js$/ }, ({ path }) => {
      return { path: `./${basename(path)}`, external: true };
    });
    build.onResolve({ filter: /^\.\.?\/.*\.js$/ }, ({ path, resolveDir }) => {
      const file = relative('.', resolve(resolveDir, path)).replaceAll('\\', '/');
      return CODEC.test(file) ? { path: `./codec-${basename(path)}`, external: true } : undefined;
    });
  },
};

/** The modules of the codecs, as they are imported; and their files. */
const CODEC = /^src\/codecs\/(?:png|jpeg|webp|raw)\.js$/;
const codecs = globSync('src/codecs/{png,jpeg,webp,raw}.ts').map((file) => [
  `codec-${basename(file, '.ts')}`,
  file,
]);

/** What these files run when they are imported, themselves included: paths relative to the project. */
async function staticFiles(
  esbuild: import('esbuild').PluginBuild['esbuild'],
  ...entryPoints: string[]
): Promise<string[]> {
  const { metafile } = await esbuild.build({
    entryPoints,
    outdir: 'dist',
    bundle: true,
    format: 'esm',
    external: ['wasm-*'],
    metafile: true,
    write: false,
  });
  const found = new Set(entryPoints);
  // Goes on to what is added on the way.
  for (const file of found) {
    for (const { path, kind } of metafile.inputs[file]!.imports) {
      if (kind === 'import-statement') found.add(path);
    }
  }
  return [...found];
}

/** What entries have of their own: lists of exports and tables of modules, without any state. */
const ENTRY_PARTS = /^src\/(?:index|png|jpeg|webp|codec-entry|platform\/\w+\/[\w-]+)\.ts$/;

/**
 * Has an import of the package open two files, the entry and one chunk. Left to itself esbuild makes a chunk of each group of modules
 * that the same entries need, twenty for one import, at half a millisecond each in Node. So every file here is made to need the whole
 * core: what `encode`, `decode` and `probe` need before a codec is loaded, and what the codecs share, so that a first call opens two
 * files more. The parts of entries, a few lines, are copied to each.
 */
const fewChunks = {
  name: 'few-chunks',
  async setup(build: import('esbuild').PluginBuild) {
    const shared = ['src/codecs/codec.ts', 'src/codecs/rgba.ts', 'src/engines/kernels/strip-encoder.ts'];
    const roots = ['src/index.ts', 'src/platform/platform.ts', ...shared];
    const core = (await staticFiles(build.esbuild, ...roots)).filter((file) => !ENTRY_PARTS.test(file));
    build.onResolve({ filter: /^\.\.?\/.*\.js$/ }, ({ path, importer, resolveDir, pluginData }) => {
      const absolute = resolve(resolveDir, path.replace(/js$/, 'ts'));
      const file = relative('.', absolute).replaceAll('\\', '/');
      // Or it would be left out where nothing of it is used.
      if (core.includes(file)) return { path: absolute, sideEffects: true };
      if (!ENTRY_PARTS.test(file)) return undefined;
      const entry: string = pluginData ?? basename(importer);
      return { path: absolute, suffix: `?${entry}`, pluginData: entry };
    });
    build.onResolve({ filter: /^core$/ }, () => ({ path: 'core', namespace: 'core', sideEffects: true }));
    build.onLoad({ filter: /^core$/, namespace: 'core' }, () => {
      const imports = core.map((file) => `import './${file.replace(/ts$/, 'js')}';`);
      return { contents: imports.join('\n'), resolveDir: resolve('.') };
    });
    build.onLoad({ filter: /[\\/]src[\\/].*\.ts$/ }, async ({ path, pluginData }) => {
      if (core.includes(relative('.', path).replaceAll('\\', '/'))) return undefined;
      return { contents: `${await readFile(path, 'utf8')}\nimport 'core';\n`, loader: 'ts', pluginData };
    });
  },
};

// src/entry/png.web.ts becomes dist/png.web.js
const entries = globSync('src/entry/*.ts').map((file) => [basename(file, '.ts'), file]);

const common: Options = {
  outDir: 'dist',
  target: 'es2022',
  platform: 'neutral',
};

/**
 * The worker of browsers, in one file: a dynamic import or an address in it would be one more thing that bundlers, policies and
 * development servers can get wrong. A script, so that whatever minifies it afterwards need not know of what kind it is.
 */
const webWorker: Options = {
  ...common,
  entry: { 'pool-worker.web': 'src/pool/worker.web.ts' },
  format: 'iife',
  outExtension: () => ({ js: '.js' }),
  splitting: false,
  // Most bundlers copy it as it is.
  minify: true,
  esbuildPlugins: [esbuildGlue],
};

export default defineConfig([
  {
    ...common,
    entry: {
      ...Object.fromEntries(entries),
      ...Object.fromEntries(codecs),
      node: 'src/node.ts',
      cli: 'src/cli/main.ts',
      'pool-worker': 'src/pool/worker.node.ts',
    },
    format: 'esm',
    external: [/^node:/],
    splitting: true,
    // The other build writes its file at the same time.
    clean: Object.keys(webWorker.entry as object).map((name) => `!${name}.js`),
    esbuildPlugins: [wasmImports, entryImports, fewChunks, esbuildGlue],
    dts: {
      // For [Symbol.dispose], which `lib: ES2022` does not have.
      banner: '/// <reference lib="esnext.disposable" />',
      entry: {
        index: 'src/index.ts',
        png: 'src/png.ts',
        jpeg: 'src/jpeg.ts',
        webp: 'src/webp.ts',
        node: 'src/node.ts',
        pool: 'src/pool.ts',
      },
    },
  },
  webWorker,
]);
