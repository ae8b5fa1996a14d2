import { concat } from '../../concat.js';

/** Takes what is ready of a file, before it returns: the memory that it lies in is the kernel's. */
export type TakePart = (part: Uint8Array<ArrayBuffer>) => void;

/** Of most photographs, and of screenshots of a few megapixels; what is longer is in pieces first. */
const MOST_BYTES = 4 * 1024 * 1024;
const FIRST_BYTES = 256 * 1024;

/**
 * Where files are put together before it is known how long they are, one at a time. In memory of their own the parts would be left to the
 * collector, which lets 32 MB gather in a thread.
 */
let desk = new Uint8Array(0);

/** Makes room behind what lies there already. */
function widen(used: number, byteLength: number): void {
  const wider = new Uint8Array(Math.min(MOST_BYTES, Math.max(FIRST_BYTES, 2 * desk.length, byteLength)));
  wider.set(desk.subarray(0, used));
  desk = wider;
}

/**
 * The file whose parts are handed over one after the other.
 *
 * @param make hands them over, and is done when it returns
 * @returns memory of its own
 */
export function collectFile(make: (take: TakePart) => void): Uint8Array<ArrayBuffer> {
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  let used = 0;
  const clear = () => {
    if (used > 0) pieces.push(desk.slice(0, used));
    used = 0;
  };
  make((part) => {
    if (used + part.length > MOST_BYTES) clear();
    if (part.length > MOST_BYTES) {
      pieces.push(part.slice());
      return;
    }
    if (used + part.length > desk.length) widen(used, used + part.length);
    desk.set(part, used);
    used += part.length;
  });
  clear();
  const [only] = pieces;
  return pieces.length === 1 && only ? only : concat(pieces);
}
