// Lazily loaded code is left out of the entry's size, and counted for the codec that it belongs to.
const staticImportsOnly = (config) => ({
  ...config,
  format: 'esm',
  logLevel: 'error',
  plugins: [
    {
      name: 'dynamic-imports-apart',
      setup(build) {
        build.onResolve({ filter: /./ }, ({ kind, path }) =>
          kind === 'dynamic-import' ? { path, external: true } : undefined,
        );
      },
    },
  ],
});

const copied = (config) => ({ ...config, loader: { '.wasm': 'copy' } });

const bundle = (name, path, limit) => ({ name, path, limit, modifyEsbuildConfig: staticImportsOnly });
const file = (name, limit) => ({
  name: `${name}.wasm`,
  path: `dist/wasm/${name}.wasm`,
  limit,
  modifyEsbuildConfig: copied,
});

export default [
  bundle('pixbytes', 'dist/index.web.js', '9.5 kB'),
  bundle('pixbytes/png', 'dist/png.web.js', '12.5 kB'),
  bundle('pixbytes/jpeg', 'dist/jpeg.web.js', '13.5 kB'),
  bundle('pixbytes/webp', 'dist/webp.web.js', '12.5 kB'),
  bundle('pixbytes/pool', 'dist/pool.web.js', '15 kB'),
  bundle('the worker of pixbytes/pool', 'dist/pool-worker.web.js', '38 kB'),
  file('pixels', '5 kB'),
  file('jpeg', '11.5 kB'),
  file('png', '22 kB'),
  file('vp8l', '22.5 kB'),
  file('vp8', '21.5 kB'),
  file('jsquash-png', '52 kB'),
  file('mozjpeg-enc', '51 kB'),
  file('mozjpeg-dec', '54 kB'),
  file('libwebp-dec', '41 kB'),
];
