import { jpeg } from '../platform/edge/jpeg.js';
import { pixels } from '../platform/edge/pixels.js';
import { bindWasm } from '../platform/platform.js';

bindWasm(pixels, jpeg);

export * from '../jpeg.js';
