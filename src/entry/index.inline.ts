import { jpeg } from '../platform/inline/jpeg.js';
import { pixels } from '../platform/inline/pixels.js';
import { png } from '../platform/inline/png.js';
import { webp } from '../platform/inline/webp.js';
import { bindWasm } from '../platform/platform.js';

bindWasm(pixels, png, jpeg, webp);

export * from '../index.js';
