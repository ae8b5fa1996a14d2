import { bindWasm } from '../platform/platform.js';
import { jpeg } from '../platform/web/jpeg.js';
import { pixels } from '../platform/web/pixels.js';
import { png } from '../platform/web/png.js';
import { spawnWebWorkers } from '../platform/web/spawn-worker.js';
import { webp } from '../platform/web/webp.js';
import { bindWorkers } from '../platform/workers.js';

bindWasm(pixels, png, jpeg, webp);

/** Cores of a device whose browser does not tell. */
const USUAL_CORES = 4;

// Some have none: service workers, and workers of browsers that do not nest them.
if (typeof Worker === 'function') {
  bindWorkers({
    spawn: spawnWebWorkers(() => new URL('./pool-worker.web.js', import.meta.url)),
    cores: () => navigator.hardwareConcurrency || USUAL_CORES,
  });
}

export * from '../pool.js';
