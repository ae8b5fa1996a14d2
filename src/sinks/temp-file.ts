import { mkdtempSync } from 'node:fs';
import fs from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { wrongKind, wrongValue } from '../errors.js';
import { withExtension } from './file-name.js';
import { type EncodedBytes, extensionOf, payloadOf } from './payload.js';
import { ownFolder, removeFolder, removeFolderSync } from './temp-folders.js';

/** Options of `toTempFile` and `withTempFile`. */
export interface TempFileOptions {
  /**
   * The file's own name, for readers that show or send it on. Without an extension it gets the right one, with one it
   * stays as it is. Default `'image'`.
   */
  name?: string;
  /** What the path ends in, with or without the dot. Default: `name`'s, else that of the format the bytes announce. */
  extension?: string;
  /**
   * An existing folder to make the file's private folder in, for a reader that does not see this process's temporary
   * folders (another container, a sandbox). Default: `/dev/shm` where that is in memory and has room, else `os.tmpdir()`.
   */
  directory?: string;
  /** Stops the writing and rejects with `signal.reason`. A function that already has the path is not interrupted. */
  signal?: AbortSignal;
}

/** A file that exists until it is disposed of, or the process ends. */
export interface TempFile {
  /** Its absolute path. */
  readonly path: string;
  /** Removes the file and its folder. Further calls do nothing. */
  [Symbol.asyncDispose](): Promise<void>;
  /** The same before it returns. */
  [Symbol.dispose](): void;
}

/** linux/magic.h; what statfs(2) gives as the type of a tmpfs. */
const TMPFS_MAGIC = 0x01021994;

const MEMORY_FOLDER = '/dev/shm';

const OPTION_NAMES = ['name', 'extension', 'directory', 'signal'];

interface Plan {
  readonly payload: Uint8Array;
  readonly fileName: string;
  readonly directory: string | undefined;
  readonly signal: AbortSignal | undefined;
}

function fileNameOf(payload: Uint8Array, name: unknown, extension: unknown): string {
  const what = 'a file name without a folder';
  if (typeof name !== 'string') throw wrongKind(what, 'name', name);
  if (name === '' || /[/\\\0]/.test(name)) throw wrongValue(what, 'name', name);
  if (extension === undefined) return withExtension(name, extensionOf(payload));
  if (typeof extension !== 'string') throw wrongKind('a string', 'extension', extension);
  if (!/^\.?\w[\w.-]*$/.test(extension)) {
    throw wrongValue("letters and digits such as 'png' or '.png'", 'extension', extension);
  }
  const end = `.${extension.replace(/^\./, '')}`;
  return name.toLowerCase().endsWith(end.toLowerCase()) ? name : name + end;
}

function resolvePlan(bytes: unknown, options: unknown = {}): Plan {
  const payload = payloadOf(bytes);
  if (typeof options !== 'object' || options === null) throw wrongKind('an object', 'options', options);
  for (const key of Object.keys(options)) {
    if (!OPTION_NAMES.includes(key)) throw wrongKind(`one of ${OPTION_NAMES.join(', ')}`, 'an option', key);
  }
  const { name = 'image', extension, directory, signal } = options as Record<string, unknown>;
  const fileName = fileNameOf(payload, name, extension);
  if (directory !== undefined && typeof directory !== 'string') {
    throw wrongKind('a path', 'directory', directory);
  }
  if (directory === '') throw wrongValue('a path', 'directory', directory);
  const abort = signal as AbortSignal | null | undefined;
  if (abort !== undefined && typeof abort?.throwIfAborted !== 'function') {
    throw wrongKind('an AbortSignal', 'signal', signal);
  }
  return { payload, fileName, directory, signal: abort };
}

/** Whether files in the folder are kept in memory, and this many bytes leave as much room to others as they take. */
async function isRoomyMemory(folder: string, byteLength: number): Promise<boolean> {
  try {
    const { type, bavail, bsize } = await fs.statfs(folder);
    return type === TMPFS_MAGIC && bavail * bsize >= 2 * byteLength;
  } catch {
    return false;
  }
}

