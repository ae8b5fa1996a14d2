import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

beforeEach(() => vi.resetModules());
afterEach(() => vi.unstubAllGlobals());

/** The entry as a browser with these globals loads it. */
async function load(globals: Record<string, unknown>) {
  for (const [name, value] of Object.entries(globals)) vi.stubGlobal(name, value);
  return import('../../src/entry/pool.web.js');
}

class Worker {}

/** The server that the modules come from. */
async function fetch(url: URL): Promise<Response> {
  return new Response(await readFile(`build/wasm/${basename(url.pathname)}`));
}

test('the pool has as many workers as the browser tells of cores', async () => {
  const { createPool } = await load({ Worker, navigator: { hardwareConcurrency: 6 } });
  expect(createPool().size).toBe(6);
  expect(createPool({ size: 3 }).size).toBe(3);
});

test('the pool has four workers where the browser tells nothing of cores', async () => {
  const { createPool } = await load({ Worker, navigator: {} });
  expect(createPool().size).toBe(4);
});

test('without Worker the pool works in place', async () => {
  const { createPool } = await load({ fetch, Worker: undefined, navigator: { hardwareConcurrency: 6 } });
  const pool = createPool({ size: 6 });
  expect(pool.size).toBe(1);
  const image = { data: Uint8Array.of(1, 2, 3, 4), width: 1, height: 1 };
  expect(await pool.encode(image, 'raw')).toEqual(Uint8Array.of(1, 2, 3, 4));
  expect(pool.stats).toMatchObject({ workers: 0, started: 0, done: 1 });
  await pool.close();
});
