import { jpeg } from '../platform/node/jpeg.js';
import { pixels } from '../platform/node/pixels.js';
import { bindWasm } from '../platform/platform.js';

bindWasm(pixels, jpeg);

export * from '../jpeg.js';
