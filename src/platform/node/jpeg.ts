import { jpeg as inlined } from '../inline/jpeg.js';
import { fromFiles } from './file.js';

export const jpeg = fromFiles(inlined);
