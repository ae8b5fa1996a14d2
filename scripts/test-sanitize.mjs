// Runs the C tests of the kernels under AddressSanitizer and UBSan: `npm run test:sanitize`. Arguments name
// kernels, none means all.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KERNELS } from './kernels.mjs';
import { compileSanitized, findClang } from './sanitizers.mjs';

/** @returns {boolean} whether it compiled and its tests passed */
function testKernel(clang, name, { tests }) {
  const output = mkdtempSync(join(tmpdir(), 'pixbytes-sanitize-'));
  try {
    return tests.every((test, i) => {
      const program = join(output, `${name}-${i}`);
      return (
        compileSanitized(clang, test, program) && spawnSync(program, [], { stdio: 'inherit' }).status === 0
      );
    });
  } finally {
    rmSync(output, { recursive: true, force: true });
  }
}

const clang = findClang();
const named = process.argv.slice(2);
const failed = (named.length > 0 ? named : Object.keys(KERNELS)).filter(
  (name) => !KERNELS[name] || !testKernel(clang, name, KERNELS[name]),
);
if (failed.length > 0) {
  process.stderr.write(`failed: ${failed.join(', ')}\n`);
  process.exit(1);
}
