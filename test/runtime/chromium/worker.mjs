import { check } from '../check.mjs';
import { runPool } from '../pool.mjs';
import { load } from './load.mjs';
import { runSources } from './sources.mjs';

check('worker', load, async (pixbytes) => ({
  ...(await runSources(pixbytes)),
  ...(await runPool(pixbytes)),
})).then(postMessage);
