// The kernel `jpeg`: a Huffman JPEG encoder, ITU-T T.81, 8 bits a sample. See README.md beside this file for
// the way from pixels to bits.
#ifndef JPEG_H
#define JPEG_H

#include "common/encoder_wish.h"
#include "common/kernel.h"
#include "common/pixel_format.h"

enum jpeg_flag {
  OPTIMIZE = 1,     // Huffman tables made for the image
  PROGRESSIVE = 2,  // implies OPTIMIZE
  GRAY = 4,         // one component
  SCALAR = 8,       // the routines that define the SIMD ones, for tests
};

// Luma samples a chroma sample, across and down.
enum subsampling { CHROMA_444 = 0, CHROMA_422 = 1, CHROMA_420 = 2 };

enum { BLOCK = 64, MAX_MCU_BLOCKS = 6, MAX_SIDE = 65500 };

#endif
