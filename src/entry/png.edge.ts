import { pixels } from '../platform/edge/pixels.js';
import { png } from '../platform/edge/png.js';
import { bindWasm } from '../platform/platform.js';

bindWasm(pixels, png);

export * from '../png.js';
