import { bindWasm } from '../platform/platform.js';
import { jpeg } from '../platform/workerd/jpeg.js';
import { pixels } from '../platform/workerd/pixels.js';
import { png } from '../platform/workerd/png.js';
import { webp } from '../platform/workerd/webp.js';

bindWasm(pixels, png, jpeg, webp);

export * from '../pool.js';
