// The transforms: forward ones of our own, inverse ones as RFC 6386 sections 14.3 and 14.4 have them, bit for bit.
//
// A block is 16 samples or coefficients row by row. Coefficients of the DCT are twice those of an orthonormal one, those of the
// WHT half of the sums.
#ifndef TRANSFORM_H
#define TRANSFORM_H

#include "common/simd.h"
#include "vp8.h"

// sqrt(2) cos(pi/8) and sqrt(2) sin(pi/8): in 1/4096 forward; in 1/65536, less 1 and 0, inverse.
enum { FORWARD_COS = 5352, FORWARD_SIN = 2217, INVERSE_COS = 20091, INVERSE_SIN = 35468 };

// ---- scalar -------------------------------------------------------------------------------------

COLD static void forward_scalar(i16 *to, const u8 *samples, const u8 *prediction) {
  i32 half[16];
  for (u32 x = 0; x < 4; x++) {
    i32 d[4];
    for (u32 y = 0; y < 4; y++) d[y] = samples[y * 4 + x] - prediction[y * 4 + x];
    i32 a0 = d[0] + d[3], a1 = d[1] + d[2], a2 = d[1] - d[2], a3 = d[0] - d[3];
    half[x] = (a0 + a1) * 8;
    half[4 + x] = (a3 * FORWARD_COS + a2 * FORWARD_SIN + 256) >> 9;
    half[8 + x] = (a0 - a1) * 8;
    half[12 + x] = (a3 * FORWARD_SIN - a2 * FORWARD_COS + 256) >> 9;
  }
  for (u32 y = 0; y < 4; y++) {
    const i32 *d = half + y * 4;
    i32 a0 = d[0] + d[3], a1 = d[1] + d[2], a2 = d[1] - d[2], a3 = d[0] - d[3];
    to[y * 4] = (i16)((a0 + a1 + 7) >> 4);
    to[y * 4 + 1] = (i16)((a3 * FORWARD_COS + a2 * FORWARD_SIN + 32768) >> 16);
    to[y * 4 + 2] = (i16)((a0 - a1 + 7) >> 4);
    to[y * 4 + 3] = (i16)((a3 * FORWARD_SIN - a2 * FORWARD_COS + 32768) >> 16);
  }
}

INLINE i32 by_cos(i32 a) { return a + ((a * INVERSE_COS) >> 16); }
INLINE i32 by_sin(i32 a) { return (a * INVERSE_SIN) >> 16; }
INLINE u8 clamp_u8(i32 a) { return (u8)(a < 0 ? 0 : a > 255 ? 255 : a); }

// `to` may be the prediction.
COLD static void inverse_scalar(u8 *to, const i16 *coefficients, const u8 *prediction) {
  i32 half[16];
  for (u32 x = 0; x < 4; x++) {
    const i16 *c = coefficients + x;
    i32 a = c[0] + c[8], b = c[0] - c[8], d = by_sin(c[4]) - by_cos(c[12]), e = by_cos(c[4]) + by_sin(c[12]);
    half[x] = a + e;
    half[4 + x] = b + d;
    half[8 + x] = b - d;
    half[12 + x] = a - e;
  }
  for (u32 y = 0; y < 4; y++) {
    const i32 *c = half + y * 4;
    i32 a = c[0] + c[2] + 4, b = c[0] - c[2] + 4, d = by_sin(c[1]) - by_cos(c[3]), e = by_cos(c[1]) + by_sin(c[3]);
    i32 out[4] = {a + e, b + d, b - d, a - e};
    for (u32 x = 0; x < 4; x++) to[y * 4 + x] = clamp_u8(prediction[y * 4 + x] + (out[x] >> 3));
  }
}

// ---- SIMD ---------------------------------------------------------------------------------------

// Rows 0 and 1, and rows 2 and 3, of a block.
struct block16 { i16x8 low, high; };

