// The kernel `png`: a PNG encoder (W3C PNG, third edition). See README.md beside this file for the way from
// pixels to bits.
#ifndef PNG_H
#define PNG_H

#include "common/kernel.h"

// How samples lie in memory. The numbers are the ids of src/pixel-format.ts.
enum pixel_format {
  GRAY8 = 0,
  GRAYA8 = 1,
  RGB8 = 2,
  RGBA8 = 3,
  BGR8 = 4,
  BGRA8 = 5,
  ARGB8 = 6,
  RGBX8 = 7,
  BGRX8 = 8,
  GRAY16 = 9,
  GRAYA16 = 10,
  RGB16 = 11,
  RGBA16 = 12,
  GRAY1 = 13,
  INDEXED8 = 14,
  PIXEL_FORMATS = 15,
};

enum png_flag {
  REDUCE = 1,      // leave out what the image turns out not to need; without it the layout of the input is kept
  INSPECT = 2,     // with REDUCE: the host can show all rows before it hands them over
  INTERLACED = 4,  // Adam7; the image is kept in memory
  SCALAR = 8,      // the routines that define the SIMD ones, for tests
};

// The types of section 9.2, and the choice row by row.
enum png_filter { NONE = 0, SUB = 1, UP = 2, AVERAGE = 3, PAETH = 4, FILTERS = 5, AUTO = 5 };

// What a call wants from the host next.
enum png_wish {
  WANT_ROWS = 0,     // the next strip, by png_rows
  WANT_DRAIN = 1,    // to have the output taken, then png_resume
  DONE = 2,          // to have the output taken, it was the last
  OVER_LIMIT = 3,    // nothing more: the image needs more memory than it may have
  NO_MEMORY = 4,     // nothing more: it needs more than there is
  WANT_INSPECT = 5,  // the next strip, by png_inspect
  MISFIT = 6,        // nothing more: the image has colours that the bit depth asked for cannot hold
};

// Section 11.2.1: width and height are at most 2^31 - 1.
enum { MAX_SIDE = 0x7fffffff };

// Section 11.2.1, table 11.
enum color_type { TYPE_GRAY = 0, TYPE_RGB = 2, TYPE_PALETTE = 3, TYPE_GRAYA = 4, TYPE_RGBA = 6 };

#endif
