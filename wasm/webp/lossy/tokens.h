// Levels of all macroblocks as they are kept, and as they are written: RFC 6386 section 13.
//
// Kept are, of each macroblock with any, the blocks in the order of the file, each its number of levels up to the last that is
// not 0, and these.
#ifndef TOKENS_H
#define TOKENS_H

#include "rate.h"

// i16 that a macroblock takes at most.
enum { MACROBLOCK_LEVELS = 25 * 17, LUMA_DC_ABOVE = 24, LUMA_DC_LEFT = 25 };

// ---- contexts: of how many neighbours, above and to the left, have levels ------------------------

// `left` and `above` are those of the neighbours' macroblocks, `filled` of this one as far as it is known.
INLINE u32 luma_context(u32 filled, u32 left, u32 above, u32 block) {
  u32 before = block & 3 ? filled >> (block - 1) : left >> (block + 3);
  u32 over = block >= 4 ? filled >> (block - 4) : above >> (block + 12);
  return (before & 1) + (over & 1);
}
INLINE u32 chroma_context(u32 filled, u32 left, u32 above, u32 block) {
  u32 before = block & 1 ? filled >> (block - 1) : left >> (block + 1);
  u32 over = block & 2 ? filled >> (block - 2) : above >> (block + 2);
  return (before & 1) + (over & 1);
}
INLINE u32 luma_dc_context(u32 left, u32 above) { return (left >> LUMA_DC_LEFT & 1) + (above >> LUMA_DC_ABOVE & 1); }

// Where a macroblock has no block of DCs, that of its neighbours stays in force.
INLINE u32 luma_dc_bits(bool has, bool any, u32 left, u32 above) {
  u32 bits = 1u << LUMA_DC_ABOVE | 1u << LUMA_DC_LEFT;
  if (has) return any ? bits : 0;
  return (above & 1u << LUMA_DC_ABOVE) | (left & 1u << LUMA_DC_LEFT);
}

// ---- keeping ------------------------------------------------------------------------------------

INLINE u32 levels_in(const struct levels *block) { return block->mask == 0 ? 0 : 32 - (u32)__builtin_clz(block->mask); }

// Counts a block and adds it to what is kept.
NOINLINE i16 *keep_block(i16 *to, const struct levels *block, u32 kind, u32 context) {
  u32 n = levels_in(block), i = kind == LUMA_AC;
  u32 (*counts)[CONTEXTS][TOKENS] = token_counts[kind];
  *to++ = (i16)n;
  for (; i < n; i++) {
    i32 level = *to++ = block->level[i];
    u32 size = size_of(level);
    counts[bands[i]][context][token_of[min_u32(size, COST_LEVELS - 1)]]++;
    context = min_u32(size, 2);
  }
  if (n < 16) counts[bands[i]][context][END_TOKEN]++;
  return to;
}

// ---- writing ------------------------------------------------------------------------------------

NOINLINE void put_large(struct coder *c, const u8 *p, u32 size) {
  u32 which = category_of(size);
  const struct category *category = &categories[which];
  put_bit(c, which > 1, p[6]);
  if (which < 2) put_bit(c, which, p[7]);
  else {
    put_bit(c, which > 3, p[8]);
    put_bit(c, which & 1, p[9 + (which > 3)]);
  }
  u32 rest = size - category->base;
  for (u32 i = 0; i < category->bits; i++) put_bit(c, rest >> (category->bits - 1 - i) & 1, category->probabilities[i]);
}

// The next block of those kept.
INLINE const i16 *put_block(struct coder *c, const i16 *from, u32 kind, u32 context) {
  u32 i = kind == LUMA_AC, n = (u32)*from++;
  const u8 *p = probabilities[kind][bands[i]][context];
  if (n == 0) {
    put_bit(c, 0, p[0]);
    return from;
  }
  put_bit(c, 1, p[0]);
  while (i < n) {
    i32 level = *from++;
    u32 size = (u32)(level < 0 ? -level : level);
    put_bit(c, size > 0, p[1]);
    if (size == 0) {
      p = probabilities[kind][bands[++i]][0];
      continue;
    }
    put_bit(c, size > 1, p[2]);
    if (size > 1) {
      put_bit(c, size > 4, p[3]);
      if (size > 4) {
        // A copy, so that the coder itself stays in registers.
        struct coder large = *c;
        put_large(&large, p, size);
        *c = large;
      } else {
        put_bit(c, size > 2, p[4]);
        if (size > 2) put_bit(c, size == 4, p[5]);
      }
    }
    put_bit(c, level < 0, 128);
    p = probabilities[kind][bands[++i]][size < 2 ? 1 : 2];
    if (i < 16) put_bit(c, i < n, p[0]);
  }
  return from;
}

// All levels of a macroblock that has any.
NOINLINE const i16 *put_macroblock(struct coder *coder, const i16 *from, const struct macroblock *mb, u32 left, u32 above) {
  struct coder c = *coder;
  u32 kind = mb->mode == BY_BLOCKS ? LUMA : LUMA_AC, filled = mb->filled;
  if (kind == LUMA_AC) from = put_block(&c, from, LUMA_DC, luma_dc_context(left, above));
  for (u32 block = 0; block < LUMA_BLOCKS; block++) from = put_block(&c, from, kind, luma_context(filled, left, above, block));
  for (u32 block = CB_BLOCK; block < BLOCKS; block++) from = put_block(&c, from, CHROMA, chroma_context(filled, left, above, block));
  *coder = c;
  return from;
}

#endif
