import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import ts from 'typescript';
import { beforeAll, describe, expect, it } from 'vitest';
import * as library from '../src/index.js';

/** What is documented for use, and what for types. A change here is a change of the public API. */
const VALUES = [
  'CodecError',
  'EncoderStream',
  'decode',
  'encode',
  'probe',
  'toBase64',
  'toBlob',
  'toDataURL',
  'toFile',
  'toObjectURL',
  'toStream',
  'transcode',
];
const TYPES = [
  'CallOptions',
  'CanvasSource',
  'CodecErrorCode',
  'CompressedFormat',
  'DecodeOptions',
  'DecodedImage',
  'Effort',
  'EncodeFormat',
  'EncodeOptions',
  'EncodeOptionsByFormat',
  'EncodedBytes',
  'EncoderStreamInit',
  'ImageFormat',
  'ImageInfo',
  'ImageSource',
  'JpegEncodeOptions',
  'JpegQuantTables',
  'Limits',
  'Metadata',
  'ObjectURL',
  'Palette',
  'PixelFormat',
  'PngEncodeOptions',
  'ProbeFormat',
  'RawEncodeOptions',
  'RawImage',
  'Rgb',
  'StreamFormat',
  'TranscodeOptions',
  'WebpEncodeOptions',
];

/** Names that a file of bare re-exports exports. */
function exportedNames(file: URL): { values: string[]; types: string[] } {
  const source = ts.createSourceFile('index.ts', readFileSync(file, 'utf8'), ts.ScriptTarget.ES2022);
  const values: string[] = [];
  const types: string[] = [];
  for (const statement of source.statements) {
    const clause = ts.isExportDeclaration(statement) ? statement.exportClause : undefined;
    if (!ts.isExportDeclaration(statement) || !clause || !ts.isNamedExports(clause)) {
      throw new Error(`not a list of exports: ${source.text.slice(statement.pos, statement.end)}`);
    }
    for (const { name, isTypeOnly } of clause.elements) {
      (statement.isTypeOnly || isTypeOnly ? types : values).push(name.text);
    }
  }
  return { values: values.sort(), types: types.sort() };
}

describe('the exports', () => {
  it('are those that are documented', () => {
    expect(Object.keys(library).sort()).toEqual(VALUES);
    expect(exportedNames(new URL('../src/index.ts', import.meta.url))).toEqual({
      values: VALUES,
      types: TYPES,
    });
  });
});

const dist = new URL('../dist/index.node.js', import.meta.url);

async function node(...args: string[]): Promise<{ stdout: string; stderr: string }> {
  return promisify(execFile)(process.execPath, args, { env: { ...process.env, NODE_OPTIONS: '' } });
}

/** What is seen of a process that first imports the package and then encodes. */
interface Seen {
  /** JavaScript files that were loaded. */
  modules: string[];
  /** Calls that compile, instantiate or validate WebAssembly. */
  wasm: string[];
  /** Files of WebAssembly, or of its base64, that were read. */
  files: string[];
  /** Globals that were not there before. */
  globals: string[];
}

/** Watches the import, then a call as a control: what is not seen there would not have been seen before. */
const WATCHER = `
import fs from 'node:fs';
import { register, syncBuiltinESMExports } from 'node:module';
import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads';

const { port1, port2 } = new MessageChannel();
const hooks = 'let port; export const initialize = (given) => { port = given; };' +
  'export const load = (url, context, next) => { port.postMessage(url); return next(url, context); };';
register('data:text/javascript,' + encodeURIComponent(hooks), { data: port2, transferList: [port2] });

const wasm = [];
const files = [];
for (const name of ['compile', 'instantiate', 'validate', 'compileStreaming', 'instantiateStreaming']) {
  const original = WebAssembly[name];
  if (original) WebAssembly[name] = (...args) => { wasm.push(name); return original(...args); };
}
for (const name of ['Module', 'Instance', 'Memory']) {
  WebAssembly[name] = new Proxy(WebAssembly[name], {
    construct(target, args) { wasm.push(name); return Reflect.construct(target, args); },
  });
}
for (const [owner, names] of [
  [fs, ['readFile', 'readFileSync', 'open', 'openSync', 'createReadStream']],
  [fs.promises, ['readFile', 'open']],
]) {
  for (const name of names) {
    const original = owner[name];
    owner[name] = (path, ...rest) => { files.push(String(path)); return original(path, ...rest); };
  }
}
syncBuiltinESMExports();
const globals = new Set(Reflect.ownKeys(globalThis));
const look = () => {
  const modules = [];
  for (let found; (found = receiveMessageOnPort(port1)); ) modules.push(found.message);
  return {
    modules,
    wasm: wasm.splice(0),
    files: files.splice(0).filter((path) => path.includes('wasm')),
    globals: Reflect.ownKeys(globalThis).filter((key) => !globals.has(key)).map(String),
  };
};
const { encode } = await import(process.argv[1]);
const imported = look();
const png = await encode({ data: new Uint8Array(12), width: 2, height: 2 }, 'png');
process.stdout.write(JSON.stringify({ imported, encoded: look(), length: png.length }));
port1.close();
`;

