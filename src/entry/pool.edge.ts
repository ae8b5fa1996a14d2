import { jpeg } from '../platform/edge/jpeg.js';
import { pixels } from '../platform/edge/pixels.js';
import { png } from '../platform/edge/png.js';
import { webp } from '../platform/edge/webp.js';
import { bindWasm } from '../platform/platform.js';

bindWasm(pixels, png, jpeg, webp);

export * from '../pool.js';