// i16 4x4 -> 4x4, transposed
INLINE struct block16 transpose(struct block16 v) {
  i16x8 a = i16x8_shuffle(v.low, v.high, 0, 4, 8, 12, 1, 5, 9, 13);
  return (struct block16){a, i16x8_shuffle(v.low, v.high, 2, 6, 10, 14, 3, 7, 11, 15)};
}

INLINE i16x8 swap_halves(i16x8 v) { return i16x8_shuffle(v, v, 4, 5, 6, 7, 0, 1, 2, 3); }

// Down the columns: even rows of sums and differences as they are, odd ones by the sine and cosine.
INLINE struct block16 forward_columns(struct block16 v, int even_left, int even_right, int odd_right) {
  i16x8 back = swap_halves(v.high);               // rows 3 and 2
  i16x8 sum = i16x8_add(v.low, back);             // a0, a1
  i16x8 difference = i16x8_sub(v.low, back);      // a3, a2
  i16x8 a0 = i16x8_shuffle(sum, sum, 0, 1, 2, 3, 0, 1, 2, 3), a1 = swap_halves(sum);
  const i16x8 sign = {0, 0, 0, 0, -1, -1, -1, -1};
  a1 = i16x8_shuffle(a1, a1, 0, 1, 2, 3, 0, 1, 2, 3);
  i16x8 even = i16x8_add(a0, i16x8_sub(i16x8_xor(a1, sign), sign));  // a0 + a1, a0 - a1
  if (even_left > 0) even = i16x8_shl(even, even_left);
  if (even_right > 0) even = i16x8_shr(i16x8_add(even, i16x8_splat((i16)((1 << (even_right - 1)) - 1))), even_right);
  i16x8 pairs = i16x8_shuffle(difference, difference, 0, 4, 1, 5, 2, 6, 3, 7);  // a3, a2, a3, a2 ...
  const u32x4 half = u32x4_splat(1u << (odd_right - 1));
  u32x4 one = i32x4_shr(u32x4_add(i32x4_dot(pairs, i16x8_pairs(FORWARD_COS, FORWARD_SIN)), half), odd_right);
  u32x4 three = i32x4_shr(u32x4_add(i32x4_dot(pairs, i16x8_pairs(FORWARD_SIN, -FORWARD_COS)), half), odd_right);
  i16x8 odd = i16x8_narrow(one, three);
  return (struct block16){i16x8_shuffle(even, odd, 0, 1, 2, 3, 8, 9, 10, 11), i16x8_shuffle(even, odd, 4, 5, 6, 7, 12, 13, 14, 15)};
}

INLINE struct block16 forward_simd(u8x16 samples, u8x16 prediction) {
  struct block16 v = {(i16x8)u16x8_sub(u16x8_extend_low(samples), u16x8_extend_low(prediction)),
                      (i16x8)u16x8_sub(u16x8_extend_high(samples), u16x8_extend_high(prediction))};
  return transpose(forward_columns(transpose(forward_columns(v, 3, 0, 9)), 0, 4, 16));
}

// (a * b) >> 16
INLINE i16x8 multiply_high(i16x8 a, i16x8 b) {
  return i16x8_shuffle(i32x4_extmul_low(a, b), i32x4_extmul_high(a, b), 1, 3, 5, 7, 9, 11, 13, 15);
}

