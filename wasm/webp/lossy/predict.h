// Intra prediction, RFC 6386 section 12, and how near a prediction is: the sum of absolute values of the Hadamard
// transform of what it leaves (SATD), halved.
//
// What is around a block of luma is one vector: the sample at the bottom left twice, then from there up, the corner, eight from
// left to right, and the last of them twice more. With the averages of two neighbours and of three, every directional mode is a
// shuffle. Averages of two are of a sample and the next; the first is the bottom left sample itself.
#ifndef PREDICT_H
#define PREDICT_H

#include "common/simd.h"
#include "vp8.h"

enum { CORNER = 5, ABOVE = 6 };

// Samples beyond the frame.
enum { BEYOND_ABOVE = 127, BEYOND_LEFT = 129 };

// Where each sample comes from: averages of three, or from 16 on of two.
#define TWO(i) (16 + (i))
#define V_LANES 6, 7, 8, 9, 6, 7, 8, 9, 6, 7, 8, 9, 6, 7, 8, 9
#define H_LANES 4, 4, 4, 4, 3, 3, 3, 3, 2, 2, 2, 2, 1, 1, 1, 1
#define RD_LANES 5, 6, 7, 8, 4, 5, 6, 7, 3, 4, 5, 6, 2, 3, 4, 5
#define VR_LANES TWO(5), TWO(6), TWO(7), TWO(8), 5, 6, 7, 8, 4, TWO(5), TWO(6), TWO(7), 3, 5, 6, 7
#define LD_LANES 7, 8, 9, 10, 8, 9, 10, 11, 9, 10, 11, 12, 10, 11, 12, 13
#define VL_LANES TWO(6), TWO(7), TWO(8), TWO(9), 7, 8, 9, 10, TWO(7), TWO(8), TWO(9), 11, 8, 9, 10, 12
#define HD_LANES TWO(4), 5, 6, 7, TWO(3), 4, TWO(4), 5, TWO(2), 3, TWO(3), 4, TWO(1), 2, TWO(2), 3
#define HU_LANES TWO(3), 3, TWO(2), 2, TWO(2), 2, TWO(1), 1, TWO(1), 1, TWO(0), TWO(0), TWO(0), TWO(0), TWO(0), TWO(0)

static const u8 direction_lanes[BLOCK_MODES][16] = {
    [V_PRED] = {V_LANES},   [H_PRED] = {H_LANES},   [RD_PRED] = {RD_LANES}, [VR_PRED] = {VR_LANES},
    [LD_PRED] = {LD_LANES}, [VL_PRED] = {VL_LANES}, [HD_PRED] = {HD_LANES}, [HU_PRED] = {HU_LANES},
};

static u8 clamp_sample(i32 a) { return (u8)(a < 0 ? 0 : a > 255 ? 255 : a); }

// ---- scalar -------------------------------------------------------------------------------------

// All modes of a block, 16 samples each.
COLD static void predict_block_scalar(u8 to[BLOCK_MODES][BLOCK], const u8 around[16]) {
  u8 averages[32] = {0};
  for (u32 i = 1; i < 15; i++) averages[i] = (u8)((around[i - 1] + 2 * around[i] + around[i + 1] + 2) >> 2);
  for (u32 i = 0; i < 15; i++) averages[16 + i] = (u8)((around[i] + around[i + 1] + 1) >> 1);
  u32 sum = 4;
  for (u32 i = 0; i < 4; i++) sum += around[1 + i] + around[ABOVE + i];
  for (u32 i = 0; i < BLOCK; i++) {
    to[DC_PRED][i] = (u8)(sum >> 3);
    to[TM_PRED][i] = clamp_sample(around[ABOVE + (i & 3)] + around[4 - (i >> 2)] - around[CORNER]);
    for (u32 mode = V_PRED; mode < BLOCK_MODES; mode++) to[mode][i] = averages[direction_lanes[mode][i]];
  }
}

COLD static u32 satd_scalar(const u8 *samples, const u8 *prediction) {
  i32 d[16];
  for (u32 i = 0; i < 16; i++) d[i] = samples[i] - prediction[i];
  for (u32 step = 1; step < 16; step *= 2)
    for (u32 i = 0; i < 16; i++)
      if (!(i & step)) {
        i32 a = d[i], b = d[i + step];
        d[i] = a + b;
        d[i + step] = a - b;
      }
  u32 sum = 0;
  for (u32 i = 0; i < 16; i++) sum += (u32)(d[i] < 0 ? -d[i] : d[i]);
  return sum / 2;
}

// ---- SIMD ---------------------------------------------------------------------------------------

