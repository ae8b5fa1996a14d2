// Makes the glue code of @jsquash/jpeg and @jsquash/webp fit to run anywhere: no look-up of files, no globals set, nothing
// printed. Used as a plugin by the build and by the tests, so that both run the same code.

/** Each cut: what to find in the glue, what stands in its place. All must match, or the glue is not the one known. */
const CUTS = [
  {
    why: 'shims of globals (ImageData, self.location, import.meta.url)',
    find: /const isServiceWorker=.*?if\(typeof self!=="undefined"&&self\.location===undefined\)\{self\.location=\{href:""\}\}\}/,
    put: '',
  },
  { why: "the script's own address", find: /var _scriptDir = import\.meta\.url;/, put: 'var _scriptDir;' },
  {
    why: 'the default address of the module, which bundlers would follow',
    find: /new URL\("\w+\.wasm",import\.meta\.url\)\.href/,
    put: '""',
  },
  {
    why: 'detection of the runtime, whose only use is to fetch files',
    find: /var ENVIRONMENT_IS_WEB=.*?var ENVIRONMENT_IS_NODE=[^;]*;/,
    put: 'var ENVIRONMENT_IS_WEB=false,ENVIRONMENT_IS_WORKER=false,ENVIRONMENT_IS_NODE=false;',
  },
  {
    why: 'pixels copied byte by byte',
    find: /for\(var i=0;i<length;\+\+i\)\{HEAPU8\[ptr\+i\]=value\[i\]\}/,
    put: 'HEAPU8.set(value,ptr)',
  },
  {
    why: 'the most memory that an instance may grow to',
    find: /(getHeapMax(?:=\(\)=>|\(\)\{return ))2147483648/,
    put: '$1(Module.heapMax??2147483648)',
  },
  {
    why: 'the global ImageData, which not every runtime has',
    find: /function emval_get_global\(\)\{|var emval_get_global=\(\)=>\{/,
    put: (found) => `${found}return hostClasses;`,
  },
  {
    why: 'the classes that decoders make their results of',
    find: /^/,
    put: 'const hostClasses={Uint8Array,Uint8ClampedArray,ImageData:class{constructor(data,width,height){this.data=data;this.width=width;this.height=height}}};\n',
  },
];

/** The glue files that the engines import. */
export const GLUE = /@jsquash[\\/](?:jpeg[\\/]codec[\\/](?:enc|dec)|webp[\\/]codec[\\/]dec)[\\/]\w+\.js$/;

/** The glue without its own ideas of where it runs. */
export function adaptGlue(code, file) {
  return CUTS.reduce((adapted, { why, find, put }) => {
    if (!find.test(adapted)) throw new Error(`${file} is not the glue that is known: no match for ${why}`);
    return adapted.replace(find, put);
  }, code);
}

/** For esbuild, and so for tsup. */
export const esbuildGlue = {
  name: 'jsquash-glue',
  setup(build) {
    build.onLoad({ filter: GLUE }, async ({ path }) => {
      const { readFile } = await import('node:fs/promises');
      return { contents: adaptGlue(await readFile(path, 'utf8'), path), loader: 'js' };
    });
  },
};

/** For Vite, and so for vitest. */
export const viteGlue = {
  name: 'jsquash-glue',
  transform(code, id) {
    const file = id.split('?')[0];
    return GLUE.test(file) ? { code: adaptGlue(code, file), map: null } : undefined;
  },
};
