import { png as inlined } from '../inline/png.js';
import { fromFiles } from './file.js';

export const png = fromFiles(inlined);
