import type { ImageFormat } from '../formats.js';
import type { Engine, EngineCall } from './engine.js';
import { toCodecError } from './failure.js';

/** An instance that is nobody else's until it is given back. */
export interface Loan<E> {
  readonly engine: E;
  /** To be called when its work ended well, once, and the instance not touched again. Without it the instance is left to the collector. */
  giveBack(): void;
}

interface Holder<E> {
  readonly ready: Promise<E>;
  engine?: E;
  spent: boolean;
}

/** Instances above this are dropped after the call, as WebAssembly memory never shrinks. */
const RETAINED_BYTES = 64 * 1024 * 1024;
/** The same for those that are renewed, as all of their memory is wiped. */
const RENEWED_BYTES = 16 * 1024 * 1024;

/** Instances given back that wait for the next work, beside the one that calls share. */
const MAX_IDLE = 3;

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
  readonly #renew: ((engine: E) => Promise<E>) | undefined;
  readonly #retainedBytes: number;
  #holder: Holder<E> | undefined;
  readonly #idle: E[] = [];

  /**
   * @param create makes an instance; one that fails is tried again by the next call
   * @param details the `format` that errors name; `renew`, where no call may meet what another left behind, makes an instance as new
   */
  constructor(
    create: () => Promise<E>,
    { format, renew }: { format: ImageFormat; renew?: (engine: E) => Promise<E> },
  ) {
    this.#create = create;
    this.#format = format;
    this.#renew = renew;
    this.#retainedBytes = renew ? RENEWED_BYTES : RETAINED_BYTES;
    slots.add(this);
  }

  /** Of the instances that are kept. */
  heldBytes(): number {
    const shared = this.#holder?.engine?.memoryBytes() ?? 0;
    return this.#idle.reduce((bytes, engine) => bytes + engine.memoryBytes(), shared);
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
    return this.#take(signal, (holder, engine) => {
      try {
        // What an earlier call left unsaid is not this one's.
        engine.complaints?.();
        engine.limitMemory?.(limits.maxMemoryBytes);
        const result = work(engine);
        if (this.#renew || engine.memoryBytes() > this.#retainedBytes) this.#drop(holder);
        if (this.#renew) this.#takeBack(engine);
        return result;
      } catch (error) {
        this.#drop(holder);
        throw toCodecError(error, verb, this.#format, engine.complaints?.());
      }
    });
  }

  /**
   * Lends an instance for work that takes turns with that of others.
   *
   * @throws CodecError where none can be made
   */
  async lend({ signal }: EngineCall): Promise<Loan<E>> {
    return this.#take(signal, (holder, engine) => {
      this.#drop(holder);
      return { engine, giveBack: () => this.#takeBack(engine) };
    });
  }

  #takeBack(engine: E): void {
    const fits = this.heldBytes() + engine.memoryBytes() <= this.#retainedBytes;
    if (fits && this.#idle.length < MAX_IDLE) this.#idle.push(engine);
  }

  /** Runs `use` on the instance that is kept, which is nobody else's before it returns. */
  async #take<T>(signal: AbortSignal | undefined, use: (holder: Holder<E>, engine: E) => T): Promise<T> {
    for (;;) {
      const holder = this.#hold();
      const engine = await holder.ready;
      signal?.throwIfAborted();
      // Another call may have spoilt or borrowed the instance while this one waited for it.
      if (!holder.spent) return use(holder, engine);
    }
  }

  #hold(): Holder<E> {
    if (this.#holder) return this.#holder;
    const idle = this.#idle.pop();
    const ready = this.#make(idle);
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

  /** @param idle an instance that was given back */
  async #make(idle: E | undefined): Promise<E> {
    try {
      if (idle === undefined) return await this.#create();
      return this.#renew ? await this.#renew(idle) : idle;
    } catch (error) {
      throw toCodecError(error, 'load', this.#format);
    }
  }

  #drop(holder: Holder<E>): void {
    holder.spent = true;
    if (this.#holder === holder) this.#holder = undefined;
  }
}
