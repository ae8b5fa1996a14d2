import { bindWasm } from '../platform/platform.js';
import { pixels } from '../platform/workerd/pixels.js';
import { png } from '../platform/workerd/png.js';

bindWasm(pixels, png);

export * from '../png.js';
