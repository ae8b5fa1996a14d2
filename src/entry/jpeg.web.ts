import { bindWasm } from '../platform/platform.js';
import { jpeg } from '../platform/web/jpeg.js';
import { pixels } from '../platform/web/pixels.js';

bindWasm(pixels, jpeg);

export * from '../jpeg.js';
