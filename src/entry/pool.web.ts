import { bindWasm } from '../platform/platform.js';
import { jpeg } from '../platform/web/jpeg.js';
import { pixels } from '../platform/web/pixels.js';
import { png } from '../platform/web/png.js';
import { webp } from '../platform/web/webp.js';

bindWasm(pixels, png, jpeg, webp);

export * from '../pool.js';
