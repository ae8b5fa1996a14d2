const FOLDS_CASE = process.platform === 'win32' || process.platform === 'darwin';

/** What two paths have in common when the usual file system of this machine holds them for the same. */
export function pathKey(path: string): string {
  return FOLDS_CASE ? path.normalize('NFC').toLowerCase() : path;
}