async function placesFor({ payload, directory }: Plan): Promise<string[]> {
  if (directory !== undefined) return [directory];
  return (await isRoomyMemory(MEMORY_FOLDER, payload.length)) ? [MEMORY_FOLDER, tmpdir()] : [tmpdir()];
}

async function writeIn(place: string, { payload, fileName, signal }: Plan): Promise<TempFile> {
  // At once, for the price of one system call: a process that ends meanwhile would leave a folder nobody knows of.
  // The name is random and free, the mode 0700.
  const folder = mkdtempSync(join(resolve(place), 'pixbytes-'));
  ownFolder(folder);
  const path = join(folder, fileName);
  try {
    await fs.writeFile(path, payload, { mode: 0o600, flag: 'wx', signal });
    signal?.throwIfAborted();
  } catch (error) {
    await removeFolder(folder);
    throw error;
  }
  return {
    path,
    [Symbol.asyncDispose]: () => removeFolder(folder),
    [Symbol.dispose]: () => removeFolderSync(folder),
  };
}

async function write(plan: Plan): Promise<TempFile> {
  plan.signal?.throwIfAborted();
  let failure: unknown;
  for (const place of await placesFor(plan)) {
    try {
      return await writeIn(place, plan);
    } catch (error) {
      plan.signal?.throwIfAborted();
      // Memory that is not ours to write, or was filled by others meanwhile: the next place.
      failure = error;
    }
  }
  throw failure;
}

/**
 * Writes bytes to a file for functions that only take a file name, in memory where the system has a tmpfs with room for them.
 * Such a file counts as the memory of the process's container. Do not change the bytes until the promise settles.
 *
 * The file has mode 0600, alone in a new folder of mode 0700 (POSIX systems), and the extension of the format that its
 * bytes announce. It belongs to the caller, who disposes of it; else it is removed when the process ends: by itself, by
 * `process.exit`, by an uncaught error, or by SIGINT, SIGTERM or SIGHUP. While files exist these signals are listened to;
 * alone, the listener removes the files and raises the signal again. A program that listens itself is left alone: its files
 * are removed when it exits. SIGKILL and `worker.terminate()` leave the file. So does, until the process ends, a system that
 * refuses to remove it (Windows, while somebody holds it open).
 *
 * @throws TypeError for an unknown option or a value of the wrong kind
 * @throws RangeError for a value out of range
 * @throws Error the file system's own, with its `code`, where the file cannot be written; nothing is left behind
 * @example
 * await using photo = await toTempFile(await encode(pixels, 'jpeg'), { name: 'holiday' });
 * await uploader.sendFile(photo.path); // /dev/shm/pixbytes-x1B2c3/holiday.jpg
 */
export async function toTempFile(bytes: EncodedBytes, options?: TempFileOptions): Promise<TempFile> {
  return write(resolvePlan(bytes, options));
}

/**
 * Gives a function that only takes a file name a file with these bytes, as `toTempFile` writes it, and removes it when the
 * function returns or throws, or its promise settles. For work that goes on after that (a stream that is still read),
 * use `toTempFile`.
 *
 * @returns what `fn` returns, resolved
 * @throws TypeError for an unknown option or a value of the wrong kind
 * @throws RangeError for a value out of range
 * @throws Error the file system's own, with its `code`, where the file cannot be written; else what `fn` throws
 * @example
 * const png = await encode(pixels, 'png');
 * const text = await withTempFile(png, (path) => ocr.recognizeFile(path));
 */
export async function withTempFile<T>(
  bytes: EncodedBytes,
  fn: (path: string) => T | PromiseLike<T>,
  options?: TempFileOptions,
): Promise<T> {
  const plan = resolvePlan(bytes, options);
  if (typeof fn !== 'function') throw wrongKind('a function', 'fn', fn);
  const file = await write(plan);
  try {
    return await fn(file.path);
  } finally {
    await file[Symbol.asyncDispose]();
  }
}
