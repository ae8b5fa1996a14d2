import { pixels as inlined } from '../inline/pixels.js';
import { fromFiles } from './file.js';

export const pixels = fromFiles(inlined);
