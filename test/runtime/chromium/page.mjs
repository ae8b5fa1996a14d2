// The cases in a page and in its worker. Gives its reports to `report`, which the program that opened the page put there.
import { check } from '../check.mjs';
import { runPool } from '../pool.mjs';
import { load } from './load.mjs';
import { show } from './show.mjs';
import { runPageSources, runSources } from './sources.mjs';

const worker = new Worker(new URL('./worker.mjs', import.meta.url), { type: 'module' });
const fromWorker = new Promise((resolve, reject) => {
  worker.onmessage = ({ data }) => resolve(data);
  worker.onerror = ({ message }) => reject(new Error(message));
});

const inPage = await check('page', load, async (pixbytes) => {
  await show(pixbytes, document.querySelector('#pictures'));
  return {
    ...(await runSources(pixbytes)),
    ...(await runPageSources(pixbytes)),
    ...(await runPool(pixbytes)),
  };
});
await globalThis.report([inPage, await fromWorker]);
