import { bindWasm } from '../platform/platform.js';
import { pixels } from '../platform/web/pixels.js';
import { png } from '../platform/web/png.js';

bindWasm(pixels, png);

export * from '../png.js';
