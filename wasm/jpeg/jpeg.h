// The kernel `jpeg`: a Huffman JPEG encoder, ITU-T T.81, 8 bits a sample. See README.md beside this file for
// the way from pixels to bits.
#ifndef JPEG_H
#define JPEG_H

#include "common/kernel.h"

// How samples lie in memory. The numbers are the ids of src/pixel-format.ts; other formats are converted
// before they come here.
enum pixel_format { GRAY8 = 0, RGB8 = 2, RGBA8 = 3, BGR8 = 4, BGRA8 = 5, ARGB8 = 6, RGBX8 = 7, BGRX8 = 8 };

enum jpeg_flag {
  OPTIMIZE = 1,     // Huffman tables made for the image
  PROGRESSIVE = 2,  // implies OPTIMIZE
  GRAY = 4,         // one component
  SCALAR = 8,       // the routines that define the SIMD ones, for tests
};

// Luma samples a chroma sample, across and down.
enum subsampling { CHROMA_444 = 0, CHROMA_422 = 1, CHROMA_420 = 2 };

// What a call wants from the host next.
enum jpeg_wish {
  WANT_ROWS = 0,    // the next strip
  WANT_DRAIN = 1,   // to have the output taken, then jpeg_resume
  DONE = 2,         // to have the output taken, it was the last
  OVER_LIMIT = 3,   // nothing more: the image needs more memory than it may have
  NO_MEMORY = 4,    // nothing more: it needs more than there is
};

enum { BLOCK = 64, MAX_MCU_BLOCKS = 6, MAX_SIDE = 65500 };

#endif
