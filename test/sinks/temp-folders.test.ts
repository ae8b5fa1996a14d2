import { type ChildProcess, spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import process from 'node:process';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toTempFile } from '../../src/node.js';
import { removeFolder, removeFolderSync } from '../../src/sinks/temp-folders.js';
import { SAMPLES } from './samples.js';

const posix = process.platform !== 'win32';
const root = new URL('../../src/', import.meta.url);

/** A folder with the compiled modules, the scripts of the tests and their temporary files. */
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'pixbytes-test-'));
  mkdirSync(join(folder, 'src/sinks'), { recursive: true });
  mkdirSync(join(folder, 'temporary'));
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  const names = ['', 'sinks/'].flatMap((part) => readdirSync(new URL(part, root)).map((name) => part + name));
  for (const name of names.filter((name) => name.endsWith('.ts'))) {
    const compilerOptions = { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext };
    const { outputText } = ts.transpileModule(readFileSync(new URL(name, root), 'utf8'), { compilerOptions });
    writeFileSync(join(folder, 'src', name.replace(/ts$/, 'js')), outputText);
  }
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

interface End {
  code: number | null;
  signal: NodeJS.Signals | null;
  /** The lines that the script printed. */
  lines: string[];
}

/**
 * Runs a script that has `toTempFile`, `withTempFile`, `bytes` and `say(line)`; `onLine` sees each line at once.
 */
async function run(script: string, onLine?: (line: string, child: ChildProcess) => void): Promise<End> {
  const head = `
    import { existsSync, statSync, writeSync } from 'node:fs';
    import { dirname } from 'node:path';
    import { toTempFile, withTempFile } from './src/node.js';
    const bytes = Uint8Array.from(${JSON.stringify([...SAMPLES.png.bytes])});
    const say = (line) => writeSync(1, line + '\\n');
    const forever = () => setInterval(() => {}, 1000);
  `;
  const file = join(folder, `script-${Math.random().toString(36).slice(2)}.mjs`);
  writeFileSync(file, head + script);
  const temporary = join(folder, 'temporary');
  const env = { ...process.env, TMPDIR: temporary, TEMP: temporary, TMP: temporary };
  const child = spawn(process.execPath, [file], { env, stdio: ['ignore', 'pipe', 'ignore'] });
  const lines: string[] = [];
  let rest = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const parts = (rest + text).split('\n');
    rest = parts.pop()!;
    for (const line of parts) {
      lines.push(line);
      onLine?.(line, child);
    }
  });
  const deadline = setTimeout(() => child.kill('SIGKILL'), 20_000);
  return new Promise((resolve) => {
    child.on('close', (code, signal) => {
      clearTimeout(deadline);
      resolve({ code, signal, lines });
    });
  });
}

/** Sends the signal when the script says `ready`. */
const send = (signal: NodeJS.Signals) => (line: string, child: ChildProcess) => {
  if (line === 'ready') child.kill(signal);
};

/** That the script wrote a file, whose path is its first line, and that nothing is left of it. */
function expectRemoved({ lines }: End): void {
  expect(lines[0]).toMatch(/image\.png$/);
  expect(lines[1]).toBe('there');
  expect(existsSync(dirname(lines[0]!))).toBe(false);
}

const make = (options = '{}') => `
  const file = await toTempFile(bytes, ${options});
  say(file.path);
  say(existsSync(file.path) ? 'there' : 'not there');
`;

describe('a temporary file that nobody disposes of', () => {
  it('is removed when the process ends by itself', async () => {
    const end = await run(make());
    expectRemoved(end);
    expect(end.code).toBe(0);
  });

  it('is removed by process.exit', async () => {
    const end = await run(`${make()} process.exit(3);`);
    expectRemoved(end);
    expect(end.code).toBe(3);
  });

  it('is removed by process.exit within the function that uses it', async () => {
    const end = await run(`
      await withTempFile(bytes, (path) => {
        say(path);
        say(existsSync(path) ? 'there' : 'not there');
        process.exit(3);
      });
    `);
    expectRemoved(end);
    expect(end.code).toBe(3);
  });

  it.each([
    ['error', "setTimeout(() => { throw new Error('uncaught'); }, 5);"],
    ['rejection', "Promise.reject(new Error('unhandled')); forever();"],
  ])('is removed by an uncaught %s', async (_, fail) => {
    const end = await run(make() + fail);
    expectRemoved(end);
    expect(end.code).toBe(1);
  });

  it('is removed with all others, and their folders', async () => {
    const end = await run(`${make()} for (let i = 0; i < 20; i++) say((await toTempFile(bytes)).path);`);
    expectRemoved(end);
    expect(end.lines).toHaveLength(22);
    expect(end.lines.filter((line) => line !== 'there' && existsSync(dirname(line)))).toEqual([]);
  });

  it.runIf(posix)('leaves no folder where the process exits during the writing', async () => {
    const directory = mkdtempSync(join(folder, 'directory-'));
    const options = `{ directory: ${JSON.stringify(directory)} }`;
    for (const wait of ['', 'await null;', 'await new Promise(setImmediate);']) {
      const end = await run(`toTempFile(new Uint8Array(3e7), ${options}); ${wait} process.exit(0);`);
      expect(end.code).toBe(0);
      expect(readdirSync(directory)).toEqual([]);
    }
  });

  it.runIf(posix)('is private whatever the umask', async () => {
    const mode = (path: string) => `say((statSync(${path}).mode & 0o777).toString(8));`;
    const { lines } = await run(
      `process.umask(0); ${make()} ${mode('file.path')} ${mode('dirname(file.path)')}`,
    );
    expect(lines.slice(2)).toEqual(['600', '700']);
  });
});

