import { bindWasm } from '../platform/platform.js';
import { pixels } from '../platform/web/pixels.js';
import { webp } from '../platform/web/webp.js';

bindWasm(pixels, webp);

export * from '../webp.js';
