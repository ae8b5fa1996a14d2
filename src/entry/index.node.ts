import { jpeg } from '../platform/node/jpeg.js';
import { pixels } from '../platform/node/pixels.js';
import { png } from '../platform/node/png.js';
import { webp } from '../platform/node/webp.js';
import { bindWasm } from '../platform/platform.js';

bindWasm(pixels, png, jpeg, webp);

export * from '../index.js';
