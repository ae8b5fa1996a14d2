// filter_<type>: the filters of PNG, third edition, section 9: what is left of each byte of a row when its
// neighbours foretell it. The byte `bpp` before x is a, above x is b, above a is c.
//
//   none      x
//   sub       x - a
//   up        x - b
//   average   x - (a + b) / 2, rounded down
//   paeth     x - whichever of a, b, c is nearest to a + b - c
//
// A routine takes n bytes, from any byte of the row on. `row` and `above` are readable from bpp bytes before:
// a row begins with bpp bytes of 0, as does the one above, and above the first row all is 0. `to` overlaps
// neither. SIMD routines take 16 bytes a turn and leave the rest to the scalar one.
//
// score_<type> sums up what such bytes are worth: their absolute values, read as signed.
#ifndef FILTER_H
#define FILTER_H

#include "common/simd.h"
#include "png.h"

typedef void (*filter_op)(u8 *to, const u8 *row, const u8 *above, u32 n, u32 bpp);

// ---- the predictors -----------------------------------------------------------------------------

INLINE u8 paeth_of(u8 a, u8 b, u8 c) {
  i32 p = (i32)a + b - c;
  i32 pa = p > a ? p - a : a - p, pb = p > b ? p - b : b - p, pc = p > c ? p - c : c - p;
  return pa <= pb && pa <= pc ? a : pb <= pc ? b : c;
}

// The average is that of the instruction, which rounds up, less one where the sum is odd.
INLINE u8x16 average_x16(u8x16 a, u8x16 b) {
  return u8x16_sub(u8x16_average(a, b), u8x16_and(u8x16_xor(a, b), u8x16_splat(1)));
}

// |p - a| is |b - c|, |p - b| is |a - c|, and |p - c| is |(a - c) + (b - c)|: all of it fits bytes. Where a and
// b lie on the same side of c, |p - c| is the sum of the other two and never the smallest alone, so that any
// large value stands for it; where they lie on different sides it is the difference of the two. (Where one of
// them equals c, one distance is 0 and both give a right choice.) On a tie a goes before b, b before c.
INLINE u8x16 paeth_x16(u8x16 a, u8x16 b, u8x16 c) {
  u8x16 bc_max = u8x16_max(b, c), ac_max = u8x16_max(a, c);
  u8x16 pa = u8x16_sub(bc_max, u8x16_min(b, c)), pb = u8x16_sub(ac_max, u8x16_min(a, c));
  u8x16 same_side = u8x16_eq(u8x16_eq(bc_max, b), u8x16_eq(ac_max, a));
  u8x16 nearer = u8x16_min(pa, pb);
  u8x16 pc = u8x16_or(u8x16_sub(u8x16_max(pa, pb), nearer), same_side);
  u8x16 nearest = u8x16_min(nearer, pc);
  return u8x16_select(u8x16_eq(nearest, pa), a, u8x16_select(u8x16_eq(nearest, pb), b, c));
}

// ---- the filters --------------------------------------------------------------------------------

static void filter_none_scalar(u8 *to, const u8 *row, const u8 *above, u32 n, u32 bpp) {
  (void)above, (void)bpp;
  copy_bytes(to, row, n);
}

static void filter_sub_scalar(u8 *to, const u8 *row, const u8 *above, u32 n, u32 bpp) {
  (void)above;
  for (u32 i = 0; i < n; i++) to[i] = (u8)(row[i] - row[(i32)(i - bpp)]);
}

static void filter_sub_simd(u8 *to, const u8 *row, const u8 *above, u32 n, u32 bpp) {
  for (; n >= 16; n -= 16, row += 16, to += 16) u8x16_store(to, u8x16_sub(u8x16_load(row), u8x16_load(row - bpp)));
  filter_sub_scalar(to, row, above, n, bpp);
}

static void filter_up_scalar(u8 *to, const u8 *row, const u8 *above, u32 n, u32 bpp) {
  (void)bpp;
  for (u32 i = 0; i < n; i++) to[i] = (u8)(row[i] - above[i]);
}

static void filter_up_simd(u8 *to, const u8 *row, const u8 *above, u32 n, u32 bpp) {
  for (; n >= 16; n -= 16, row += 16, above += 16, to += 16)
    u8x16_store(to, u8x16_sub(u8x16_load(row), u8x16_load(above)));
  filter_up_scalar(to, row, above, n, bpp);
}

static void filter_average_scalar(u8 *to, const u8 *row, const u8 *above, u32 n, u32 bpp) {
  for (u32 i = 0; i < n; i++) to[i] = (u8)(row[i] - (row[(i32)(i - bpp)] + above[i]) / 2);
}

