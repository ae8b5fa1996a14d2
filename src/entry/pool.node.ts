import { availableParallelism } from 'node:os';
import { jpeg } from '../platform/node/jpeg.js';
import { pixels } from '../platform/node/pixels.js';
import { png } from '../platform/node/png.js';
import { spawnThreads } from '../platform/node/spawn-worker.js';
import { webp } from '../platform/node/webp.js';
import { bindWasm } from '../platform/platform.js';
import { bindWorkers } from '../platform/workers.js';

bindWasm(pixels, png, jpeg, webp);

// In a name of its own, as bundlers would take `new URL(…, import.meta.url)` for an asset that they must find.
const here = import.meta.url;
bindWorkers({ spawn: spawnThreads(new URL('./pool-worker.js', here)), cores: availableParallelism });

export * from '../pool.js';
