// Packs the package, installs the tarball in an empty project and runs the same cases there in every runtime: `npm run test:runtimes`.
// Arguments name runtimes, none means all. `--keep` leaves the project for a closer look.
import { execFileSync, spawn } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { countCases, problemsOf } from '../test/runtime/compare.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const tests = join(root, 'test/runtime');
const TIMEOUT_MS = 120_000;
/** Of one process; the rest is counted. */
const MAX_PROBLEMS = 12;

const say = (line) => process.stdout.write(`${line}\n`);
const npm = (args, cwd) => execFileSync('npm', args, { cwd, stdio: ['ignore', 'ignore', 'inherit'] });

/** Installs the runtimes and bundlers where that was not done since their lockfile changed. */
function installTools() {
  const installed = join(tests, 'node_modules/.package-lock.json');
  const lockfile = join(tests, 'package-lock.json');
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(lockfile).mtimeMs) return;
  say('installing the runtimes');
  npm(['ci', '--silent', '--no-audit', '--no-fund'], tests);
}

/** An empty project with the tarball as its only dependency, and the programs to run in it. */
function createProject(folder) {
  say('packing');
  npm(['pack', '--silent', '--pack-destination', folder], root);
  const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz'));
  const project = join(folder, 'project');
  cpSync(tests, project, {
    recursive: true,
    filter: (path) => !/node_modules|package(-lock)?\.json$/.test(path),
  });
  const example = join(root, 'examples/cloudflare-worker');
  cpSync(example, join(project, 'cloudflare-worker'), {
    recursive: true,
    filter: (path) => !/node_modules/.test(path),
  });
  writeFileSync(join(project, 'package.json'), '{ "private": true }\n');
  npm(['install', '--silent', '--no-audit', '--no-fund', join(folder, tarball)], project);
  return project;
}

/** Runs a process to its end. @returns {Promise<import('../test/runtime/compare.mjs').Report[]>} */
function run([command, ...args], cwd) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, NO_COLOR: '1' },
    });
    const output = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr']) {
      child[name].setEncoding('utf8').on('data', (text) => {
        output[name] += text;
      });
    }
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      // What it started is ended by itself, and where it hangs too, by force.
      child.kill();
      setTimeout(() => child.kill('SIGKILL'), 5_000).unref();
    }, TIMEOUT_MS);
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      const { stdout, stderr } = output;
      if (late) reject(new Error(`took longer than ${TIMEOUT_MS / 1000} s`));
      else if (code !== 0) reject(new Error(stderr.trim() || `ended with ${signal ?? `code ${code}`}`));
      else if (stderr) reject(new Error(`printed: ${stderr.trim()}`));
      else resolve(stdout.trim().split('\n').map(parseReport));
    });
  }).catch((error) => {
    throw new Error(`${args.at(-1).startsWith('/') ? '' : `${args.at(-1)} `}${error.message}`);
  });
}

function parseReport(line) {
  try {
    return JSON.parse(line);
  } catch {
    throw new Error(`printed: ${line}`);
  }
}

let reference;

/** Runs the processes of a runtime and says how it went. @returns {Promise<boolean>} */
async function testRuntime(name, commands, project) {
  const started = performance.now();
  const problems = [];
  const reports = [];
  for (const command of commands) {
    try {
      reports.push(...(await run(command, project)));
    } catch (error) {
      problems.push(error.message);
    }
  }
  reference ??= reports[0];
  for (const report of reports) {
    const found = problemsOf(reference, report);
    const more = found.length > MAX_PROBLEMS ? [`and ${found.length - MAX_PROBLEMS} more`] : [];
    problems.push(
      ...[...found.slice(0, MAX_PROBLEMS), ...more].map((problem) => `${report.place}: ${problem}`),
    );
  }
  const cases = reports.reduce((sum, report) => sum + countCases(report), 0);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  const places = reports.map(({ place }) => place).join('; ');
  const verdict = problems.length === 0 ? 'ok    ' : 'failed';
  say(`${verdict} ${name.padEnd(9)} ${String(cases).padStart(4)} cases, ${seconds.padStart(4)} s  ${places}`);
  for (const problem of problems) say(`       ${problem.replaceAll('\n', '\n       ')}`);
  return problems.length === 0;
}

installTools();
// Only now, as it looks up what was installed.
const { RUNTIMES } = await import('../test/runtime/runtimes.mjs');
const named = process.argv.slice(2).filter((argument) => argument !== '--keep');
const unknown = named.filter((name) => !Object.hasOwn(RUNTIMES, name));
if (unknown.length > 0) {
  process.stderr.write(
    `No such runtime: ${unknown.join(', ')}. There are ${Object.keys(RUNTIMES).join(', ')}.\n`,
  );
  process.exit(2);
}
// Node always, and first: the others are compared with it.
const wanted = Object.keys(RUNTIMES).filter(
  (name) => name === 'node' || named.length === 0 || named.includes(name),
);
const folder = mkdtempSync(join(tmpdir(), 'pixbytes-runtimes-'));
let passed = 0;
try {
  const project = createProject(folder);
  for (const name of wanted) {
    if (await testRuntime(name, RUNTIMES[name](project), project)) passed++;
    if (reference === undefined) throw new Error('there is nothing to compare with: Node gave no report');
  }
} finally {
  if (process.argv.includes('--keep')) say(`kept ${folder}`);
  else rmSync(folder, { recursive: true });
}
say(`${passed} passed, ${wanted.length - passed} failed`);
if (passed < wanted.length) process.exitCode = 1;
