import type { ByteReader } from './byte-reader.js';
import type { ImageHeader } from './image-header.js';

/** Bytes of a colour table by the packed byte of its descriptor (GIF 89a, section 18). */
function tableBytes(packed: number): number {
  return packed & 0x80 ? 3 << ((packed & 7) + 1) : 0;
}

/** Reads the logical screen, and counts the frames where the whole file is there. */
export function readGif(reader: ByteReader): ImageHeader {
  const width = reader.le(6, 2);
  const height = reader.le(8, 2);
  reader.checkSize(width, height);
  let frames = 0;
  let complete = false;
  try {
    for (let at = 13 + tableBytes(reader.be(10, 1)); !complete; ) {
      const block = reader.be(at, 1);
      if (block === 0x2c) {
        frames++;
        // The descriptor, its colour table and the code size of LZW.
        at += 11 + tableBytes(reader.be(at + 9, 1));
      } else if (block === 0x21) {
        at += 2;
      } else {
        complete = true;
        continue;
      }
      // Sub-blocks up to one of length 0.
      let size: number;
      do {
        size = reader.be(at, 1);
        at += 1 + size;
      } while (size);
    }
  } catch {
    // The rest of the file is not there: the frames are not all counted.
  }
  return {
    width,
    height,
    bitDepth: 8,
    animated: frames > 1 || (complete ? false : undefined),
    frameCount: complete ? frames : undefined,
  };
}