// u16 sums of absolute values of two blocks, from rows that hold one of each: lanes 0 to 3 and 4 to 7.
INLINE u32x4 satd_rows(i16x8 r0, i16x8 r1, i16x8 r2, i16x8 r3) {
  i16x8 a = i16x8_add(r0, r1), b = i16x8_sub(r0, r1), c = i16x8_add(r2, r3), d = i16x8_sub(r2, r3);
  r0 = i16x8_add(a, c), r1 = i16x8_add(b, d), r2 = i16x8_sub(a, c), r3 = i16x8_sub(b, d);
  // Columns against rows, within each block.
  i16x8 low01 = i16x8_shuffle(r0, r1, 0, 8, 1, 9, 4, 12, 5, 13), high01 = i16x8_shuffle(r0, r1, 2, 10, 3, 11, 6, 14, 7, 15);
  i16x8 low23 = i16x8_shuffle(r2, r3, 0, 8, 1, 9, 4, 12, 5, 13), high23 = i16x8_shuffle(r2, r3, 2, 10, 3, 11, 6, 14, 7, 15);
  i16x8 c0 = (i16x8)u32x4_shuffle(low01, low23, 0, 4, 2, 6), c1 = (i16x8)u32x4_shuffle(low01, low23, 1, 5, 3, 7);
  i16x8 c2 = (i16x8)u32x4_shuffle(high01, high23, 0, 4, 2, 6), c3 = (i16x8)u32x4_shuffle(high01, high23, 1, 5, 3, 7);
  a = i16x8_add(c0, c1), b = i16x8_sub(c0, c1), c = i16x8_add(c2, c3), d = i16x8_sub(c2, c3);
  // |a + c| + |a - c| is twice the larger of |a| and |c|.
  i16x8 sum = i16x8_add(i16x8_max(i16x8_abs(a), i16x8_abs(c)), i16x8_max(i16x8_abs(b), i16x8_abs(d)));
  return i32x4_dot(sum, i16x8_splat(1));
}

struct satd2 { u32 a, b; };

INLINE struct satd2 satd_simd(u8x16 a, u8x16 prediction_a, u8x16 b, u8x16 prediction_b) {
  u8x16 s01 = u8x16_shuffle(a, b, 0, 1, 2, 3, 16, 17, 18, 19, 4, 5, 6, 7, 20, 21, 22, 23);
  u8x16 s23 = u8x16_shuffle(a, b, 8, 9, 10, 11, 24, 25, 26, 27, 12, 13, 14, 15, 28, 29, 30, 31);
  u8x16 p01 = u8x16_shuffle(prediction_a, prediction_b, 0, 1, 2, 3, 16, 17, 18, 19, 4, 5, 6, 7, 20, 21, 22, 23);
  u8x16 p23 = u8x16_shuffle(prediction_a, prediction_b, 8, 9, 10, 11, 24, 25, 26, 27, 12, 13, 14, 15, 28, 29, 30, 31);
  u32x4 sums = satd_rows((i16x8)u16x8_sub(u16x8_extend_low(s01), u16x8_extend_low(p01)),
                         (i16x8)u16x8_sub(u16x8_extend_high(s01), u16x8_extend_high(p01)),
                         (i16x8)u16x8_sub(u16x8_extend_low(s23), u16x8_extend_low(p23)),
                         (i16x8)u16x8_sub(u16x8_extend_high(s23), u16x8_extend_high(p23)));
  return (struct satd2){sums[0] + sums[1], sums[2] + sums[3]};
}

INLINE void predict_block_simd(u8 to[BLOCK_MODES][BLOCK], const u8 around[16]) {
  u8x16 v = u8x16_load(around), before = u8x16_shuffle(v, v, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14);
  u8x16 after = u8x16_shuffle(v, v, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 15);
  // (before + after) / 2 rounded down, then its average with the middle rounded up, is (before + 2 v + after + 2) / 4.
  u8x16 outer = u8x16_sub(u8x16_average(before, after), u8x16_and(u8x16_xor(before, after), u8x16_splat(1)));
  u8x16 three = u8x16_average(v, outer), two = u8x16_average(v, after);
  u32 sum = 4;
  for (u32 i = 0; i < 4; i++) sum += around[1 + i] + around[ABOVE + i];
  u8x16_store(to[DC_PRED], u8x16_splat((u8)(sum >> 3)));
  i16x8 row = i16x8_sub((i16x8)u16x8_extend_low(u8x16_shuffle(v, v, V_LANES)), i16x8_splat(around[CORNER]));
  u8x16 column = u8x16_shuffle(v, v, H_LANES);
  u8x16_store(to[TM_PRED], u8x16_narrow(u16x8_add((u16x8)row, u16x8_extend_low(column)), u16x8_add((u16x8)row, u16x8_extend_high(column))));
  u8x16_store(to[V_PRED], u8x16_shuffle(three, two, V_LANES));
  u8x16_store(to[H_PRED], u8x16_shuffle(three, two, H_LANES));
  u8x16_store(to[RD_PRED], u8x16_shuffle(three, two, RD_LANES));
  u8x16_store(to[VR_PRED], u8x16_shuffle(three, two, VR_LANES));
  u8x16_store(to[LD_PRED], u8x16_shuffle(three, two, LD_LANES));
  u8x16_store(to[VL_PRED], u8x16_shuffle(three, two, VL_LANES));
  u8x16_store(to[HD_PRED], u8x16_shuffle(three, two, HD_LANES));
  u8x16_store(to[HU_PRED], u8x16_shuffle(three, two, HU_LANES));
}

