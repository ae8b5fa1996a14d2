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
  bundle('pixbytes', 'dist/index.web.js', '10 kB'),
  bundle('pixbytes/png', 'dist/png.web.js', '12.5 kB'),
  bundle('pixbytes/jpeg', 'dist/jpeg.web.js', '24 kB'),
  bundle('pixbytes/webp', 'dist/webp.web.js', '21 kB'),
  bundle('pixbytes/pool', 'dist/pool.web.js', '15 kB'),
  bundle('the worker of pixbytes/pool', 'dist/pool-worker.web.js', '40 kB'),
  file('pixels', '8 kB'),
  file('jpeg', '16 kB'),
  file('png', '22 kB'),
  file('jsquash-png', '80 kB'),
  file('mozjpeg-enc', '100 kB'),
  file('mozjpeg-dec', '70 kB'),
  file('libwebp-enc', '125 kB'),
  file('libwebp-dec', '60 kB'),
];
