import { webp as inlined } from '../inline/webp.js';
import { fromFiles } from './file.js';

export const webp = fromFiles(inlined);
