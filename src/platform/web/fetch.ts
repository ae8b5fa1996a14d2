/**
 * Compiles a module while it arrives.
 *
 * @param url made by `new URL('…', import.meta.url)`, literally, so that bundlers see it and copy the file
 */
export async function compileFrom(url: URL): Promise<WebAssembly.Module> {
  const response = await fetch(locate(url), { credentials: 'same-origin' });
  if (!response.ok) throw new Error(`${response.url} answered ${response.status}`);
  const type = response.headers.get('Content-Type')?.split(';')[0];
  // Servers that do not know the type are common, and streaming refuses any other.
  return type === 'application/wasm'
    ? WebAssembly.compileStreaming(response)
    : WebAssembly.compile(await response.arrayBuffer());
}

/** Vite's development server, up to version 7, moves the code to a cache folder, but not the files beside it. */
function locate(url: URL): URL {
  const moved = url.href.replace(/\/node_modules\/\.vite\/deps[^/]*\//, '/node_modules/pixbytes/dist/');
  return new URL(moved);
}
