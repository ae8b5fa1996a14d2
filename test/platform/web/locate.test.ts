import { afterEach, expect, test, vi } from 'vitest';
import { locate } from '../../../src/platform/web/locate.js';

afterEach(() => vi.unstubAllGlobals());

test('a file beside the code is there', () => {
  const url = 'https://page.example/assets/jpeg-0a1b2c.wasm';
  expect(locate(new URL(url)).href).toBe(url);
});

test.each(['deps', 'deps_temp_0a1b', 'deps_ssr'])(
  'a file that Vite left behind code in %s is in the package',
  (deps) => {
    expect(
      locate(new URL(`http://localhost:5173/app/node_modules/.vite/${deps}/wasm/jpeg.wasm?v=0a1b`)).href,
    ).toBe('http://localhost:5173/app/node_modules/pixbytes/dist/wasm/jpeg.wasm?v=0a1b');
  },
);

// Next.js, by webpack and by Turbopack: `new URL('…', import.meta.url)` becomes a path, and "Invalid URL" when it is made a URL again.
test('an address without an origin is one of the page', () => {
  vi.stubGlobal('location', { href: 'https://page.example/deep/page?query' });
  const relative = { href: '/_next/static/media/jpeg.0a1b.wasm', origin: '' } as URL;
  expect(locate(relative).href).toBe('https://page.example/_next/static/media/jpeg.0a1b.wasm');
});

test('in a worker of a blob, which has no place, an address is taken as it is', () => {
  vi.stubGlobal('location', { href: 'blob:https://page.example/0a1b-2c3d' });
  const url = 'https://page.example/assets/jpeg.wasm';
  expect(locate(new URL(url)).href).toBe(url);
});
