import { pixels } from '../platform/node/pixels.js';
import { png } from '../platform/node/png.js';
import { bindWasm } from '../platform/platform.js';

bindWasm(pixels, png);

export * from '../png.js';