INLINE struct block16 inverse_columns(struct block16 v, i16 half) {
  i16x8 even = i16x8_shuffle(v.low, v.high, 0, 1, 2, 3, 8, 9, 10, 11);   // rows 0 and 2
  i16x8 odd = i16x8_shuffle(v.low, v.high, 4, 5, 6, 7, 12, 13, 14, 15);  // rows 1 and 3
  const i16x8 sign = {0, 0, 0, 0, -1, -1, -1, -1};
  i16x8 zero = i16x8_shuffle(even, even, 0, 1, 2, 3, 0, 1, 2, 3), two = i16x8_shuffle(even, even, 4, 5, 6, 7, 4, 5, 6, 7);
  i16x8 ab = i16x8_add(i16x8_add(zero, i16x8_splat(half)), i16x8_sub(i16x8_xor(two, sign), sign));
  i16x8 cos = i16x8_add(odd, multiply_high(odd, i16x8_splat(INVERSE_COS)));
  // 35468 is beyond 16 bits: 35468 - 65536, and once more the number itself.
  i16x8 sin = i16x8_add(odd, multiply_high(odd, i16x8_splat(INVERSE_SIN - 65536)));
  i16x8 first = i16x8_shuffle(cos, sin, 0, 1, 2, 3, 8, 9, 10, 11);    // of row 1
  i16x8 second = i16x8_shuffle(sin, cos, 4, 5, 6, 7, 12, 13, 14, 15);  // of row 3
  i16x8 ed = i16x8_add(first, i16x8_sub(i16x8_xor(second, sign), sign));
  i16x8 sum = i16x8_add(ab, ed), difference = i16x8_sub(ab, ed);
  return (struct block16){sum, swap_halves(difference)};
}

INLINE u8x16 inverse_simd(struct block16 coefficients, u8x16 prediction) {
  struct block16 v = transpose(inverse_columns(transpose(inverse_columns(coefficients, 0)), 4));
  i16x8 low = i16x8_add(i16x8_shr(v.low, 3), (i16x8)u16x8_extend_low(prediction));
  i16x8 high = i16x8_add(i16x8_shr(v.high, 3), (i16x8)u16x8_extend_high(prediction));
  return u8x16_narrow((u16x8)low, (u16x8)high);
}

// ---- WHT: one block a macroblock ----------------------------------------------------------------

NOINLINE void forward_wht(i16 *to, const i16 *dcs) {
  i32 half[16];
  for (u32 i = 0; i < 4; i++) {
    i32 a0 = dcs[i] + dcs[12 + i], a1 = dcs[4 + i] + dcs[8 + i], a2 = dcs[4 + i] - dcs[8 + i], a3 = dcs[i] - dcs[12 + i];
    half[i] = a0 + a1;
    half[4 + i] = a3 + a2;
    half[8 + i] = a0 - a1;
    half[12 + i] = a3 - a2;
  }
  for (u32 i = 0; i < 16; i += 4) {
    i32 a0 = half[i] + half[i + 3], a1 = half[i + 1] + half[i + 2], a2 = half[i + 1] - half[i + 2], a3 = half[i] - half[i + 3];
    to[i] = (i16)((a0 + a1 + 1) >> 1);
    to[i + 1] = (i16)((a3 + a2 + 1) >> 1);
    to[i + 2] = (i16)((a0 - a1 + 1) >> 1);
    to[i + 3] = (i16)((a3 - a2 + 1) >> 1);
  }
}

NOINLINE void inverse_wht(i16 *dcs, const i16 *from) {
  i32 half[16];
  for (u32 i = 0; i < 4; i++) {
    i32 a0 = from[i] + from[12 + i], a1 = from[4 + i] + from[8 + i], a2 = from[4 + i] - from[8 + i], a3 = from[i] - from[12 + i];
    half[i] = a0 + a1;
    half[4 + i] = a3 + a2;
    half[8 + i] = a0 - a1;
    half[12 + i] = a3 - a2;
  }
  for (u32 i = 0; i < 16; i += 4) {
    i32 dc = half[i] + 3, a0 = dc + half[i + 3], a1 = half[i + 1] + half[i + 2], a2 = half[i + 1] - half[i + 2], a3 = dc - half[i + 3];
    dcs[i] = (i16)((a0 + a1) >> 3);
    dcs[i + 1] = (i16)((a3 + a2) >> 3);
    dcs[i + 2] = (i16)((a0 - a1) >> 3);
    dcs[i + 3] = (i16)((a3 - a2) >> 3);
  }
}

#endif