describe.runIf(posix)('a signal', () => {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

  it.each(signals)('%s removes the files and ends the process as ever', async (signal) => {
    const end = await run(`${make()} forever(); say('ready');`, send(signal));
    expectRemoved(end);
    expect([end.code, end.signal]).toEqual([null, signal]);
  });

  it.each(signals)('%s is the program’s where it listens, before or after', async (signal) => {
    const listen = `process.on('${signal}', () => {
      setTimeout(() => {
        say(existsSync(file.path) ? 'kept' : 'lost');
        process.exit(5);
      }, 20);
    });`;
    for (const script of [`let file; ${listen} file = await toTempFile(bytes);`, `${make('{}')} ${listen}`]) {
      const end = await run(`${script} say(file.path); forever(); say('ready');`, send(signal));
      expect(end.code).toBe(5);
      expect(end.lines.at(-1)).toBe('kept');
      expect(existsSync(dirname(end.lines.at(-3)!))).toBe(false);
    }
  });

  it('is the program’s where it listens once, and ours the next time', async () => {
    const end = await run(
      `process.once('SIGINT', () => setTimeout(() => { say(existsSync(file.path) ? 'kept' : 'lost'); say('ready'); }, 20));
       ${make()} forever(); say('ready');`,
      send('SIGINT'),
    );
    expectRemoved(end);
    expect(end.lines.slice(2)).toEqual(['ready', 'kept', 'ready']);
    expect(end.signal).toBe('SIGINT');
  });

  it('still reaches a listener that raises it again only where it is alone', async () => {
    const end = await run(
      `process.on('SIGTERM', function again() {
         if (process.listeners('SIGTERM').length > 1) return say('not alone');
         process.off('SIGTERM', again);
         process.kill(process.pid, 'SIGTERM');
       });
       ${make()} forever(); say('ready');`,
      (line, child) => {
        if (line === 'ready') child.kill('SIGTERM');
        if (line === 'not alone') child.kill('SIGKILL');
      },
    );
    expect(end.signal).toBe('SIGTERM');
    rmSync(dirname(end.lines[0]!), { recursive: true, force: true });
  });

  // What the package does, and where its count is found: execa and most command-line programs load it.
  it.each([
    ['4', "Object.defineProperty(globalThis, Symbol.for('signal-exit emitter'), { value: emitter });"],
    ['3', 'process.__signal_exit_emitter__ = emitter;'],
  ])('removes the files where signal-exit %s ends the process', async (_, publish) => {
    const load = `
      const emitter = { count: 1 };
      ${publish}
      process.on('SIGINT', function again() {
        if (process.listeners('SIGINT').length > 1) return say('not alone');
        process.off('SIGINT', again);
        say('signal-exit');
        process.kill(process.pid, 'SIGINT');
      });`;
    const end = await run(`${make()} ${load} forever(); say('ready');`, (line, child) => {
      if (line === 'ready') child.kill('SIGINT');
      if (line === 'not alone') child.kill('SIGKILL');
    });
    expectRemoved(end);
    expect(end.lines.slice(2)).toEqual(['ready', 'signal-exit']);
    expect(end.signal).toBe('SIGINT');
  });

  it('is listened to only while there are files', async () => {
    const { lines } = await run(`
      const names = ['exit', 'SIGINT', 'SIGTERM', 'SIGHUP'];
      const before = names.map((name) => process.listenerCount(name));
      const count = () => say(names.map((name, i) => process.listenerCount(name) - before[i]).join(' '));
      count();
      const files = [await toTempFile(bytes), await toTempFile(bytes), await toTempFile(bytes)];
      count();
      await files[0][Symbol.asyncDispose]();
      files[1][Symbol.dispose]();
      count();
      await files[2][Symbol.asyncDispose]();
      count();
      await withTempFile(bytes, count);
      count();
    `);
    expect(lines).toEqual(['0 0 0 0', '1 1 1 1', '1 1 1 1', '0 0 0 0', '1 1 1 1', '0 0 0 0']);
  });
});

it('a folder that is not ours is never removed', async () => {
  const own = await toTempFile(SAMPLES.png.bytes, { directory: folder });
  const other = mkdtempSync(join(folder, 'other-'));
  await removeFolder(other);
  removeFolderSync(other);
  expect(existsSync(other)).toBe(true);
  own[Symbol.dispose]();
  expect(existsSync(dirname(own.path))).toBe(false);
});
