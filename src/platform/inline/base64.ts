/** Compiles a module that a JavaScript file carries as base64. */
export async function compileBase64(file: Promise<{ default: string }>): Promise<WebAssembly.Module> {
  const text = atob((await file).default);
  return WebAssembly.compile(Uint8Array.from(text, (byte) => byte.charCodeAt(0)));
}
