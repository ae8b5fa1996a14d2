import type { ImageFormat } from '../formats.js';
import type { Engine, EngineCall } from './engine.js';
import { toCodecError } from './failure.js';

interface Holder<E> {
  readonly ready: Promise<E>;
  engine?: E;
  spent: boolean;
}

/** An instance above this is dropped after the call, as WebAssembly memory never shrinks. */
const RETAINED_BYTES = 64 * 1024 * 1024;

const slots = new Set<{ heldBytes(): number }>();

/** Bytes of WebAssembly memory that instances hold between calls. */
export function heldMemoryBytes(): number {
  let bytes = 0;
  for (const slot of slots) bytes += slot.heldBytes();
  return bytes;
}

/**
 * Keeps one instance of an engine between calls, as long as it is trustworthy: one that threw in any way, or has grown
 * large, never serves again.
 */
export class InstanceSlot<E extends Engine> {
  readonly #create: () => Promise<E>;
  readonly #format: ImageFormat;
  readonly #reuse: boolean;
  #holder: Holder<E> | undefined;

  /**
   * @param create makes an instance; one that fails is tried again by the next call
   * @param details the `format` that errors name; `reuse: false` gives each call an instance of its own
   */
  constructor(create: () => Promise<E>, details: { format: ImageFormat; reuse?: boolean }) {
    this.#create = create;
    this.#format = details.format;
    this.#reuse = details.reuse ?? true;
    slots.add(this);
  }

  /** Of the instance that is kept, where there is one. */
  heldBytes(): number {
    return this.#holder?.engine?.memoryBytes() ?? 0;
  }

  /**
   * Runs a synchronous piece of work on an instance.
   *
   * @param work must not keep anything of the instance
   * @throws CodecError for whatever the work or the making of an instance throws; `verb` tells how to read what is no error of ours
   */
  async run<T>(
    verb: 'encode' | 'decode',
    { limits, signal }: EngineCall,
    work: (engine: E) => T,
  ): Promise<T> {
    for (;;) {
      const holder = this.#hold();
      const engine = await holder.ready;
      signal?.throwIfAborted();
      // Another call may have spoilt the instance while this one waited for it.
      if (holder.spent) continue;
      if (!this.#reuse) this.#drop(holder);
      try {
        // What an earlier call left unsaid is not this one's.
        engine.complaints?.();
        engine.limitMemory?.(limits.maxMemoryBytes);
        const result = work(engine);
        if (engine.memoryBytes() > RETAINED_BYTES) this.#drop(holder);
        return result;
      } catch (error) {
        this.#drop(holder);
        throw toCodecError(error, verb, this.#format, engine.complaints?.());
      }
    }
  }

  #hold(): Holder<E> {
    if (this.#holder) return this.#holder;
    const ready = this.#create().catch((error: unknown) => {
      throw toCodecError(error, 'load', this.#format);
    });
    const holder: Holder<E> = { ready, spent: false };
    this.#holder = holder;
    holder.ready.then(
      (engine) => {
        holder.engine = engine;
      },
      () => this.#drop(holder),
    );
    return holder;
  }

  #drop(holder: Holder<E>): void {
    holder.spent = true;
    if (this.#holder === holder) this.#holder = undefined;
  }
}
