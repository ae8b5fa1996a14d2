// Names by which the build puts in where a module lies: they become './inline/<name>.js', './wasm/<name>.wasm' and
// './wasm/<name>.wasm?module', relative to the built file.

declare module 'wasm-base64:*' {
  const base64: string;
  export default base64;
}

declare module 'wasm-file:*' {
  const compiled: WebAssembly.Module;
  export default compiled;
}

declare module 'wasm-module:*' {
  const compiled: WebAssembly.Module;
  export default compiled;
}
