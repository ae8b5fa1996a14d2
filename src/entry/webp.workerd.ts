import { bindWasm } from '../platform/platform.js';
import { pixels } from '../platform/workerd/pixels.js';
import { webp } from '../platform/workerd/webp.js';

bindWasm(pixels, webp);

export * from '../webp.js';
