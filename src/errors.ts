import type { ImageFormat } from './formats.js';

/** What went wrong, for a program to branch on. Caller mistakes are `TypeError` and `RangeError` instead. */
export type CodecErrorCode =
  | 'CORRUPT_INPUT'
  | 'TRUNCATED_INPUT'
  | 'UNSUPPORTED_FEATURE'
  | 'UNKNOWN_FORMAT'
  | 'LIMIT_EXCEEDED'
  | 'OUT_OF_MEMORY'
  | 'WASM_LOAD_FAILED'
  | 'CODEC_FAILED'
  | 'WORKER_DIED'
  | 'QUEUE_FULL'
  | 'POOL_CLOSED'
  | 'TIMEOUT';

/**
 * Every failure that is not a caller's mistake.
 *
 * @example
 * try { await decode(upload); } catch (error) {
 *   if (error instanceof CodecError && error.code === 'LIMIT_EXCEEDED') return tooLarge();
 *   throw error;
 * }
 */
export class CodecError extends Error {
  /** What went wrong. */
  readonly code: CodecErrorCode;
  /** The image format at work, where one was known. */
  readonly format: ImageFormat | undefined;

  /**
   * @param code what went wrong
   * @param message one sentence for a person
   * @param details the `format` at work and the `cause`, where there are any
   */
  constructor(
    code: CodecErrorCode,
    message: string,
    details: { format?: ImageFormat | undefined; cause?: unknown } = {},
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'CodecError';
    this.code = code;
    this.format = details.format;
  }
}

function show(value: unknown, depth = 0): string {
  if (typeof value === 'string')
    return JSON.stringify(value.length > 60 ? `${value.slice(0, 57)}...` : value);
  if (typeof value === 'function') return value.name || 'a function';
  if (typeof value !== 'object' || value === null) return String(value);
  if (Array.isArray(value)) {
    // A list may hold itself.
    if (depth === 2) return '[...]';
    const shown = value.slice(0, 8).map((entry) => show(entry, depth + 1));
    return `[${shown.join(', ')}${value.length > 8 ? ', ...' : ''}]`;
  }
  return Object.prototype.toString.call(value);
}

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'object') return value.constructor?.name || 'object';
  return typeof value;
}

function expectation(what: string, name: string, value: unknown): string {
  return `Expected ${what} for ${name} but received ${show(value)} of type ${typeOf(value)}`;
}

/** The error for a value of the wrong kind. */
export function wrongKind(what: string, name: string, value: unknown): TypeError {
  return new TypeError(expectation(what, name, value));
}

/** The error for a value of the right kind that is out of range. */
export function wrongValue(what: string, name: string, value: unknown): RangeError {
  return new RangeError(expectation(what, name, value));
}
