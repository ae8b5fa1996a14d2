import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { EncodeFormat } from '../../src/formats.js';
import { WASM_NAMES } from '../../src/platform/platform.js';
import { DECODE_CASES, ENCODE_CASES, expectedError, NONSENSE, type OptionCase } from './option-tables.js';

/** `Expected <what> for <name> but received <value> of type <type>`. */
const TEMPLATE = /^Expected \S.* for \S.* but received .+ of type [A-Za-z0-9]+$/;

type Call = (options: unknown) => Promise<unknown>;

/** The library as in a fresh process, and the modules that were asked for. */
let library: typeof import('../../src/index.js');
let loads: string[];
const touched = () => [...loads, ...wasm.flatMap((spy) => spy.mock.calls.map(() => spy.getMockName()))];
const wasm = (['compile', 'instantiate', 'validate'] as const).map((name) =>
  vi.spyOn(WebAssembly, name).mockName(name),
);

beforeEach(async () => {
  vi.resetModules();
  library = await import('../../src/index.js');
  const { bindWasm } = await import('../../src/platform/platform.js');
  loads = [];
  const load = (name: string) => async () => {
    loads.push(name);
    throw new Error('this test loads nothing');
  };
  bindWasm(Object.fromEntries(WASM_NAMES.map((name) => [name, load(name)])));
  for (const spy of wasm) spy.mockClear();
});

const PIXELS = {
  data: new Uint8Array(4 * 4 * 4).fill(77),
  width: 4,
  height: 4,
  pixelFormat: 'rgba8' as const,
};
const encodeCall =
  (format: EncodeFormat): Call =>
  (options) =>
    library.encode(PIXELS, format, options as object);

const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==',
  'base64',
);

async function failure(work: Promise<unknown>): Promise<Error> {
  try {
    await work;
  } catch (error) {
    return error as Error;
  }
  throw new Error('the call succeeded, though this test loads nothing');
}

/** A mistake of the caller, told before anything is loaded. */
async function expectMistake(
  work: Promise<unknown>,
  kind: TypeErrorConstructor | RangeErrorConstructor,
  what: string,
): Promise<void> {
  const error = await failure(work);
  expect(error.message, what).toMatch(TEMPLATE);
  expect(error, what).toBeInstanceOf(kind);
  expect(touched(), what).toEqual([]);
}

/** The call went as far as to ask for WebAssembly: nothing was wrong with its arguments. */
async function expectAccepted(work: Promise<unknown>, what: string): Promise<void> {
  expect(await failure(work), what).toMatchObject({ name: 'CodecError', code: 'WASM_LOAD_FAILED' });
  expect(loads, what).not.toEqual([]);
}

function name(value: unknown): string {
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value);
}

const CALLS: readonly [string, Call, Readonly<Record<string, OptionCase>>][] = [
  ...Object.entries(ENCODE_CASES).map(
    ([format, cases]) =>
      [`encode to ${format}`, encodeCall(format as EncodeFormat), cases] satisfies (typeof CALLS)[number],
  ),
  ['decode', (options) => library.decode(PNG, options as object), DECODE_CASES],
  ...Object.entries(ENCODE_CASES).map(
    ([format, cases]) =>
      [
        `transcode to ${format}`,
        (options) => library.transcode(PNG, format as EncodeFormat, options as object),
        { ...cases, autoOrient: { kind: 'boolean', served: [true, false] } },
      ] satisfies (typeof CALLS)[number],
  ),
];

