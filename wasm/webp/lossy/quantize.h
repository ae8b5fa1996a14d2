// Coefficients to levels and back. Levels are in zigzag order (RFC 6386 section 13), coefficients row by row.
#ifndef QUANTIZE_H
#define QUANTIZE_H

#include "predict.h"
#include "tables.h"
#include "transform.h"

// By place in zigzag order. A level is the coefficient, less `dead` of it, over the step, rounded to the nearest.
struct quantizer { i16 step[16], inverse[16], dead[16]; } __attribute__((aligned(16)));

// Of a segment. `lambda`: what a bit is worth, see rate.h.
struct segment {
  struct quantizer luma, luma_dc, chroma;
  u32 lambda;
  u32 index, filter;  // of steps; strength of the loop filter
};

#define ZIGZAG_LOW 0, 1, 4, 8, 5, 2, 3, 6
#define ZIGZAG_HIGH 9, 12, 13, 10, 7, 11, 14, 15
static const u8 zigzag[16] = {ZIGZAG_LOW, ZIGZAG_HIGH};

// A block's levels and what they stand for.
struct levels {
  i16 level[16];         // in zigzag order
  i16 value[16];         // times the step, row by row
  u32 mask;              // a bit for each that is not 0, in zigzag order
  u32 error;             // squares of what is lost
} __attribute__((aligned(16)));

// `bias`: what is added before a division by the step is cut off, in 1/256 of it. Halves between two levels go to the smaller one, which
// with small steps is every fourth coefficient.
static void quantizer_set(struct quantizer *q, u32 dc, u32 ac, u32 dc_bias, u32 ac_bias) {
  for (u32 i = 0; i < 16; i++) {
    u32 step = i == 0 ? dc : ac, bias = i == 0 ? dc_bias : ac_bias;
    q->step[i] = (i16)step;
    q->inverse[i] = (i16)((32768 + step / 2) / step);
    u32 dead = step * (128 - bias);
    q->dead[i] = (i16)(step & 1 ? (dead + 128) >> 8 : (dead >> 8) + 1);
  }
}

// `first`: 1 where the first coefficient is in another block, and neither it nor its error counts here.
NOINLINE void quantize_scalar(struct levels *to, const i16 *coefficients, const struct quantizer *q, u32 first) {
  to->mask = to->error = 0;
  to->level[0] = to->value[0] = 0;
  for (u32 i = first; i < 16; i++) {
    i32 c = coefficients[zigzag[i]], size = c < 0 ? -c : c;
    i32 level = ((size - q->dead[i]) * q->inverse[i] + 0x4000) >> 15;
    if (level < 0) level = 0;
    i32 error = size - level * q->step[i];
    to->level[i] = (i16)(c < 0 ? -level : level);
    to->value[zigzag[i]] = (i16)(to->level[i] * q->step[i]);
    to->mask |= (u32)(level != 0) << i;
    to->error += (u32)(error * error);
  }
}

// The first coefficient, of a block whose others are quantised. Gives what is lost of it.
static i32 quantize_first(struct levels *to, i32 c, const struct quantizer *q) {
  i32 size = c < 0 ? -c : c, level = ((size - q->dead[0]) * q->inverse[0] + 0x4000) >> 15;
  if (level < 0) level = 0;
  i32 error = size - level * q->step[0];
  to->level[0] = (i16)(c < 0 ? -level : level);
  to->value[0] = (i16)(to->level[0] * q->step[0]);
  to->mask |= level != 0;
  to->error += (u32)(error * error);
  return c < 0 ? -error : error;
}

INLINE void quantize_simd(struct levels *to, struct block16 c, const struct quantizer *q, u32 first) {
  i16x8 z[2] = {i16x8_shuffle(c.low, c.high, ZIGZAG_LOW), i16x8_shuffle(c.low, c.high, ZIGZAG_HIGH)};
  if (first == 1) z[0] = i16x8_and(z[0], (i16x8){0, -1, -1, -1, -1, -1, -1, -1});
  i16x8 sizes[2], values[2];
  u32x4 error = u32x4_splat(0);
  UNROLL for (u32 half = 0; half < 2; half++) {
    i16x8 sign = i16x8_shr(z[half], 15), size = i16x8_abs(z[half]), step = i16x8_load(q->step + 8 * half);
    i16x8 level = i16x8_q15mulr(i16x8_sub(size, i16x8_load(q->dead + 8 * half)), i16x8_load(q->inverse + 8 * half));
    level = i16x8_max(level, i16x8_splat(0));
    i16x8 product = i16x8_mul(level, step), lost = i16x8_sub(size, product);
    error = u32x4_add(error, i32x4_dot(lost, lost));
    sizes[half] = level;
    i16x8_store(to->level + 8 * half, i16x8_sub(i16x8_xor(level, sign), sign));
    values[half] = i16x8_sub(i16x8_xor(product, sign), sign);
  }
  to->mask = u8x16_bitmask(u8x16_not(u8x16_eq(u8x16_narrow((u16x8)sizes[0], (u16x8)sizes[1]), u8x16_splat(0))));
  to->error = error[0] + error[1] + error[2] + error[3];
  i16x8_store(to->value, i16x8_shuffle(values[0], values[1], 0, 1, 5, 6, 2, 4, 7, 12));
  i16x8_store(to->value + 8, i16x8_shuffle(values[0], values[1], 3, 8, 11, 13, 9, 10, 14, 15));
}

// Transforms and quantises a block. The DC goes to `dc` where that is not NULL, and does not count then.
NOINLINE void code_block(struct levels *to, const u8 *samples, const u8 *prediction, const struct quantizer *q, i16 *dc) {
  if (scalar_routines) {
    i16 coefficients[16];
    forward_scalar(coefficients, samples, prediction);
    if (dc != NULL) *dc = coefficients[0];
    quantize_scalar(to, coefficients, q, dc != NULL);
    return;
  }
  struct block16 c = forward_simd(u8x16_load(samples), u8x16_load(prediction));
  if (dc != NULL) *dc = c.low[0];
  if (dc != NULL) quantize_simd(to, c, q, 1);
  else quantize_simd(to, c, q, 0);
}

// What a decoder makes of it. `any`: whether there is a value that is not 0.
NOINLINE void rebuild_block(u8 *to, const i16 *values, bool any, const u8 *prediction) {
  if (!any) {
    copy_bytes(to, prediction, BLOCK);
    return;
  }
  if (scalar_routines) {
    inverse_scalar(to, values, prediction);
    return;
  }
  struct block16 c = {i16x8_load(values), i16x8_load(values + 8)};
  u8x16_store(to, inverse_simd(c, u8x16_load(prediction)));
}

#endif
