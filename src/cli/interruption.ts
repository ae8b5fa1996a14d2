/** The exit code of a process that a signal ended, as shells give it: 128 and the signal's number. */
export const SIGNAL_EXIT_CODES = Object.freeze({ SIGHUP: 129, SIGINT: 130, SIGTERM: 143 });

export type SignalName = keyof typeof SIGNAL_EXIT_CODES;

/** The reason that a run's `AbortSignal` is aborted with when the process is asked to end. */
export class Interruption extends Error {
  override readonly name = 'Interruption';
  readonly exitCode: number;

  constructor(signal: SignalName) {
    super(`Interrupted by ${signal}`);
    this.exitCode = SIGNAL_EXIT_CODES[signal];
  }
}
