import { locate } from './locate.js';

/**
 * Compiles a module while it arrives.
 *
 * @param url as for `locate`
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
