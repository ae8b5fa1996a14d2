import { CodecError } from '../errors.js';
import type { WasmName } from '../platform/platform.js';
import type { SpawnWorker, WorkerLink } from '../platform/worker-link.js';
import { copyInTurns, TURN_BYTES } from './copy-in-turns.js';
import { fromPosted, toPosted } from './posted-error.js';
import { fromPostedResult, type WorkResult } from './posted-result.js';
import { transferList, viewOf, type WorkerReply, type WorkerRequest } from './protocol.js';
import { SpareMemory } from './spare-memory.js';
import {
  checkLength,
  type PoolStats,
  type TaskInput,
  type TaskOptions,
  type TaskRunner,
  timedOut,
} from './task-runner.js';

// A pool of our own, though there are good ones (workerpool, piscina): what this one is for they do not do. A worker above its memory is
// replaced between two tasks, and only the worker can tell what its WebAssembly holds; modules compiled here are handed over when a
// worker first wants them; an abort ends the thread and leaves the others alone. What is left is a queue and some bookkeeping, the
// same on threads of Node and on Web Workers.

/** How workers are kept. */
export interface WorkerSettings {
  /** Workers at most; they are started when there is work for them. */
  readonly size: number;
  /** Tasks at most that wait for a worker; further ones fail with `QUEUE_FULL`. Default: any number. */
  readonly maxQueue?: number | undefined;
  /** A worker whose codecs hold more than so many bytes is replaced when its task is done. Default 256 MB. */
  readonly maxWorkerMemoryBytes?: number | undefined;
  /** How long a worker without work lives, in milliseconds. Default 30,000. */
  readonly idleTimeoutMs?: number | undefined;
}

/** Bytes as a worker can have them, and what moves to it with them. */
interface Handed {
  readonly bytes: Uint8Array;
  readonly transfer: readonly ArrayBuffer[];
  /** What the worker is to give back of it. */
  readonly lent: ArrayBuffer | undefined;
}

interface Task {
  readonly input: TaskInput;
  readonly options: TaskOptions;
  /** Where they were copied before a worker was free for them. */
  handed: Handed | undefined;
  /** That is at it. */
  member: Member | undefined;
  readonly resolve: (result: WorkResult) => void;
  readonly reject: (reason: unknown) => void;
}

/** A worker, and the task that it is at. */
interface Member {
  readonly link: WorkerLink<WorkerRequest, WorkerReply>;
  task: Task | undefined;
  /** Of the task's time, or of the time without one. */
  timer: ReturnType<typeof setTimeout> | undefined;
}

const MAX_WORKER_MEMORY_BYTES = 256 * 1024 * 1024;
const IDLE_TIMEOUT_MS = 30_000;

/** What is copied for each worker before it is free, half an image of 2 megapixels: a whole one would take memory and save no time. */
const BYTES_AHEAD = 5_000_000;

/** A timer that does not keep the process alive, in runtimes where one would. */
function startTimer(callback: () => void, ms: number): ReturnType<typeof setTimeout> {
  const timer = setTimeout(callback, ms);
  (timer as { unref?: () => void }).unref?.();
  return timer;
}

/**
 * Tasks on workers, each to its end, once. A worker that dies fails its own task, with `WORKER_DIED`, and the next task has another.
 * The process is kept alive by tasks, not by workers that have none.
 */
export class WorkerRunner implements TaskRunner {
  readonly #settings: Required<WorkerSettings>;
  readonly #spawn: SpawnWorker<WorkerRequest, WorkerReply>;
  readonly #loadModule: (name: WasmName) => Promise<WebAssembly.Module>;
  readonly #members = new Set<Member>();
  /** The one that worked last is the last: the first ones may be left to end. */
  readonly #idle: Member[] = [];
  readonly #queue: Task[] = [];
  readonly #watched = new Map<AbortSignal, { readonly tasks: Set<Task>; readonly onAbort: () => void }>();
  readonly #ending = new Set<Promise<void>>();
  readonly #spares: SpareMemory;
  #closing: { readonly ended: Promise<void>; readonly end: () => void } | undefined;
  #done = 0;
  #failed = 0;
  #started = 0;

