/** A worker as the thread that started it sees it, whatever the runtime calls one. */
export interface WorkerLink<Request, Reply> {
  /** Posts a message; what is in `transfer` moves with it. */
  post(message: Request, transfer: readonly ArrayBuffer[]): void;
  /** Gets every message of the worker. */
  onReply(listener: (reply: Reply) => void): void;
  /** Gets, once, why the worker is gone; also where it was ended. */
  onGone(listener: (why: string, cause: unknown) => void): void;
  /** Whether the process is kept alive for it. A worker that was just started keeps it. */
  hold(alive: boolean): void;
  /** Ends it in the middle of what it does; settles when it is gone. */
  end(): Promise<void>;
}

/** Starts a worker. One that cannot be started is gone at once. */
export type SpawnWorker<Request, Reply> = () => WorkerLink<Request, Reply>;
