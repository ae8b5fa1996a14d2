/**
 * Where a file of the package really is. Vite's development server, up to version 7, moves the code to a cache folder, but not the files
 * beside it.
 *
 * @param url made by `new URL('…', import.meta.url)`, literally, so that bundlers see it and copy the file
 */
export function locate(url: URL): URL {
  const moved = url.href.replace(/\/node_modules\/\.vite\/deps[^/]*\//, '/node_modules/pixbytes/dist/');
  return new URL(moved);
}