  /** @param loadModule gives the modules that workers want, compiled */
  constructor(
    settings: WorkerSettings,
    spawn: SpawnWorker<WorkerRequest, WorkerReply>,
    loadModule: (name: WasmName) => Promise<WebAssembly.Module>,
  ) {
    this.#settings = {
      size: settings.size,
      maxQueue: settings.maxQueue ?? Number.POSITIVE_INFINITY,
      maxWorkerMemoryBytes: settings.maxWorkerMemoryBytes ?? MAX_WORKER_MEMORY_BYTES,
      idleTimeoutMs: settings.idleTimeoutMs ?? IDLE_TIMEOUT_MS,
    };
    this.#spares = new SpareMemory(2 * settings.size);
    this.#spawn = spawn;
    this.#loadModule = loadModule;
  }

  get stats(): PoolStats {
    const workers = this.#members.size;
    return {
      workers,
      busy: workers - this.#idle.length,
      queued: this.#queue.length,
      done: this.#done,
      failed: this.#failed,
      started: this.#started,
    };
  }

  run(input: TaskInput, options: TaskOptions = {}): Promise<WorkResult> {
    return new Promise((resolve, reject) => {
      const { signal } = options;
      signal?.throwIfAborted();
      if (this.#closing) throw new CodecError('POOL_CLOSED', 'The pool is closed');
      const task: Task = { input, options, handed: undefined, member: undefined, resolve, reject };
      const free = this.#idle.length > 0 || this.#members.size < this.#settings.size;
      if (!free && options.part !== 'other' && this.#queue.length >= this.#settings.maxQueue) {
        throw new CodecError('QUEUE_FULL', `${this.#queue.length} tasks wait already (maxQueue)`);
      }
      this.#watch(task);
      this.#queue.push(task);
      if (free) this.#serveNext(this.#idle.pop());
      else this.#copyAhead();
    });
  }

  /** As it says there; then the workers end. */
  async close(): Promise<void> {
    if (!this.#closing) {
      let end = () => {};
      const ended = new Promise<void>((resolve) => {
        end = resolve;
      });
      this.#closing = { ended, end };
      this.#endWhereClosed();
    }
    await this.#closing.ended;
  }

  #abort(task: Task): void {
    const reason: unknown = task.options.signal?.reason;
    if (task.member) {
      this.#stop(task.member, reason);
      return;
    }
    const at = this.#queue.indexOf(task);
    if (at < 0) return;
    this.#queue.splice(at, 1);
    this.#takeBack(task.handed?.lent);
    this.#settle(task, () => task.reject(reason), false);
    this.#endWhereClosed();
  }

  /** One listener for all tasks of a signal: Node warns of more than ten. */
  #watch(task: Task): void {
    const { signal } = task.options;
    if (signal === undefined) return;
    let watched = this.#watched.get(signal);
    if (watched === undefined) {
      const tasks = new Set<Task>();
      const onAbort = () => {
        for (const each of [...tasks]) this.#abort(each);
      };
      watched = { tasks, onAbort };
      this.#watched.set(signal, watched);
      signal.addEventListener('abort', onAbort);
    }
    watched.tasks.add(task);
  }

  #unwatch(task: Task): void {
    const { signal } = task.options;
    const watched = signal && this.#watched.get(signal);
    if (!signal || !watched) return;
    watched.tasks.delete(task);
    if (watched.tasks.size > 0) return;
    this.#watched.delete(signal);
    signal.removeEventListener('abort', watched.onAbort);
  }

  /** Gives the next task to a worker that has none, or to one that is started for it. */
  #serveNext(member: Member | undefined): void {
    for (let task = this.#queue.shift(); task; task = this.#queue.shift()) {
      let hired = member;
      try {
        hired ??= this.#hire();
      } catch (cause) {
        const why = cause instanceof Error ? cause.message : String(cause);
        const error = new CodecError('WORKER_DIED', `No worker can be started: ${why}`, { cause });
        const { reject } = task;
        this.#settle(task, () => reject(error), false);
        continue;
      }
      this.#start(hired, task);
      return;
    }
    if (member) this.#rest(member);
  }

  #hire(): Member {
    const link = this.#spawn();
    const member: Member = { link, task: undefined, timer: undefined };
    this.#members.add(member);
    this.#started++;
    link.onReply((reply) => this.#onReply(member, reply));
    link.onGone((why, cause) => this.#onGone(member, why, cause));
    return member;
  }

  #start(member: Member, task: Task): void {
    const { timeoutMs } = task.options;
    clearTimeout(member.timer);
    member.timer = undefined;
    member.task = task;
    task.member = member;
    if (timeoutMs !== undefined) {
      member.timer = startTimer(() => this.#stop(member, timedOut(timeoutMs)), timeoutMs);
    }
    member.link.hold(true);
    try {
      const handed = task.handed ?? this.#handOver(task.input);
      if (handed) this.#post(member, task, handed);
      else void this.#copyAndPost(member, task);
    } catch (error) {
      this.#giveUp(member, task, error);
      return;
    }
    this.#copyAhead();
  }

  #post(member: Member, task: Task, { bytes, transfer, lent }: Handed): void {
    task.options.onStart?.();
    member.link.post({ ...task.input.workOf(viewOf(bytes)), lent }, transfer);
  }

  async #copyAndPost(member: Member, task: Task): Promise<void> {
    // It may be stopped at any turn.
    const goesOn = () => member.task === task;
    try {
      const bytes = await copyInTurns(task.input, goesOn);
      if (!bytes || !goesOn()) return;
      this.#post(member, task, { bytes, transfer: [bytes.buffer], lent: bytes.buffer });
    } catch (error) {
      if (goesOn()) this.#giveUp(member, task, error);
    }
  }

  /** What cannot be posted harms nobody else. */
  #giveUp(member: Member, task: Task, error: unknown): void {
    this.#settle(task, () => task.reject(error), false);
    this.#serveNext(member);
  }

  /** Has the bytes of the next tasks ready: a worker would otherwise have to wait while they are copied. */
  #copyAhead(): void {
    let room = this.#members.size * BYTES_AHEAD;
    for (const [place, task] of this.#queue.entries()) {
      const { memory, byteLength } = task.input;
      room -= byteLength;
      if (place > 0 && room < 0) return;
      if (task.handed || memory !== 'keep' || !this.#spares.serves(byteLength)) continue;
      try {
        task.handed = this.#handOver(task.input);
      } catch {
        // It fails the same when it is its turn.
      }
    }
  }

  /** Nothing where it takes a copy that is better made in turns. */
  #handOver(input: TaskInput): Handed | undefined {
    checkLength(input);
    const { bytes, memory } = input;
    const { buffer } = bytes;
    if (!(buffer instanceof ArrayBuffer)) return { bytes, transfer: [], lent: undefined };
    if (memory === 'own') return { bytes, transfer: [buffer], lent: buffer };
    const whole = memory === 'move' ? transferList(bytes) : [];
    // Also what is not kept is to come back: a worker that rests collects no garbage.
    if (whole.length > 0) return { bytes, transfer: whole, lent: whole[0] };
    if (!this.#spares.serves(bytes.length) && bytes.length > TURN_BYTES) return undefined;
    const copy = this.#spares.copyOf(bytes);
    return { bytes: copy, transfer: [copy.buffer], lent: copy.buffer };
  }

  #takeBack(lent: ArrayBuffer | undefined): void {
    if (lent && this.#members.size > 0) this.#spares.giveBack(lent);
  }

  #onReply(member: Member, reply: WorkerReply): void {
    if (reply.kind === 'want-module') {
      void this.#giveModule(member, reply.name);
      return;
    }
    this.#takeBack(reply.lent);
    const { task } = member;
    if (task === undefined) return;
    if (reply.kind === 'done') this.#settle(task, () => task.resolve(fromPostedResult(reply.result)), true);
    else this.#settle(task, () => task.reject(fromPosted(reply.error)), false);
    if (reply.memoryBytes > this.#settings.maxWorkerMemoryBytes) this.#dismiss(member);
    else this.#serveNext(member);
  }

  async #giveModule({ link }: Member, name: WasmName): Promise<void> {
    try {
      link.post({ kind: 'module', name, module: await this.#loadModule(name) }, []);
    } catch (error) {
      link.post({ kind: 'no-module', name, error: toPosted(error) }, []);
    }
  }

  #onGone(member: Member, why: string, cause: unknown): void {
    const error = new CodecError('WORKER_DIED', `The worker at it died: ${why}`, { cause });
    this.#stop(member, error);
  }

  /** Fails the task of a worker, which is ended in the middle of it, or is gone. */
  #stop(member: Member, reason: unknown): void {
    const { task } = member;
    if (task) this.#settle(task, () => task.reject(reason), false);
    this.#dismiss(member);
  }

  #settle(task: Task, tell: () => void, done: boolean): void {
    const { member, options } = task;
    this.#unwatch(task);
    if (member) {
      clearTimeout(member.timer);
      member.task = undefined;
    }
    if (!options.part) {
      if (done) this.#done++;
      else this.#failed++;
    }
    tell();
  }

  #rest(member: Member): void {
    member.link.hold(false);
    member.timer = startTimer(() => this.#dismiss(member), this.#settings.idleTimeoutMs);
    this.#idle.push(member);
    this.#endWhereClosed();
  }

  /** Ends a worker without a task; another takes its place where there is work. */
  #dismiss(member: Member): void {
    if (!this.#members.delete(member)) return;
    clearTimeout(member.timer);
    const at = this.#idle.indexOf(member);
    if (at >= 0) this.#idle.splice(at, 1);
    this.#end(member);
    if (this.#members.size === 0) this.#spares.clear();
    this.#serveNext(undefined);
    this.#endWhereClosed();
  }

  #endWhereClosed(): void {
    if (!this.#closing || this.#queue.length > 0 || this.#idle.length < this.#members.size) return;
    for (const member of this.#members) {
      clearTimeout(member.timer);
      this.#end(member);
    }
    this.#members.clear();
    this.#idle.length = 0;
    this.#spares.clear();
    void Promise.all(this.#ending).then(this.#closing.end);
  }

  #end({ link }: Member): void {
    const end = link.end().finally(() => this.#ending.delete(end));
    this.#ending.add(end);
  }
}
