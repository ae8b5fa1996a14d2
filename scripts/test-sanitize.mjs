// Compiles the kernels for this machine with AddressSanitizer and UBSan and runs their C tests: `npm run
// test:sanitize`. The same sources as in the WASM modules: wasm/common/simd.h has a portable version of every
// operation. Arguments name kernels, none means all.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { KERNELS } from './kernels.mjs';

const folder = fileURLToPath(new URL('../wasm', import.meta.url));

/** The first clang on the PATH: `clang`, or one by its version, the newest first. */
function findClang() {
  const names = ['clang', ...Array.from({ length: 17 }, (_, i) => `clang-${30 - i}`)];
  return names.find((name) => spawnSync(name, ['--version']).status === 0);
}

/** @returns {boolean} whether it compiled and its tests passed */
function testKernel(clang, name, { tests }) {
  const output = mkdtempSync(join(tmpdir(), 'pixbytes-sanitize-'));
  const inherit = { cwd: folder, stdio: 'inherit' };
  try {
    return tests.every((test, i) => {
      const program = join(output, `${name}-${i}`);
      const args = ['-std=c11', '-O1', '-g', '-Wall', '-Wextra', '-Werror', '-I.'];
      args.push('-fsanitize=address,undefined', '-fno-sanitize-recover=all', '-fno-omit-frame-pointer');
      return (
        spawnSync(clang, [...args, test, '-o', program], inherit).status === 0 &&
        spawnSync(program, [], inherit).status === 0
      );
    });
  } finally {
    rmSync(output, { recursive: true, force: true });
  }
}

const clang = findClang();
if (clang === undefined) {
  process.stderr.write(
    'test:sanitize needs clang: install it, on Debian and Ubuntu by `apt-get install clang`.\n',
  );
  process.exit(1);
}
const named = process.argv.slice(2);
const failed = (named.length > 0 ? named : Object.keys(KERNELS)).filter(
  (name) => !KERNELS[name] || !testKernel(clang, name, KERNELS[name]),
);
if (failed.length > 0) {
  process.stderr.write(`failed: ${failed.join(', ')}\n`);
  process.exit(1);
}
