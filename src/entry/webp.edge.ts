import { pixels } from '../platform/edge/pixels.js';
import { webp } from '../platform/edge/webp.js';
import { bindWasm } from '../platform/platform.js';

bindWasm(pixels, webp);

export * from '../webp.js';
