// Fuzzes the kernels natively, by libFuzzer under AddressSanitizer and UBSan: npm run fuzz:wasm [kernel ...] [seconds]
//
// Without a name all kernels that have a `fuzz` file are run, each for that long (60 seconds if not said). Inputs
// that reach something new are kept in build/fuzz/<kernel>/, and the next run goes on from there; an input that
// fails is kept beside that folder, and `build/fuzz/<kernel>-fuzzer <file>` runs it alone.

import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { KERNELS } from './kernels.mjs';
import { compileSanitized, findClang } from './sanitizers.mjs';

const output = fileURLToPath(new URL('../build/fuzz', import.meta.url));

/** @returns {boolean} whether it compiled and nothing was found */
function fuzz(clang, name, seconds) {
  const source = KERNELS[name]?.fuzz;
  if (source === undefined) {
    process.stderr.write(`${name}: no kernel of that name has a fuzz file in scripts/kernels.mjs\n`);
    return false;
  }
  const corpus = join(output, name);
  const program = join(output, `${name}-fuzzer`);
  mkdirSync(corpus, { recursive: true });
  // What is compared is mostly counts and costs: traced, it takes three quarters of the time and tells little.
  const flags = ['-O2', '-fsanitize=fuzzer', '-fno-sanitize-coverage=trace-cmp'];
  if (!compileSanitized(clang, source, program, flags)) return false;
  const options = [
    `-max_total_time=${seconds}`,
    '-max_len=4096',
    '-timeout=20',
    '-len_control=0',
    '-print_final_stats=1',
  ];
  options.push(`-artifact_prefix=${corpus}-`, '-verbosity=1');
  return spawnSync(program, [...options, corpus], { stdio: 'inherit' }).status === 0;
}

const named = process.argv.slice(2);
const seconds = /^\d+$/.test(named.at(-1) ?? '') ? named.pop() : '60';
const names = named.length > 0 ? named : Object.keys(KERNELS).filter((name) => KERNELS[name].fuzz);
const clang = findClang();
const failed = names.filter((name) => !fuzz(clang, name, seconds));
if (failed.length > 0) {
  process.stderr.write(`failed: ${failed.join(', ')}\n`);
  process.exit(1);
}
