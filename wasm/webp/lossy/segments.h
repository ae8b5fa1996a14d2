// Segments: macroblocks by how busy they are, each with steps of its own, as errors show less where much is going on.
//
// How busy is the mean logarithm of the variances of the blocks of luma, in 1/8 of a doubling.
#ifndef SEGMENTS_H
#define SEGMENTS_H

#include "quantize.h"

enum { ACTIVITIES = 128 };

// 16 times the sum of squares of differences from the mean, of 16 samples.
static u32 variance_scalar(const u8 *samples) {
  u32 sum = 0, squares = 0;
  for (u32 i = 0; i < BLOCK; i++) {
    sum += samples[i];
    squares += (u32)samples[i] * samples[i];
  }
  return 16 * squares - sum * sum;
}

// The sum of each vector's lanes.
INLINE u32x4 add_across(const u32x4 v[4]) {
  u32x4 ab = u32x4_add(u32x4_shuffle(v[0], v[1], 0, 1, 4, 5), u32x4_shuffle(v[0], v[1], 2, 3, 6, 7));
  u32x4 cd = u32x4_add(u32x4_shuffle(v[2], v[3], 0, 1, 4, 5), u32x4_shuffle(v[2], v[3], 2, 3, 6, 7));
  return u32x4_add(u32x4_shuffle(ab, cd, 0, 2, 4, 6), u32x4_shuffle(ab, cd, 1, 3, 5, 7));
}

// Of four blocks.
INLINE u32x4 variance_simd(const u8 *samples) {
  u32x4 sums[4], squares[4];
  UNROLL for (u32 i = 0; i < 4; i++) {
    u8x16 v = u8x16_load(samples + i * BLOCK);
    i16x8 low = (i16x8)u16x8_extend_low(v), high = (i16x8)u16x8_extend_high(v);
    sums[i] = i32x4_dot(i16x8_add(low, high), i16x8_splat(1));
    squares[i] = u32x4_add(i32x4_dot(low, low), i32x4_dot(high, high));
  }
  u32x4 sum = add_across(sums), square = add_across(squares);
  return u32x4_sub(u32x4_shl(square, 4), u32x4_mul(sum, sum));
}

// About 8 log2(v): between powers of two it is a line.
INLINE u32 log2_eighths(u32 v) {
  u32 whole = 31 - (u32)__builtin_clz(v);
  return 8 * whole + ((v << (31 - whole)) >> 28 & 7);
}

// Of a macroblock, below ACTIVITIES.
NOINLINE u32 activity_of(const u8 *samples) {
  u32 sum = 0;
  for (u32 block = 0; block < LUMA_BLOCKS; block += 4) {
    const u8 *at = samples + block * BLOCK;
    u32x4 v = {0};
    if (!scalar_routines) v = variance_simd(at);
    // In sixteenths of a square; what is below 1 a sample is as good as flat.
    for (u32 i = 0; i < 4; i++) sum += log2_eighths(256 + (scalar_routines ? variance_scalar(at + i * BLOCK) : v[i])) - 64;
  }
  return min_u32(sum / LUMA_BLOCKS, ACTIVITIES - 1);
}

struct clusters { u32 center[SEGMENTS]; u8 of[ACTIVITIES]; u32 middle; };

// Four groups of activities, each around its mean.
NOINLINE void find_clusters(struct clusters *to, const u32 histogram[ACTIVITIES]) {
  u32 low = 0, high = ACTIVITIES - 1;
  while (low < high && histogram[low] == 0) low++;
  while (high > low && histogram[high] == 0) high--;
  for (u32 i = 0; i < SEGMENTS; i++) to->center[i] = low + (high - low) * (2 * i + 1) / (2 * SEGMENTS);
  for (u32 round = 0; round < 8; round++) {
    u64 sum[SEGMENTS] = {0}, count[SEGMENTS] = {0};
    for (u32 a = 0, nearest = 0; a < ACTIVITIES; a++) {
      while (nearest + 1 < SEGMENTS && 2 * a > to->center[nearest] + to->center[nearest + 1]) nearest++;
      to->of[a] = (u8)nearest;
      sum[nearest] += (u64)a * histogram[a];
      count[nearest] += histogram[a];
    }
    for (u32 i = 0; i < SEGMENTS; i++)
      if (count[i] > 0) to->center[i] = (u32)((sum[i] + count[i] / 2) / count[i]);
    u64 all = sum[0] + sum[1] + sum[2] + sum[3], n = count[0] + count[1] + count[2] + count[3];
    if (n == 0) n = 1;  // nothing is seen
    // The mean of all would make the busy part of an image that is mostly flat too coarse.
    to->middle = ((u32)((all + n / 2) / n) * 10 + (to->center[0] + to->center[SEGMENTS - 1]) * 3) / 16;
  }
}

// The index whose step is nearest to that of `index` (in 1/16), of which what is above the finest step is taken 2^(eighths / 8 *
// strength / 256) times.
static u32 scaled_index(u32 index, i32 eighths, i32 strength) {
  static const u16 powers[32] = {256, 262, 267, 273, 279, 285, 292, 298, 304, 311, 318, 325, 332, 339, 347, 354,
                                 362, 370, 378, 386, 395, 403, 412, 421, 431, 440, 450, 459, 470, 480, 490, 501};  // 256 * 2^(i/32)
  u32 at = min_u32(index >> 4, STEPS - 1), next = min_u32(at + 1, STEPS - 1);
  u32 step = ac_steps[at] * 16 + (ac_steps[next] - ac_steps[at]) * (index & 15);  // in 1/16
  i32 power = (eighths * strength) / 64;                                          // in 1/32
  i32 whole = power >> 5;
  // What is above the finest step is scaled: at the highest qualities errors are to be small everywhere.
  u32 finest = ac_steps[0] * 16u, scaled = (step - finest) * powers[power & 31] >> 8;
  scaled = finest + (whole >= 0 ? scaled << min_u32((u32)whole, 4) : scaled >> -whole);
  u32 i = 0;
  while (i + 1 < STEPS && (ac_steps[i] + ac_steps[i + 1]) * 8u < scaled) i++;
  return i;
}

#endif
