import { existsSync, readdirSync, readFileSync } from 'node:fs';
import fs from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, extname, isAbsolute, join } from 'node:path';
import process from 'node:process';
import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type TempFileOptions, toTempFile, withTempFile } from '../../src/node.js';
import { NOT_BYTES, SAMPLES, UNKNOWN, waysToHold } from './samples.js';

const posix = process.platform !== 'win32';
const png = SAMPLES.png.bytes;
const TMPFS = 0x01021994;

const shm = await fs.statfs('/dev/shm').catch(() => undefined);
const inMemory = shm?.type === TMPFS && shm.bavail * shm.bsize > 1e8;

/** A folder of this test's own, which `options.directory` or a TMPDIR can name. */
let scratch: string;
const leftovers = () => readdirSync(scratch);

beforeEach(async () => {
  scratch = await fs.mkdtemp(join(tmpdir(), 'pixbytes-test-'));
});

afterEach(async () => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  await fs.rm(scratch, { recursive: true, force: true });
});

/** Makes `os.tmpdir()` the scratch folder. */
function useScratchAsTmpdir(): void {
  for (const name of ['TMPDIR', 'TEMP', 'TMP']) vi.stubEnv(name, scratch);
}

/** Pretends that /dev/shm is a file system of this type with this much room. */
function pretendMemory(stats: { type: number; room: number }): void {
  const bsize = 4096;
  const pretended = { type: stats.type, bsize, bavail: Math.floor(stats.room / bsize) };
  vi.spyOn(fs, 'statfs').mockResolvedValue(pretended as Awaited<ReturnType<typeof fs.statfs>>);
}

function failure(code: string): Error {
  return Object.assign(new Error(`${code}: pretended`), { code });
}

describe('toTempFile', () => {
  it.each(Object.entries(SAMPLES))('writes %s with its extension', async (_, { bytes, extension }) => {
    await using file = await toTempFile(bytes);
    expect(isAbsolute(file.path)).toBe(true);
    expect(basename(file.path)).toBe(`image.${extension}`);
    expect(readFileSync(file.path).equals(bytes)).toBe(true);
  });

  it.each([
    ['no bytes', new Uint8Array(0)],
    ['one byte', Uint8Array.of(0x89)],
    ['unknown bytes', UNKNOWN],
  ])('writes %s as .bin', async (_, bytes) => {
    await using file = await toTempFile(bytes);
    expect(basename(file.path)).toBe('image.bin');
    expect(readFileSync(file.path).equals(bytes)).toBe(true);
  });

  it.each(waysToHold(UNKNOWN))('takes %s', async (_, held) => {
    await using file = await toTempFile(held);
    expect(readFileSync(file.path).equals(UNKNOWN)).toBe(true);
  });

  it.runIf(posix)('gives nobody else access', async () => {
    await using file = await toTempFile(png);
    expect((await fs.stat(file.path)).mode & 0o777).toBe(0o600);
    expect((await fs.stat(dirname(file.path))).mode & 0o777).toBe(0o700);
  });

  it.runIf(inMemory)('keeps the file in memory', async () => {
    await using file = await toTempFile(png);
    expect(dirname(dirname(file.path))).toBe('/dev/shm');
    expect((await fs.statfs(file.path)).type).toBe(TMPFS);
  });

  it('names the file as it is told', async () => {
    const nameFor = async (options: TempFileOptions) => {
      await using file = await toTempFile(png, options);
      return basename(file.path);
    };
    expect(await nameFor({ name: 'photo' })).toBe('photo.png');
    expect(await nameFor({ name: 'photo.jpg' })).toBe('photo.jpg');
    expect(await nameFor({ extension: 'jpg' })).toBe('image.jpg');
    expect(await nameFor({ extension: '.tar.gz' })).toBe('image.tar.gz');
    expect(await nameFor({ name: 'a.PNG', extension: 'png' })).toBe('a.PNG');
    expect(await nameFor({ name: 'a.b', extension: 'png' })).toBe('a.b.png');
    expect(await nameFor({ name: '..' })).toBe('..png');
    expect(await nameFor({ name: undefined, extension: undefined, directory: undefined })).toBe('image.png');
  });

  it('writes in the folder it is told, and to an absolute path', async () => {
    await using file = await toTempFile(png, { directory: scratch });
    expect(dirname(dirname(file.path))).toBe(scratch);
    await using relative = await toTempFile(png, { directory: join('.', 'test') });
    expect(isAbsolute(relative.path)).toBe(true);
  });

  it('does not look elsewhere when it is told a folder', async () => {
    await expect(toTempFile(png, { directory: join(scratch, 'none') })).rejects.toMatchObject({
      code: 'ENOENT',
    });
  });

  it('is removed with its folder, once', async () => {
    const file = await toTempFile(png, { directory: scratch });
    await file[Symbol.asyncDispose]();
    expect(leftovers()).toEqual([]);
    // Somebody else may get the name meanwhile.
    await fs.mkdir(dirname(file.path));
    await file[Symbol.asyncDispose]();
    file[Symbol.dispose]();
    expect(leftovers()).toHaveLength(1);
  });

  it('is removed before a synchronous dispose returns', async () => {
    const file = await toTempFile(png, { directory: scratch });
    file[Symbol.dispose]();
    expect(leftovers()).toEqual([]);
    file[Symbol.dispose]();
    await file[Symbol.asyncDispose]();
  });

  it('may be disposed of twice at once, and after somebody else removed it', async () => {
    const file = await toTempFile(png, { directory: scratch });
    await Promise.all([file[Symbol.asyncDispose](), file[Symbol.asyncDispose]()]);
    const gone = await toTempFile(png, { directory: scratch });
    await fs.rm(dirname(gone.path), { recursive: true });
    await gone[Symbol.asyncDispose]();
    expect(leftovers()).toEqual([]);
  });

  it('ends with its block', async () => {
    {
      await using file = await toTempFile(png, { directory: scratch });
      expect(existsSync(file.path)).toBe(true);
    }
    {
      using file = await toTempFile(png, { directory: scratch });
      expect(existsSync(file.path)).toBe(true);
    }
    expect(leftovers()).toEqual([]);
  });

  it('serves 200 calls at once', async () => {
    const files = await Promise.all(Array.from({ length: 200 }, (_, i) => toTempFile(UNKNOWN.subarray(i))));
    expect(new Set(files.map(({ path }) => path)).size).toBe(200);
    files.forEach(({ path }, i) => {
      expect(readFileSync(path).equals(UNKNOWN.subarray(i))).toBe(true);
    });
    await Promise.all(files.map((file) => file[Symbol.asyncDispose]()));
    expect(files.filter(({ path }) => existsSync(dirname(path)))).toEqual([]);
  });
});

