import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
const here = dirname(fileURLToPath(import.meta.url));

/** The program of a package that is installed here. */
const binary = (name, path) => join(dirname(require.resolve(`${name}/package.json`)), path);

/** Programs that the runtime runs by itself, in the project. */
const programs = (...start) => [
  [...start, 'node/esm.mjs'],
  [...start, 'node/require.cjs'],
  [...start, 'node/files.mjs'],
];

/** A program for Node that starts the runtime, from here: the project has none of the tools. */
const driver = (path, project) => [[process.execPath, join(here, path), project]];

/**
 * The matrix: by name, what to start, each a process of its own in the project. All print reports. The first process of `node` gives the
 * reference.
 *
 * @type {Record<string, (project: string) => string[][]>}
 */
export const RUNTIMES = {
  node: () => programs(process.execPath),
  node24: () => programs(binary('node', 'bin/node')),
  bun: () => programs(binary('bun', 'bin/bun.exe')),
  // Without leave to read files, the last one: the WebAssembly comes from JavaScript then.
  deno: () => [
    ...programs(binary('deno', 'deno'), 'run', '--allow-all'),
    [binary('deno', 'deno'), 'run', '--no-prompt', 'node/esm.mjs'],
  ],
  workerd: (project) => driver('workerd/run.mjs', project),
  chromium: (project) => [
    ...driver('chromium/run.mjs', project),
    ...driver('chromium/pool-run.mjs', project),
  ],
  bundled: (project) => driver('bundled/run.mjs', project),
  example: (project) => driver('example/run.mjs', project),
};
