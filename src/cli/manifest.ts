import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { version } from '../../package.json';
import { isInPlace, type Job } from './plan.js';
import { writeFileWhole } from './write-file.js';

/**
 * What the outputs of a folder were made from, by their paths below it: hashes of source and options together, and of what was written;
 * null where it was left out, as it would have been larger.
 */
type Entries = Record<string, { readonly source: string; readonly output: string | null }>;

const FILE_NAME = '.pixbytes.json';

/** A run that is killed has so much to do again, at most. */
const CHECKPOINT_MS = 5000;

function hash(...parts: readonly (string | Uint8Array)[]): string {
  const sum = createHash('sha256');
  for (const part of parts) sum.update(part);
  return sum.digest('base64url');
}

function isEntries(value: unknown): value is Entries {
  if (typeof value !== 'object' || value === null) return false;
  return Object.values(value).every(
    (entry) =>
      typeof entry?.source === 'string' && (entry.output === null || typeof entry.output === 'string'),
  );
}

/**
 * Remembers, in a file of the output folder, what each output was made from, so that a later run can tell that it need not be made again.
 * An output that is missing or was changed since counts as not made.
 */
export class Manifest {
  /** Absolute path of the folder, where the file is too. */
  readonly folder: string;
  readonly #conversion: string;
  readonly #entries: Map<string, Entries[string]>;

  #savedAt = performance.now();
  #saving: Promise<void> | undefined;

  private constructor(folder: string, conversion: string, entries: Entries) {
    this.folder = folder;
    this.#conversion = conversion;
    this.#entries = new Map(Object.entries(entries));
  }

  /**
   * @param out absolute path of the output folder; what stands in it may be of any age, or broken: then nothing is known
   * @param how all that tells a conversion from another: its format, its options
   */
  static async load(out: string, how: unknown): Promise<Manifest> {
    const entries = await readFile(join(out, FILE_NAME), 'utf8')
      .then(JSON.parse)
      .catch(() => undefined);
    // Another version may write other bytes.
    return new Manifest(out, JSON.stringify([version, how]), isEntries(entries) ? entries : {});
  }

  /** What tells a source, converted as in this run, from every other. */
  keyOf(source: Uint8Array): string {
    return hash(this.#conversion, '\0', source);
  }

  /** Whether the output is as a conversion of the source with that key would leave it. */
  async holds(job: Job, key: string, signal: AbortSignal): Promise<boolean> {
    const entry = this.#entries.get(this.#nameOf(job));
    if (entry?.source !== key) return false;
    if (entry.output === null) return true;
    const written = await readFile(job.output.absolute, { signal }).catch(() => undefined);
    signal.throwIfAborted();
    return written !== undefined && hash(written) === entry.output;
  }

  /** Whether the file that stands in the output's place is what an earlier run wrote there, from whatever source. */
  wrote(job: Job, existing: Uint8Array): boolean {
    return this.#entries.get(this.#nameOf(job))?.output === hash(existing);
  }

  /** Remembers what was written, or that nothing was. */
  note(job: Job, key: string, bytes: Uint8Array | undefined): void {
    // Where the output took the place of its source it is the next run's source.
    const source = bytes && isInPlace(job) ? this.keyOf(bytes) : key;
    this.#entries.set(this.#nameOf(job), { source, output: bytes ? hash(bytes) : null });
  }

  /** Saves in the middle of a run, now and then. Where that fails `save` will tell. */
  checkpoint(): void {
    if (this.#saving !== undefined || performance.now() - this.#savedAt < CHECKPOINT_MS) return;
    this.#saving = this.#write()
      .catch(() => {})
      .finally(() => {
        this.#saving = undefined;
        this.#savedAt = performance.now();
      });
  }

  async save(): Promise<void> {
    await this.#saving;
    await this.#write();
  }

  async #write(): Promise<void> {
    const entries = Object.fromEntries([...this.#entries].sort());
    const text = Buffer.from(`${JSON.stringify(entries, null, 1)}\n`);
    await writeFileWhole(join(this.folder, FILE_NAME), text, new AbortController().signal);
  }

  #nameOf({ output }: Job): string {
    return relative(this.folder, output.absolute).replaceAll('\\', '/');
  }
}