describe('the place of a temporary file', () => {
  const place = async (bytes: Uint8Array) => {
    await using file = await toTempFile(bytes);
    return dirname(dirname(file.path));
  };
  beforeEach(useScratchAsTmpdir);

  it('is the temporary folder where memory has no room', async () => {
    pretendMemory({ type: TMPFS, room: 96 * 1024 });
    expect(await place(UNKNOWN)).toBe(scratch);
  });

  it('is the temporary folder where /dev/shm is a disk', async () => {
    pretendMemory({ type: 0xef53, room: 1e9 });
    expect(await place(png)).toBe(scratch);
  });

  it('is the temporary folder where there is no /dev/shm', async () => {
    vi.spyOn(fs, 'statfs').mockRejectedValue(failure('ENOENT'));
    expect(await place(png)).toBe(scratch);
  });

  it.runIf(inMemory).each(['ENOSPC', 'EACCES', 'EDQUOT'])(
    'is the temporary folder after %s',
    async (code) => {
      const writeFile = fs.writeFile;
      const tried: string[] = [];
      vi.spyOn(fs, 'writeFile').mockImplementation(async (path, ...rest) => {
        tried.push(String(path));
        if (String(path).startsWith('/dev/shm')) throw failure(code);
        return writeFile(path, ...rest);
      });
      expect(await place(png)).toBe(scratch);
      expect(tried).toHaveLength(2);
      expect(existsSync(dirname(tried[0]!))).toBe(false);
    },
  );

  it('is nowhere, and nothing is left, where neither can be written', async () => {
    pretendMemory({ type: 0xef53, room: 1e9 });
    vi.spyOn(fs, 'writeFile').mockRejectedValue(failure('ENOSPC'));
    await expect(toTempFile(png)).rejects.toMatchObject({ code: 'ENOSPC' });
    expect(leftovers()).toEqual([]);
  });
});

describe('withTempFile', () => {
  it('lets sharp open a picture by its name', async () => {
    const create = { width: 37, height: 21, channels: 4 as const, background: '#4080c0' };
    const picture = await sharp({ create }).png().toBuffer();
    const { info, data } = await withTempFile(picture, async (path) => {
      expect(extname(path)).toBe('.png');
      return sharp(path).raw().toBuffer({ resolveWithObject: true });
    });
    expect([info.width, info.height]).toEqual([37, 21]);
    expect([...data.subarray(0, 4)]).toEqual([0x40, 0x80, 0xc0, 255]);
  });

  it('gives what the function gives, and removes the file', async () => {
    let seen = '';
    const result = await withTempFile(
      png,
      (path) => {
        seen = path;
        return readFileSync(path).length;
      },
      { directory: scratch },
    );
    expect(result).toBe(png.length);
    expect(dirname(dirname(seen))).toBe(scratch);
    expect(leftovers()).toEqual([]);
  });

  it('keeps the file until the promise settles', async () => {
    const result = await withTempFile(
      png,
      async (path) => {
        await new Promise((resolve) => setTimeout(resolve, 20));
        return readFileSync(path).equals(png);
      },
      { directory: scratch },
    );
    expect(result).toBe(true);
    expect(leftovers()).toEqual([]);
  });

  it.each([
    [
      'throws',
      (error: Error) => {
        throw error;
      },
    ],
    ['rejects', (error: Error) => Promise.reject(error)],
  ])('removes the file when the function %s', async (_, fail) => {
    const error = new Error('of the function');
    let there = false;
    const call = withTempFile(
      png,
      (path) => {
        there = existsSync(path);
        return fail(error);
      },
      { directory: scratch },
    );
    await expect(call).rejects.toBe(error);
    expect(there).toBe(true);
    expect(leftovers()).toEqual([]);
  });

  it('lets the function remove or replace the file', async () => {
    await withTempFile(png, (path) => fs.rm(path), { directory: scratch });
    await withTempFile(png, (path) => fs.writeFile(`${path}.more`, 'x'), { directory: scratch });
    expect(leftovers()).toEqual([]);
  });

  it('gives the result where the system refuses to remove the file', async () => {
    const rm = vi.spyOn(fs, 'rm').mockRejectedValue(failure('EBUSY'));
    expect(await withTempFile(png, () => 'done', { directory: scratch })).toBe('done');
    expect(rm).toHaveBeenCalledOnce();
  });
});

