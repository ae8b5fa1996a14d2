// Quantised coefficients to tokens, T.81 F.1.2: what is to be written, before codes are known.
//
// A token is the index of a code (huffman.h) << 16 | the bits behind it. Tokens make the search for non-zero
// coefficients, whose branches are hard to predict, and the writing of bits, a long chain of dependent
// operations, two loops that do not wait for each other; and where the Huffman tables are made for the image,
// they are what is kept of it.
//
// Non-zero coefficients are found in a 64-bit mask, brought from the order of storage to zigzag order by a
// table for each of its bytes.
#ifndef JPEG_TOKENS_H
#define JPEG_TOKENS_H

#include "huffman.h"

typedef u32 token;

// A block has a token for each coefficient at most: an end of block or a run of 16 stands for zeros.
enum { BLOCK_TOKENS = BLOCK };

// Figure 5, by columns as coefficients are stored (dct.h): the position of each coefficient of a scan.
static const u8 zigzag[BLOCK] = {
    0,  8,  1,  2,  9,  16, 24, 17, 10, 3,  4,  11, 18, 25, 32, 40, 33, 26, 19, 12, 5,  6,
    13, 20, 27, 34, 41, 48, 56, 49, 42, 35, 28, 21, 14, 7,  15, 22, 29, 36, 43, 50, 57, 58,
    51, 44, 37, 30, 23, 31, 38, 45, 52, 59, 60, 53, 46, 39, 47, 54, 61, 62, 55, 63};

// [byte of the mask][its value]: the bits in zigzag order. 16 kB, of which photographs touch little.
static u64 zigzag_masks[8][256];

static void tokens_prepare(void) {
  for (u32 k = 0; k < BLOCK; k++) zigzag_masks[zigzag[k] >> 3][1 << (zigzag[k] & 7)] = (u64)1 << k;
  for (u32 i = 0; i < 8; i++)
    for (u32 bits = 1; bits < 256; bits++)
      zigzag_masks[i][bits] = zigzag_masks[i][bits & (bits - 1)] | zigzag_masks[i][bits & -bits];
}

INLINE u64 zigzag_mask(u64 mask) {
  u64 low = zigzag_masks[0][mask & 255] | zigzag_masks[1][mask >> 8 & 255] | zigzag_masks[2][mask >> 16 & 255] |
            zigzag_masks[3][mask >> 24 & 255];
  u64 high = zigzag_masks[4][mask >> 32 & 255] | zigzag_masks[5][mask >> 40 & 255] |
             zigzag_masks[6][mask >> 48 & 255] | zigzag_masks[7][mask >> 56];
  return low | high;
}

// x is a value as its bits are made from: one less where negative.
INLINE u32 magnitude(i32 x) { return (u32)(x ^ (x >> 31)); }
INLINE u32 magnitude_bits(i32 x) { return 32 - (u32)__builtin_clz(magnitude(x) << 1 | 1) - 1; }
INLINE u32 low_bits(i32 x, u32 count) { return (u32)x & ((1u << count) - 1); }

INLINE token *put_token(token *to, u32 index, u32 bits, bool count) {
  if (count) counts[index]++;
  *to = index << 16 | bits;
  return to + 1;
}

// The difference of a DC coefficient to that before it, F.1.2.1.
INLINE token *put_dc(token *to, i32 difference, u32 base, bool count) {
  i32 x = difference + (difference >> 31);
  u32 size = magnitude_bits(x);
  return put_token(to, base + size, low_bits(x, size), count);
}

// The value of a coefficient from how it is stored.
INLINE i32 value_of(i16 stored) { return stored - (stored >> 15); }

NOINLINE token *put_zero_runs(token *to, u32 index, u32 run, bool count) {
  for (; run > 15; run -= 16) to = put_token(to, index, 0, count);
  return to;
}

// A block of a sequential scan. `mask` in order of storage; `table` 0 or 1; *predictor is the DC value before.
INLINE token *put_block(token *to, const i16 *block, u64 mask, u32 table, i32 *predictor, bool count) {
  i32 dc = value_of(block[0]);
  to = put_dc(to, dc - *predictor, DC + table * DC_CODES, count);
  *predictor = dc;
  u32 base = AC + table * AC_CODES, next = 1;
  u64 left = zigzag_mask(mask & ~(u64)1);
  while (left != 0) {
    u32 k = (u32)__builtin_ctzll(left), run = k - next;
    left &= left - 1;
    next = k + 1;
    if (run > 15) {
      to = put_zero_runs(to, base + 0xf0, run, count);
      run &= 15;
    }
    i32 x = block[zigzag[k]];
    u32 size = 32 - (u32)__builtin_clz(magnitude(x));
    to = put_token(to, base + (run << 4) + size, low_bits(x, size), count);
  }
  if (next < BLOCK) to = put_token(to, base, 0, count);
  return to;
}

#endif
