import { defineConfig } from 'vitest/config';
import { viteGlue } from './scripts/jsquash-glue.mjs';

export default defineConfig({
  plugins: [viteGlue],
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/runtime/**'],
    setupFiles: ['test/setup/wasm.ts'],
    server: { deps: { inline: [/@jsquash/] } },
    testTimeout: 60_000,
  },
});