describe.each(CALLS)('%s', (verb, call, cases) => {
  const entries = Object.entries(cases);

  it('has the options of the table and no others', async () => {
    const { message } = await failure(call({ nonsense: 1 }));
    const listed = message.match(/^Expected one of (.+) for an option but received "nonsense"/)?.[1];
    const own = verb.startsWith('transcode') ? entries.filter(([key]) => key !== 'autoOrient') : entries;
    expect(listed?.split(', ').sort()).toEqual(own.map(([key]) => key).sort());
  });

  it('takes no options, none but undefined ones, and an empty object', async () => {
    await expectAccepted(call(undefined), 'undefined');
    await expectAccepted(call({}), '{}');
    await expectAccepted(call(Object.fromEntries(entries.map(([key]) => [key, undefined]))), 'all undefined');
    await expectAccepted(call({ nonsense: undefined }), 'an unknown one that is undefined');
  });

  it('refuses options that are no object', async () => {
    for (const value of [null, 5, 'fast', true, Symbol('options'), 1n, [], ['quality']]) {
      await expectMistake(call(value), TypeError, name(value));
    }
  });

  it.each(['quality ', 'Quality', 'level2', '__proto__x', 'constructor', 'toString', '0'])(
    'refuses the unknown option %j',
    async (key) => {
      await expectMistake(call({ [key]: 5 }), TypeError, key);
    },
  );

  it.each(entries)('refuses nonsense for %s', async (key, option) => {
    for (const value of NONSENSE) {
      const kind = expectedError(option, value);
      if (!kind) continue;
      await expectMistake(call({ [key]: value }), kind, `${key}: ${name(value)}`);
      expect((await failure(call({ [key]: value }))).message).toContain(` for ${key} but received `);
    }
  });

  it.each(entries)('takes, and refuses, the values of %s', async (key, option) => {
    for (const value of option.served) {
      const needed = key === 'nearLossless' ? { lossless: true } : {};
      await expectAccepted(call({ ...needed, [key]: value }), `${key}: ${name(value)}`);
      loads.length = 0;
    }
    for (const spy of wasm) spy.mockClear();
    for (const value of option.outOfRange ?? []) {
      await expectMistake(call({ [key]: value }), RangeError, `${key}: ${name(value)}`);
    }
    for (const value of option.refused ?? []) {
      const what = `${key}: ${name(value)}`;
      const error = await failure(call({ [key]: value }));
      expect(error, what).toMatchObject({ name: 'CodecError', code: 'UNSUPPORTED_FEATURE' });
      expect(error.message, what).toMatch(/^[A-Z].{20,}[^.]$/);
      expect(touched(), what).toEqual([]);
    }
  });

  it('lets no wrong value hide behind one that is refused', async () => {
    const refused = entries.find(([, option]) => option.refused);
    if (!refused) return;
    const [key, option] = refused;
    await expectMistake(call({ [key]: option.refused![0], nonsense: 5 }), TypeError, key);
    await expectMistake(call({ [key]: option.refused![0], signal: 5 }), TypeError, key);
    await expectMistake(
      call({ signal: undefined, [key]: option.refused![0], background: [] }),
      RangeError,
      key,
    );
  });

  it('rejects with the reason of a signal before anything is loaded', async () => {
    const reason = new Error('enough');
    expect(await failure(call({ signal: AbortSignal.abort(reason) }))).toBe(reason);
    expect(touched()).toEqual([]);
  });

  it('refuses what is over the limits before anything is loaded', async () => {
    for (const limits of verb === 'decode' || verb.startsWith('transcode')
      ? [{ maxMemoryBytes: 1 }]
      : [{ maxPixels: 15 }, { maxSide: 3 }, { maxMemoryBytes: 1 }]) {
      expect(await failure(call({ limits })), name(limits)).toMatchObject({ code: 'LIMIT_EXCEEDED' });
    }
    expect(touched()).toEqual([]);
  });

  it('neither changes nor needs to change the options', async () => {
    for (const [key, option] of entries) {
      const value = option.served[0];
      const options = Object.freeze({ [key]: Array.isArray(value) ? Object.freeze([...value]) : value });
      const needed = key === 'nearLossless' ? Object.freeze({ ...options, lossless: true }) : options;
      await failure(call(needed));
      expect(options).toEqual({ [key]: value });
    }
  });
});

describe('combinations', () => {
  it('of lossy and lossless WebP options that contradict each other are RangeErrors', async () => {
    const call = encodeCall('webp');
    await expectMistake(call({ nearLossless: 60, lossless: false }), RangeError, 'nearLossless');
    await expectMistake(call({ targetSize: 500, lossless: true }), RangeError, 'targetSize');
  });
});

