/** A mistake in the command line, told in sentences before any work is done: exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
