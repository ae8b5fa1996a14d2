import { expect, test } from 'vitest';
import { codeLoader } from '../../src/codecs/load-code.js';

test('code is loaded once, when it is first needed', async () => {
  let loads = 0;
  const load = codeLoader('the png codec', 'png', async () => ({ load: ++loads }));
  expect(loads).toBe(0);
  expect(await Promise.all([load(), load()])).toEqual([{ load: 1 }, { load: 1 }]);
  expect(await load()).toEqual({ load: 1 });
});

test('a load that failed is told, and tried again by the next call', async () => {
  let loads = 0;
  const load = codeLoader('the png codec', 'png', async () => {
    if (++loads === 1) throw new TypeError('offline');
    return loads;
  });
  await expect(load()).rejects.toMatchObject({
    name: 'CodecError',
    code: 'WASM_LOAD_FAILED',
    format: 'png',
    message: 'Could not load the png codec: offline',
  });
  expect(await load()).toBe(2);
});
