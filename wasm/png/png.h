// The kernel `png`: a PNG encoder (W3C PNG, third edition). See README.md beside this file for the way from
// pixels to bits.
#ifndef PNG_H
#define PNG_H

#include "common/encoder_wish.h"
#include "common/kernel.h"
#include "common/pixel_format.h"

enum png_flag {
  REDUCE = 1,      // leave out what the image turns out not to need; without it the layout of the input is kept
  INSPECT = 2,     // with REDUCE: the host can show all rows before it hands them over
  INTERLACED = 4,  // Adam7; the image is kept in memory
  SCALAR = 8,      // the routines that define the SIMD ones, for tests
};

// The types of section 9.2, and the choice row by row.
enum png_filter { NONE = 0, SUB = 1, UP = 2, AVERAGE = 3, PAETH = 4, FILTERS = 5, AUTO = 5 };

// Section 11.2.1: width and height are at most 2^31 - 1.
enum { MAX_SIDE = 0x7fffffff };

// Section 11.2.1, table 11.
enum color_type { TYPE_GRAY = 0, TYPE_RGB = 2, TYPE_PALETTE = 3, TYPE_GRAYA = 4, TYPE_RGBA = 6 };

#endif
