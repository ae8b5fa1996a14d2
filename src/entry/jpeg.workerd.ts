import { bindWasm } from '../platform/platform.js';
import { jpeg } from '../platform/workerd/jpeg.js';
import { pixels } from '../platform/workerd/pixels.js';

bindWasm(pixels, jpeg);

export * from '../jpeg.js';
