import { wrongKind, wrongValue } from '../errors.js';

/** A dot behind a name, then a word with a letter in it: `photo.jpg`, `clip.7z`; not `.env`, `v1.2`, `Mr. Smith`. */
const EXTENSION = /.\.\d*[a-z]\w*$/i;

/** The name itself where it has an extension, whichever that is, else with `.extension` behind it. */
export function withExtension(name: unknown, extension: string): string {
  if (typeof name !== 'string') throw wrongKind('a string', 'name', name);
  if (name === '') throw wrongValue('a non-empty string', 'name', name);
  return EXTENSION.test(name) ? name : `${name.replace(/\.$/, '')}.${extension}`;
}
