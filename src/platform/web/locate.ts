/**
 * Where a file of the package really is.
 *
 * @param url made by `new URL('…', import.meta.url)`, literally, so that bundlers see it and copy the file
 */
export function locate(url: URL): URL {
  // Vite's development server, up to version 7, moves the code to a cache folder, but not the files beside it.
  const moved = url.href.replace(/\/node_modules\/\.vite\/deps[^/]*\//, '/node_modules/pixbytes/dist/');
  // Next.js puts something in its place that has a path only.
  return new URL(moved, globalThis.location?.href);
}
