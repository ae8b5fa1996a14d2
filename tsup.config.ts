import { basename } from 'node:path';
import { globSync } from 'tinyglobby';
import { defineConfig } from 'tsup';
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
 * outside of what package.json names as having side effects, and bundlers would drop it.
 */
const entryImports = {
  name: 'entry-imports',
  setup(build: import('esbuild').PluginBuild) {
    build.onResolve({ filter: /\/entry\/[\w.]+\.js$/ }, ({ path }) => {
      return { path: `./${basename(path)}`, external: true };
    });
  },
};

// src/entry/png.web.ts becomes dist/png.web.js
const entries = globSync('src/entry/*.ts').map((file) => [basename(file, '.ts'), file]);

export default defineConfig({
  entry: {
    ...Object.fromEntries(entries),
    node: 'src/node.ts',
    cli: 'src/cli/main.ts',
    'cli-worker': 'src/cli/worker.ts',
  },
  outDir: 'dist',
  format: 'esm',
  target: 'es2022',
  platform: 'neutral',
  external: [/^node:/],
  splitting: true,
  clean: true,
  esbuildPlugins: [wasmImports, entryImports, esbuildGlue],
  dts: {
    // For [Symbol.dispose], which `lib: ES2022` does not have.
    banner: '/// <reference lib="esnext.disposable" />',
    entry: {
      index: 'src/index.ts',
      png: 'src/png.ts',
      jpeg: 'src/jpeg.ts',
      webp: 'src/webp.ts',
      node: 'src/node.ts',
    },
  },
});