describe.each(['png', 'jpeg', 'webp', 'raw'] as const)('the source of %s', (format) => {
  const call = (fields: object | unknown) => library.encode(fields as typeof PIXELS, format);

  it.each([undefined, null, 5, 'pixels', Symbol('source'), 1n, () => PIXELS])('is not %s', async (source) => {
    await expectMistake(call(source), TypeError, String(source));
  });

  it('is checked in every field', async () => {
    const wrong: Record<string, [unknown[], unknown[]]> = {
      data: [
        [undefined, null, {}, [1, 2], 'x', 5, { [Symbol.toStringTag]: 'ArrayBuffer', length: 64 }],
        [new Uint8Array(63)],
      ],
      width: [
        [undefined, null, '4', 4n, {}, [4]],
        [0, -4, 4.5, Number.NaN, 5],
      ],
      height: [
        [undefined, null, '4', 4n, {}, [4]],
        [0, -4, 4.5, Number.NaN, 5],
      ],
      pixelFormat: [
        [null, 5, {}, []],
        ['rgba', 'RGBA8', '__proto__'],
      ],
      strideBytes: [
        [null, '16', {}],
        [15, 0, -16, 16.5, Number.NaN, 1e6],
      ],
      premultiplied: [[null, 0, 'no', {}], []],
      palette: [[], [[[1, 2, 3]], null]],
      metadata: [[null, 5, 'icc', [], true], []],
    };
    for (const [field, [kinds, values]] of Object.entries(wrong)) {
      for (const value of kinds)
        await expectMistake(call({ ...PIXELS, [field]: value }), TypeError, `${field}: ${name(value)}`);
      for (const value of values)
        await expectMistake(call({ ...PIXELS, [field]: value }), RangeError, `${field}: ${name(value)}`);
    }
  });

  it('has a palette that is checked in every entry', async () => {
    const indexed = (palette: unknown) => call({ ...PIXELS, pixelFormat: 'indexed8', palette });
    const loop: unknown[] = [];
    loop.push(loop);
    const kinds = [
      undefined,
      null,
      5,
      'red',
      {},
      { data: [1, 2, 3], channels: 3 },
      { data: new Uint8Array(3), channels: '3' },
      [5],
      [['1', 2, 3]],
      [new Array(3)],
      [[[1], 2, 3]],
      loop,
    ];
    for (const palette of kinds) await expectMistake(indexed(palette), TypeError, 'a palette');
    const values = [
      [],
      [[1, 2]],
      [[1, 2, 256]],
      [[1, 2, -1]],
      new Array(257).fill([1, 2, 3]),
      { data: new Uint8Array(4), channels: 3 },
    ];
    for (const palette of values) await expectMistake(indexed(palette), RangeError, 'a palette');
  });

  it('is refused with metadata, which would be lost', async () => {
    const error = await failure(call({ ...PIXELS, metadata: { density: 300 } }));
    expect(error).toMatchObject({ code: 'UNSUPPORTED_FEATURE' });
    expect(touched()).toEqual([]);
    for (const metadata of [{ foo: 1 }, { icc: null }, { density: '300' }, { text: 'nobody' }]) {
      await expectMistake(call({ ...PIXELS, metadata }), TypeError, JSON.stringify(metadata));
    }
    await expectAccepted(call({ ...PIXELS, metadata: {} }), 'empty');
  });

  it('is not drawn where there is nothing to draw with', async () => {
    const canvas = { [Symbol.toStringTag]: 'HTMLCanvasElement', width: 4, height: 4 };
    expect(await failure(call(canvas))).toMatchObject({ name: 'CodecError', code: 'UNSUPPORTED_FEATURE' });
    expect(await failure(call({ ...canvas, width: 0 }))).toBeInstanceOf(RangeError);
    const closed = { [Symbol.toStringTag]: 'ImageBitmap', width: 0, height: 0 };
    expect(await failure(call(closed))).toMatchObject({ code: 'CODEC_FAILED' });
    expect(await failure(call({ ...canvas, width: 1e6 }))).toMatchObject({ code: 'LIMIT_EXCEEDED' });
  });
});

describe('other arguments', () => {
  it('format', async () => {
    for (const format of [undefined, null, 5, Symbol('png'), ['png'], {}]) {
      await expectMistake(library.encode(PIXELS, format as unknown as 'png'), TypeError, String(format));
      await expectMistake(library.transcode(PNG, format as unknown as 'png'), TypeError, String(format));
    }
    for (const format of ['', 'PNG', 'gif', 'image/png', 'constructor']) {
      await expectMistake(library.encode(PIXELS, format as 'png'), RangeError, format);
      await expectMistake(library.transcode(PNG, format as 'png'), RangeError, format);
    }
  });

  it('bytes', async () => {
    const { decodePng } = await import('../../src/png.js');
    for (const bytes of [undefined, null, 'bytes', 5, [1, 2, 3], {}, { byteLength: 4 }, Symbol('bytes')]) {
      for (const read of [
        library.decode,
        decodePng,
        (given: ArrayBuffer) => library.transcode(given, 'jpeg'),
      ]) {
        await expectMistake(read(bytes as unknown as ArrayBuffer), TypeError, String(bytes));
      }
    }
    expect(await failure(library.decode(new Uint8Array(0)))).toMatchObject({ code: 'UNKNOWN_FORMAT' });
    expect(await failure(library.decode(new TextEncoder().encode('plain text')))).toMatchObject({
      code: 'UNKNOWN_FORMAT',
    });
    expect(await failure(library.decode(Buffer.from('GIF89a....')))).toMatchObject({
      code: 'UNSUPPORTED_FEATURE',
    });
    expect(touched()).toEqual([]);
  });

  it('transcode tells of wrong options before it reads the bytes', async () => {
    const garbage = Buffer.from('garbage');
    await expectMistake(library.transcode(garbage, 'jpeg', { quality: 101 }), RangeError, 'quality');
    await expectMistake(library.transcode(garbage, 'png', { quality: 5 } as object), TypeError, 'quality');
    expect(await failure(library.transcode(garbage, 'png', { metadata: { density: 5 } }))).toMatchObject({
      code: 'UNSUPPORTED_FEATURE',
    });
    expect(await failure(library.transcode(garbage, 'png'))).toMatchObject({ code: 'UNKNOWN_FORMAT' });
  });
});
