// Packs once and holds the tarball against publint, arethetypeswrong, what has to be in it and programs that use its types.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkTypes } from './check-types.mjs';
import { WASM_NAMES } from './wasm-modules.mjs';

/** Most bytes that the package may take once it is unpacked. */
const MAX_UNPACKED_BYTES = 2_900_000;

const WANTED = [
  'LICENSE',
  'README.md',
  'CHANGELOG.md',
  'THIRD-PARTY-NOTICES.md',
  'dist/cli.js',
  'dist/index.d.ts',
  'dist/pool-worker.js',
  'dist/pool-worker.web.js',
  ...WASM_NAMES.flatMap((name) => [`dist/wasm/${name}.wasm`, `dist/inline/${name}.js`]),
];
/** Folders that have no place in it, and those that hold nothing but what is wanted. */
const UNWANTED = /^(src|test|bench|scripts|build|wasm)\//;
const EXACT = /^dist\/(wasm|inline)\//;

/** What would have a worker of browsers look for a file beside it: bundlers copy it alone. */
const LOOK_UP = /\bimport\b|\brequire\b|\bnew URL\b|\bimportScripts\b/;

/** The modules that the code can ask for. */
function namesInCode() {
  const [, list] = /WASM_NAMES = \[([^\]]*)\]/.exec(readFileSync('src/platform/platform.ts', 'utf8'));
  return list.match(/[\w-]+/g);
}

const folder = mkdtempSync(join(tmpdir(), 'pixbytes-package-'));
try {
  const packed = execFileSync('npm', ['pack', '--json', '--pack-destination', folder], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  // The scripts that run before packing print ahead of the JSON.
  const [{ filename, files, unpackedSize, size }] = JSON.parse(packed.slice(packed.search(/^\[$/m)));
  const paths = files.map(({ path }) => path);
  const problems = [
    ...WANTED.filter((path) => !paths.includes(path)).map((path) => `${path} is missing`),
    ...paths
      .filter((path) => UNWANTED.test(path) || (EXACT.test(path) && !WANTED.includes(path)))
      .map((path) => `${path} has no place in it`),
  ];
  if (namesInCode().sort().join() !== [...WASM_NAMES].sort().join())
    problems.push(`WASM_NAMES is not the list of scripts/wasm-modules.mjs: ${WASM_NAMES.join(', ')}`);
  const [lookUp] = LOOK_UP.exec(readFileSync('dist/pool-worker.web.js', 'utf8')) ?? [];
  if (lookUp) problems.push(`dist/pool-worker.web.js is not all of it: it has ${lookUp}`);
  if (unpackedSize > MAX_UNPACKED_BYTES) problems.push(`${unpackedSize} bytes unpacked is too much`);
  const tarball = join(folder, filename);
  problems.push(...checkTypes(tarball, join(folder, 'types')));
  for (const problem of problems) process.stderr.write(`package: ${problem}\n`);
  process.stdout.write(`package: ${paths.length} files, ${size} bytes, ${unpackedSize} unpacked\n`);

  const failed = [
    ['publint', '--strict', tarball],
    ['attw', '--profile', 'esm-only', '--format', 'table-flipped', tarball],
    ['size-limit'],
  ].filter(([command, ...args]) => spawnSync('npx', [command, ...args], { stdio: 'inherit' }).status !== 0);
  if (problems.length + failed.length > 0) process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true });
}
