import { pixels } from '../platform/node/pixels.js';
import { webp } from '../platform/node/webp.js';
import { bindWasm } from '../platform/platform.js';

bindWasm(pixels, webp);

export * from '../webp.js';