static void filter_average_simd(u8 *to, const u8 *row, const u8 *above, u32 n, u32 bpp) {
  for (; n >= 16; n -= 16, row += 16, above += 16, to += 16)
    u8x16_store(to, u8x16_sub(u8x16_load(row), average_x16(u8x16_load(row - bpp), u8x16_load(above))));
  filter_average_scalar(to, row, above, n, bpp);
}

static void filter_paeth_scalar(u8 *to, const u8 *row, const u8 *above, u32 n, u32 bpp) {
  for (u32 i = 0; i < n; i++) {
    i32 left = (i32)(i - bpp);
    to[i] = (u8)(row[i] - paeth_of(row[left], above[i], above[left]));
  }
}

static void filter_paeth_simd(u8 *to, const u8 *row, const u8 *above, u32 n, u32 bpp) {
  for (; n >= 16; n -= 16, row += 16, above += 16, to += 16) {
    u8x16 foretold = paeth_x16(u8x16_load(row - bpp), u8x16_load(above), u8x16_load(above - bpp));
    u8x16_store(to, u8x16_sub(u8x16_load(row), foretold));
  }
  filter_paeth_scalar(to, row, above, n, bpp);
}

// { SIMD, scalar }
static const filter_op filters[FILTERS][2] = {
    [NONE] = {filter_none_scalar, filter_none_scalar},
    [SUB] = {filter_sub_simd, filter_sub_scalar},
    [UP] = {filter_up_simd, filter_up_scalar},
    [AVERAGE] = {filter_average_simd, filter_average_scalar},
    [PAETH] = {filter_paeth_simd, filter_paeth_scalar},
};

// ---- the choice for a row -----------------------------------------------------------------------

// Sums of absolute values for the four filters that foretell, by type - 1, over blocks of 16 bytes that lie
// `step` bytes apart, as long as they are whole; a row of less than 16 bytes is one block.
typedef void (*score_op)(u32 scores[4], const u8 *row, const u8 *above, u32 n, u32 bpp, u32 step);

static void score_scalar(u32 scores[4], const u8 *row, const u8 *above, u32 n, u32 bpp, u32 step) {
  u8 left_over[16];
  u32 block = min_u32(n, 16);
  fill_bytes(scores, 0, 4 * sizeof *scores);
  for (size_t at = 0; at + block <= n; at += step)
    for (u32 f = 0; f < 4; f++) {
      filters[SUB + f][1](left_over, row + at, above + at, block, bpp);
      for (u32 i = 0; i < block; i++) scores[f] += (u32)(left_over[i] < 128 ? left_over[i] : 256 - left_over[i]);
    }
}

// u8x16 -> u16x8 of what 16 bytes are worth, two together.
INLINE u16x8 worth_x16(u8x16 v) { return u16x8_add_pairs(u8x16_min(v, u8x16_sub(u8x16_splat(0), v))); }

INLINE u32 sum_x8(u16x8 v) {
  u32x4 sums = u32x4_add_pairs(v);
  return sums[0] + sums[1] + sums[2] + sums[3];
}

static void score_simd(u32 scores[4], const u8 *row, const u8 *above, u32 n, u32 bpp, u32 step) {
  if (n < 16) {
    score_scalar(scores, row, above, n, bpp, step);
    return;
  }
  u32 sub = 0, up = 0, average = 0, paeth = 0;
  for (size_t at = 0; at + 16 <= n;) {
    // A lane grows by 256 at most a block: 255 blocks fit.
    u16x8 sub8 = u16x8_splat(0), up8 = sub8, average8 = sub8, paeth8 = sub8;
    for (u32 blocks = 0; blocks < 255 && at + 16 <= n; blocks++, at += step) {
      u8x16 x = u8x16_load(row + at), a = u8x16_load(row + at - bpp);
      u8x16 b = u8x16_load(above + at), c = u8x16_load(above + at - bpp);
      sub8 = u16x8_add(sub8, worth_x16(u8x16_sub(x, a)));
      up8 = u16x8_add(up8, worth_x16(u8x16_sub(x, b)));
      average8 = u16x8_add(average8, worth_x16(u8x16_sub(x, average_x16(a, b))));
      paeth8 = u16x8_add(paeth8, worth_x16(u8x16_sub(x, paeth_x16(a, b, c))));
    }
    sub += sum_x8(sub8);
    up += sum_x8(up8);
    average += sum_x8(average8);
    paeth += sum_x8(paeth8);
  }
  scores[0] = sub;
  scores[1] = up;
  scores[2] = average;
  scores[3] = paeth;
}

static const score_op score[2] = {score_simd, score_scalar};

#endif