/** Words that stand only in the JavaScript of a codec, or of a kernel. */
const MARKS = {
  png: '__wbindgen_malloc',
  jpeg: 'trellis_loops',
  webp: 'use_sharp_yuv',
  glue: '_embind_register',
  pixels: 'pixels_convert',
};

/** Which of the marks the files have. */
function marksOf(modules: readonly string[]): string[] {
  const texts = modules
    .filter((url) => url.startsWith('file:'))
    .map((url) => readFileSync(fileURLToPath(url), 'utf8'));
  return Object.entries(MARKS).flatMap(([name, mark]) =>
    texts.some((text) => text.includes(mark)) ? [name] : [],
  );
}

describe('the built package', () => {
  let imported: Seen;
  let encoded: Seen;
  beforeAll(async () => {
    if (!existsSync(dist))
      throw new Error('dist is missing: build the package before this test (npm run build)');
    const { stdout, stderr } = await node('--input-type=module', '--eval', WATCHER, dist.href);
    expect(stderr).toBe('');
    const seen = JSON.parse(stdout) as { imported: Seen; encoded: Seen; length: number };
    ({ imported, encoded } = seen);
    expect(seen.length).toBeGreaterThan(60);
  });

  it('reads and compiles no WebAssembly when it is imported', () => {
    expect(imported.files).toEqual([]);
    expect(imported.wasm).toEqual([]);
    expect(imported.modules.filter((url) => /wasm|inline/.test(url))).toEqual([]);
    expect(encoded.files.map((file) => file.replace(/.*\//, ''))).toEqual(['png.wasm']);
    expect(encoded.wasm).toContain('compile');
  });

  it('loads the JavaScript of no codec when it is imported, and of one when that is called', () => {
    expect(imported.modules).toContain(dist.href);
    // The binding of the pixel conversion is what codecs share.
    expect(marksOf(imported.modules)).toEqual(['pixels']);
    expect(marksOf(encoded.modules)).toEqual(['png']);
  });

  it('is imported from two files, as each takes time to open', () => {
    expect(imported.modules.filter((url) => url.startsWith('file:'))).toHaveLength(2);
  });

  it('has one state and one class of errors under all entries', async () => {
    const script = `
      const { CodecError, encode } = await import(process.argv[1]);
      const png = await import(new URL('png.node.js', process.argv[1]));
      let compiled = 0;
      const { compile } = WebAssembly;
      WebAssembly.compile = (bytes) => { compiled++; return compile(bytes); };
      const image = { data: new Uint8Array(12), width: 2, height: 2 };
      await png.encodePng(image);
      await encode(image, 'png');
      console.log(png.CodecError === CodecError, compiled);
    `;
    const { stdout } = await node('--input-type=module', '--eval', script, dist.href);
    expect(stdout.trim()).toBe('true 1');
  });

  it('loads no JavaScript of others but of Node', () => {
    const folder = new URL('.', dist).href;
    const foreign = [...imported.modules, ...encoded.modules].filter(
      (url) => !url.startsWith(folder) && !url.startsWith('node:'),
    );
    expect(foreign).toEqual([]);
  });

  it('sets no globals', () => {
    expect(imported.globals).toEqual([]);
    expect(encoded.globals).toEqual([]);
  });

  it('has the same exports', async () => {
    const script = 'console.log(Object.keys(await import(process.argv[1])).sort().join())';
    const { stdout } = await node('--input-type=module', '--eval', script, dist.href);
    expect(stdout.trim().split(',')).toEqual(VALUES);
  });

  it('can be required', async () => {
    const script = `
      const { encode, probe } = require(process.argv[1]);
      encode({ data: new Uint8Array(16), width: 2, height: 2 }, 'webp').then((bytes) => console.log(probe(bytes).format));
    `;
    const { stdout } = await node('--input-type=commonjs', '--eval', script, fileURLToPath(dist));
    expect(stdout.trim()).toBe('webp');
  });
});
