import { getSystemErrorMap } from 'node:util';

/** Says what the operating system refused, as a person would: without call and path, which stand beside it. */
export function describeSystemError(error: unknown): string {
  const { code, errno, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return 'it does not exist';
  if (code === 'ENOTDIR' || code === 'EEXIST') return 'a file stands where a folder should be';
  if (code === 'EISDIR') return 'it is a folder';
  return (errno === undefined ? undefined : getSystemErrorMap().get(errno)?.[1]) ?? message;
}