// ---- all modes of a block -----------------------------------------------------------------------

static bool scalar_routines;

// Predictions, and how near each of the first `modes` is, an even number.
NOINLINE void predict_block(u8 to[BLOCK_MODES][BLOCK], u32 satds[BLOCK_MODES], u32 modes, const u8 around[16], const u8 *samples) {
  if (scalar_routines) {
    predict_block_scalar(to, around);
    for (u32 mode = 0; mode < modes; mode++) satds[mode] = satd_scalar(samples, to[mode]);
    return;
  }
  predict_block_simd(to, around);
  u8x16 v = u8x16_load(samples);
  for (u32 mode = 0; mode < modes; mode += 2) {
    struct satd2 pair = satd_simd(v, u8x16_load(to[mode]), v, u8x16_load(to[mode + 1]));
    satds[mode] = pair.a;
    satds[mode + 1] = pair.b;
  }
}

// ---- whole macroblocks --------------------------------------------------------------------------

// What is around the samples of a macroblock: of luma (size 16), Cb or Cr (8).
struct border {
  u8 above[16 + 4], left[16], corner;
  bool has_above, has_left;
};

static u8 predict_dc(const struct border *border, u32 size) {
  u32 sum = 0, shift = size == 16 ? 4 : 3;
  if (!border->has_above && !border->has_left) return 128;
  for (u32 i = 0; i < size; i++) sum += (border->has_above ? border->above[i] : 0u) + (border->has_left ? border->left[i] : 0u);
  if (border->has_above && border->has_left) shift++;
  return (u8)((sum + (1u << (shift - 1))) >> shift);
}

COLD static void predict_whole_scalar(u8 *to, const struct border *border, u32 mode, u32 size) {
  u8 dc = predict_dc(border, size);
  for (u32 y = 0; y < size; y++)
    for (u32 x = 0; x < size; x++) {
      u8 above = border->above[x], left = border->left[y];
      to[((y >> 2) * (size >> 2) + (x >> 2)) * BLOCK + (y & 3) * 4 + (x & 3)] =
          mode == DC_PRED ? dc : mode == V_PRED ? above : mode == H_PRED ? left : clamp_sample(above + left - border->corner);
    }
}

// In blocks, row by row of them.
NOINLINE void predict_whole(u8 *to, const struct border *border, u32 mode, u32 size) {
  if (scalar_routines) {
    predict_whole_scalar(to, border, mode, size);
    return;
  }
  u32 across = size >> 2;
  u8x16 dc = u8x16_splat(predict_dc(border, size));
  i16x8 corner = i16x8_splat(border->corner);
  for (u32 by = 0; by < across; by++) {
    u8x16 left = (u8x16)u32x4_splat(load32(border->left + 4 * by));
    left = u8x16_shuffle(left, left, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3);
    for (u32 bx = 0; bx < across; bx++, to += BLOCK) {
      u8x16 above = (u8x16)u32x4_splat(load32(border->above + 4 * bx));
      if (mode == DC_PRED) u8x16_store(to, dc);
      else if (mode == V_PRED) u8x16_store(to, above);
      else if (mode == H_PRED) u8x16_store(to, left);
      else {
        u16x8 row = (u16x8)i16x8_sub((i16x8)u16x8_extend_low(above), corner);
        u8x16_store(to, u8x16_narrow(u16x8_add(row, u16x8_extend_low(left)), u16x8_add(row, u16x8_extend_high(left))));
      }
    }
  }
}

// The sum over a number of blocks, which is even.
NOINLINE u32 satd_blocks(const u8 *samples, const u8 *prediction, u32 blocks) {
  u32 sum = 0;
  for (u32 i = 0; i < blocks * BLOCK; i += 2 * BLOCK) {
    if (scalar_routines) {
      sum += satd_scalar(samples + i, prediction + i) + satd_scalar(samples + i + BLOCK, prediction + i + BLOCK);
      continue;
    }
    struct satd2 pair = satd_simd(u8x16_load(samples + i), u8x16_load(prediction + i), u8x16_load(samples + i + BLOCK),
                                  u8x16_load(prediction + i + BLOCK));
    sum += pair.a + pair.b;
  }
  return sum;
}

#endif