describe('an abort', () => {
  it('comes before anything is written', async () => {
    const reason = new Error('no more');
    const fn = vi.fn();
    const writeFile = vi.spyOn(fs, 'writeFile');
    const call = withTempFile(png, fn, { directory: scratch, signal: AbortSignal.abort(reason) });
    await expect(call).rejects.toBe(reason);
    expect(fn).not.toHaveBeenCalled();
    expect(writeFile).not.toHaveBeenCalled();
    expect(leftovers()).toEqual([]);
  });

  it('stops the writing, and does not write elsewhere instead', async () => {
    const reason = new Error('no more');
    const controller = new AbortController();
    const { writeFile } = fs;
    const spy = vi.spyOn(fs, 'writeFile').mockImplementation((path, data, options) => {
      const writing = writeFile(path, data as Uint8Array, options);
      controller.abort(reason);
      return writing;
    });
    await expect(toTempFile(new Uint8Array(2e6), { signal: controller.signal })).rejects.toBe(reason);
    await expect(spy.mock.results[0]!.value).rejects.toMatchObject({ name: 'AbortError' });
    expect(spy).toHaveBeenCalledOnce();
    expect(existsSync(dirname(String(spy.mock.calls[0]![0])))).toBe(false);
  });

  it('just after the writing removes the file', async () => {
    const reason = new Error('no more');
    const controller = new AbortController();
    const { writeFile } = fs;
    vi.spyOn(fs, 'writeFile').mockImplementation(async (path, data) => {
      await writeFile(path, data as Uint8Array);
      controller.abort(reason);
    });
    await expect(toTempFile(png, { directory: scratch, signal: controller.signal })).rejects.toBe(reason);
    expect(leftovers()).toEqual([]);
  });
});

describe('arguments', () => {
  const refused = async (options: unknown, kind: typeof TypeError | typeof RangeError, message: RegExp) => {
    const statfs = vi.spyOn(fs, 'statfs');
    const call = toTempFile(png, options as TempFileOptions);
    await expect(call).rejects.toThrow(message);
    await expect(call).rejects.toBeInstanceOf(kind);
    expect(statfs).not.toHaveBeenCalled();
  };

  it.each(NOT_BYTES.map((value) => [value]))('refuse %j for bytes', async (value) => {
    const message = /^Expected an ArrayBuffer or a view of one for bytes but received/;
    await expect(toTempFile(value as Uint8Array)).rejects.toThrow(message);
    await expect(withTempFile(value as Uint8Array, () => 0)).rejects.toThrow(message);
  });

  it('refuse what is no function', async () => {
    await expect(withTempFile(png, 'fn' as unknown as () => void)).rejects.toThrow(
      new TypeError('Expected a function for fn but received "fn" of type string'),
    );
  });

  it.each([
    [null, TypeError, /for options but received null/],
    ['png', TypeError, /for options but received "png"/],
    [
      { ext: 'png' },
      TypeError,
      /^Expected one of name, extension, directory, signal for an option but received "ext"/,
    ],
    [{ name: 5 }, TypeError, /for name but received 5/],
    [{ name: '' }, RangeError, /for name/],
    [{ name: '../x' }, RangeError, /for name/],
    [{ name: '..\\x' }, RangeError, /for name/],
    [{ name: 'a\0b' }, RangeError, /for name/],
    [{ name: '/etc/x', extension: 'png' }, RangeError, /for name/],
    [{ name: '', extension: 'png' }, RangeError, /for name/],
    [{ extension: 5 }, TypeError, /for extension/],
    [{ extension: '' }, RangeError, /for extension/],
    [{ extension: '.' }, RangeError, /for extension/],
    [{ extension: 'a/b' }, RangeError, /for extension/],
    [{ extension: '/../../x' }, RangeError, /for extension/],
    [{ directory: 5 }, TypeError, /for directory/],
    [{ directory: '' }, RangeError, /for directory/],
    [{ signal: {} }, TypeError, /for signal/],
    [{ signal: null }, TypeError, /for signal/],
  ] as [unknown, typeof TypeError, RegExp][])('refuse the options %j', refused);
});
