// The kernel `vp8`: an encoder of VP8 key frames, RFC 6386, as the chunk `VP8 ` of a WebP file holds them. See README.md
// beside this file for the way from pixels to bits.
#ifndef VP8_H
#define VP8_H

#include "common/encoder_wish.h"
#include "common/kernel.h"
#include "common/pixel_format.h"

enum vp8_flag {
  SCALAR = 1,       // the routines that define the SIMD ones, for tests
  RECONSTRUCT = 2,  // keeps what a decoder will show, for tests
  UNSEEN = 4,       // what alpha hides may be changed
  SHARP = 8,        // samples that give back the pixels as well as may be
};

enum effort { FAST = 0, BALANCED = 1, SMALLEST = 2 };

// What a block of coefficients is: luma without DC, the DCs of a macroblock, chroma, luma with DC.
enum block_kind { LUMA_AC = 0, LUMA_DC = 1, CHROMA = 2, LUMA = 3, BLOCK_KINDS = 4 };

enum { BANDS = 8, CONTEXTS = 3, TREE = 11, MODE_TREE = 9, STEPS = 128, SEGMENTS = 4, MAX_SIDE = 16383 };

// Of a 4x4 block. The first four are those of a whole macroblock too, of luma and of chroma.
enum block_mode { DC_PRED, TM_PRED, V_PRED, H_PRED, RD_PRED, VR_PRED, LD_PRED, VL_PRED, HD_PRED, HU_PRED, BLOCK_MODES };
enum { WHOLE_MODES = 4, BY_BLOCKS = 4 };  // a macroblock whose luma is predicted block by block

// Samples of a macroblock: 16 blocks of luma, 4 of Cb and 4 of Cr, each 4x4 row by row.
enum { BLOCK = 16, LUMA_BLOCKS = 16, BLOCKS = 24, CB_BLOCK = 16, CR_BLOCK = 20, SAMPLES = BLOCKS * BLOCK };

// What is decided of a macroblock.
struct macroblock {
  u8 mode;  // of luma, or BY_BLOCKS
  u8 chroma_mode, segment;
  bool skip;                 // no coefficient that is not 0
  bool hidden;               // nobody sees anything of it: it becomes what is predicted of it
  u8 modes[LUMA_BLOCKS];     // of the blocks; those of a whole macroblock are contexts
  u32 filled;                // bit for each block that has coefficients; bits 24 and 25: see contexts.h
};

#endif
