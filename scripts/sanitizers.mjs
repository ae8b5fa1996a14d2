// Compiles C files of `wasm/` for this machine with AddressSanitizer and UBSan. The same sources as in the WASM
// modules: wasm/common/simd.h has a portable version of every operation.

import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Paths of C files are relative to it. */
export const wasmFolder = fileURLToPath(new URL('../wasm', import.meta.url));

/** The first clang on the PATH: `clang`, or one by its version, the newest first. Ends the process where there is none. */
export function findClang() {
  const names = ['clang', ...Array.from({ length: 17 }, (_, i) => `clang-${30 - i}`)];
  const clang = names.find((name) => spawnSync(name, ['--version']).status === 0);
  if (clang !== undefined) return clang;
  process.stderr.write('This needs clang: install it, on Debian and Ubuntu by `apt-get install clang`.\n');
  process.exit(1);
}

/**
 * @param {string} clang
 * @param {string} source
 * @param {string} program what becomes of it
 * @param {string[]} [flags]
 * @returns {boolean} whether it compiled
 */
export function compileSanitized(clang, source, program, flags = []) {
  const args = ['-std=c11', '-O1', '-g', '-Wall', '-Wextra', '-Werror', '-I.'];
  args.push('-fsanitize=address,undefined', '-fno-sanitize-recover=all', '-fno-omit-frame-pointer');
  const options = { cwd: wasmFolder, stdio: 'inherit' };
  return spawnSync(clang, [...args, ...flags, source, '-o', program], options).status === 0;
}
