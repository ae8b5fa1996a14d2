// Sample blocks to quantised coefficients: the forward DCT of T.81 A.3.3 and the quantisation of A.3.4.
//
// The DCT is the factorisation by Loeffler, Ligtenberg and Moschytz (ICASSP 1989: 11 multiplications for 8
// points) in 13-bit fixed point, as exact as libjpeg's "islow": columns first, the result kept with two more
// bits, then rows. Both passes leave out a factor of sqrt(8), so coefficients come out eight times too large;
// the quantisation takes that back.
//
// The SIMD version has a lane for each column, transposes, and has a lane for each row of coefficients after
// that. Transposing back is left to the tables that name coefficients: **a block of coefficients is stored
// column by column**, coefficient (row v, column u) at u * 8 + v.
//
// A quantised coefficient is stored as its bits in the scan are made from (T.81 F.1.2.1): the value itself
// where positive, one less where negative. So x ^ (x >> 15) is the magnitude, of 0 also where x is -1.
#ifndef JPEG_DCT_H
#define JPEG_DCT_H

#include "common/simd.h"
#include "jpeg.h"

// A table of steps as it is multiplied with, by position.
struct quantizer {
  // 32768 / (8 * step), rounded: as few as five bits, which moves a coefficient c by up to c / 8192 steps. Rounded up
  // where steps are small, so that what lies halfway between two steps, as often happens there, becomes the larger one as in
  // libjpeg.
  i16 reciprocal[BLOCK];
  // What the rounding takes or adds, in 1/32768 of the coefficient: made up for beforehand in blocks with a large one.
  i16 correction[BLOCK];
};
// Of a coefficient besides the mean, eight times too large as it is here: smaller ones are off by less than 1/128 step.
enum { LARGE = 8 * 64 };

INLINE void quantizer_set(struct quantizer *quantizer, u32 at, u32 step) {
  u32 reciprocal = (4096 + (step < 16 ? step - 1 : step / 2)) / step, product = reciprocal * step;
  quantizer->reciprocal[at] = (i16)reciprocal;
  quantizer->correction[at] = (i16)((i32)(((4096u << 15) + product / 2) / product) - (1 << 15));
}

// In place, the blocks of an MCU, of which the first `luma` have the steps of quantizers[0]; a bit of masks[i] is
// set where that coefficient of block i is not 0, by position.
typedef void (*transform_op)(i16 *blocks, u32 luma, u32 count, const struct quantizer quantizers[2], u64 *masks);

// cos and sin of the factorisation in 1/8192.
enum {
  F_0_298631336 = 2446,
  F_0_390180644 = 3196,
  F_0_541196100 = 4433,
  F_0_765366865 = 6270,
  F_0_899976223 = 7373,
  F_1_175875602 = 9633,
  F_1_501321110 = 12299,
  F_1_847759065 = 15137,
  F_1_961570560 = 16069,
  F_2_053119869 = 16819,
  F_2_562915447 = 20995,
  F_3_072711026 = 25172,
};
enum { CONST_BITS = 13, PASS1_BITS = 2 };

// ---- scalar -------------------------------------------------------------------------------------

INLINE i32 descale(i32 x, int bits) { return (x + (1 << (bits - 1))) >> bits; }

// Eight points, `step` apart, in place.
INLINE void dct_pass_scalar(i16 *p, u32 step, bool first) {
  int bits = first ? CONST_BITS - PASS1_BITS : CONST_BITS + PASS1_BITS;
  i32 x[8], sum[4], difference[4];
  for (u32 i = 0; i < 8; i++) x[i] = p[i * step];
  for (u32 i = 0; i < 4; i++) {
    sum[i] = x[i] + x[7 - i];
    difference[i] = x[i] - x[7 - i];
  }
  // The even half.
  i32 a = sum[0] + sum[3], b = sum[1] + sum[2], c = sum[1] - sum[2], d = sum[0] - sum[3];
  p[0] = (i16)(first ? (a + b) * (1 << PASS1_BITS) : descale(a + b, PASS1_BITS));
  p[4 * step] = (i16)(first ? (a - b) * (1 << PASS1_BITS) : descale(a - b, PASS1_BITS));
  i32 e = (c + d) * F_0_541196100;
  p[2 * step] = (i16)descale(e + d * F_0_765366865, bits);
  p[6 * step] = (i16)descale(e - c * F_1_847759065, bits);
  // The odd half.
  i32 x0 = difference[0], x1 = difference[1], x2 = difference[2], x3 = difference[3];
  i32 f = (x0 + x1 + x2 + x3) * F_1_175875602;
  i32 even = f - (x1 + x3) * F_1_961570560, odd = f - (x0 + x2) * F_0_390180644;
  i32 outer = (x0 + x3) * -F_0_899976223, inner = (x1 + x2) * -F_2_562915447;
  p[7 * step] = (i16)descale(x3 * F_0_298631336 + outer + even, bits);
  p[5 * step] = (i16)descale(x2 * F_2_053119869 + inner + odd, bits);
  p[3 * step] = (i16)descale(x1 * F_3_072711026 + inner + even, bits);
  p[1 * step] = (i16)descale(x0 * F_1_501321110 + outer + odd, bits);
}

static void transform_scalar(i16 *blocks, u32 luma, u32 count, const struct quantizer quantizers[2], u64 *masks) {
  for (u32 i = 0; i < count; i++, blocks += BLOCK) {
    const struct quantizer *by = &quantizers[i >= luma];
    for (u32 x = 0; x < 8; x++) dct_pass_scalar(blocks + x, 8, true);
    for (u32 v = 0; v < 8; v++) dct_pass_scalar(blocks + v * 8, 1, false);
    i16 rows[BLOCK];
    copy_bytes(rows, blocks, sizeof rows);
    masks[i] = 0;
    bool large = false;
    for (u32 at = 1; at < BLOCK; at++) large |= rows[at] <= -LARGE || rows[at] >= LARGE;
    for (u32 at = 0; at < BLOCK; at++) {
      i32 x = rows[(at & 7) * 8 + (at >> 3)];
      if (large) x += (x * by->correction[at] + 0x4000) >> 15;
      i32 magnitude = ((x < 0 ? -x : x) * by->reciprocal[at] + 0x4000) >> 15;
      blocks[at] = (i16)(x < 0 ? ~magnitude : magnitude);
      masks[i] |= (u64)(magnitude != 0) << at;
    }
  }
}

// ---- SIMD ---------------------------------------------------------------------------------------

// a0 b0 a1 b1 ... of lanes 0 to 3, and of lanes 4 to 7.
#define INTERLEAVE_LOW(a, b) i16x8_shuffle(a, b, 0, 8, 1, 9, 2, 10, 3, 11)
#define INTERLEAVE_HIGH(a, b) i16x8_shuffle(a, b, 4, 12, 5, 13, 6, 14, 7, 15)

// Eight 32-bit sums.
struct sums { u32x4 low, high; };

// x * by[even] + y * by[odd], lane by lane.
INLINE struct sums rotate(i16x8 x, i16x8 y, i16 by_x, i16 by_y) {
  i16x8 by = i16x8_pairs(by_x, by_y);
  return (struct sums){i32x4_dot(INTERLEAVE_LOW(x, y), by), i32x4_dot(INTERLEAVE_HIGH(x, y), by)};
}
INLINE struct sums add_sums(struct sums a, struct sums b) {
  return (struct sums){u32x4_add(a.low, b.low), u32x4_add(a.high, b.high)};
}
INLINE struct sums add_half(struct sums a, int bits) {
  u32x4 half = u32x4_splat(1u << (bits - 1));
  return (struct sums){u32x4_add(a.low, half), u32x4_add(a.high, half)};
}
INLINE i16x8 narrow_sums(struct sums a, int bits) {
  return i16x8_narrow(i32x4_shr(a.low, bits), i32x4_shr(a.high, bits));
}

// Eight points in eight vectors, in place. No lane overflows: samples are -128 to 127, so that sums of eight
// of them, times 4, stay within 16 bits, and so do sums of eight of those.
INLINE void dct_pass_simd(i16x8 v[8], bool first) {
  int bits = first ? CONST_BITS - PASS1_BITS : CONST_BITS + PASS1_BITS;
  i16x8 s0 = i16x8_add(v[0], v[7]), x0 = i16x8_sub(v[0], v[7]);
  i16x8 s1 = i16x8_add(v[1], v[6]), x1 = i16x8_sub(v[1], v[6]);
  i16x8 s2 = i16x8_add(v[2], v[5]), x2 = i16x8_sub(v[2], v[5]);
  i16x8 s3 = i16x8_add(v[3], v[4]), x3 = i16x8_sub(v[3], v[4]);
  i16x8 a = i16x8_add(s0, s3), b = i16x8_add(s1, s2), c = i16x8_sub(s1, s2), d = i16x8_sub(s0, s3);
  if (first) {
    v[0] = i16x8_shl(i16x8_add(a, b), PASS1_BITS);
    v[4] = i16x8_shl(i16x8_sub(a, b), PASS1_BITS);
  } else {
    i16x8 half = i16x8_splat(1 << (PASS1_BITS - 1));
    v[0] = i16x8_shr(i16x8_add(i16x8_add(a, b), half), PASS1_BITS);
    v[4] = i16x8_shr(i16x8_add(i16x8_sub(a, b), half), PASS1_BITS);
  }
  v[2] = narrow_sums(add_half(rotate(d, c, F_0_541196100 + F_0_765366865, F_0_541196100), bits), bits);
  v[6] = narrow_sums(add_half(rotate(d, c, F_0_541196100, F_0_541196100 - F_1_847759065), bits), bits);

  i16x8 z0 = i16x8_add(x1, x3), z1 = i16x8_add(x0, x2);
  struct sums even = add_half(rotate(z0, z1, F_1_175875602 - F_1_961570560, F_1_175875602), bits);
  struct sums odd = add_half(rotate(z0, z1, F_1_175875602, F_1_175875602 - F_0_390180644), bits);
  v[7] = narrow_sums(add_sums(rotate(x3, x0, F_0_298631336 - F_0_899976223, -F_0_899976223), even), bits);
  v[1] = narrow_sums(add_sums(rotate(x3, x0, -F_0_899976223, F_1_501321110 - F_0_899976223), odd), bits);
  v[5] = narrow_sums(add_sums(rotate(x2, x1, F_2_053119869 - F_2_562915447, -F_2_562915447), odd), bits);
  v[3] = narrow_sums(add_sums(rotate(x2, x1, -F_2_562915447, F_3_072711026 - F_2_562915447), even), bits);
}

// Lane j of vector i becomes lane i of vector j.
INLINE void transpose(i16x8 v[8]) {
  u32x4 w[8];
  UNROLL for (u32 i = 0; i < 4; i++) {
    w[2 * i] = (u32x4)INTERLEAVE_LOW(v[2 * i], v[2 * i + 1]);
    w[2 * i + 1] = (u32x4)INTERLEAVE_HIGH(v[2 * i], v[2 * i + 1]);
  }
  u64x2 x[8];
  UNROLL for (u32 i = 0; i < 2; i++)
    UNROLL for (u32 j = 0; j < 2; j++) {
      u32x4 p = w[4 * i + j], q = w[4 * i + 2 + j];
      x[4 * i + 2 * j] = (u64x2)u32x4_shuffle(p, q, 0, 4, 1, 5);
      x[4 * i + 2 * j + 1] = (u64x2)u32x4_shuffle(p, q, 2, 6, 3, 7);
    }
  UNROLL for (u32 i = 0; i < 4; i++) {
    v[2 * i] = (i16x8)u64x2_shuffle(x[i], x[4 + i], 0, 2);
    v[2 * i + 1] = (i16x8)u64x2_shuffle(x[i], x[4 + i], 1, 3);
  }
}

// Whether any coefficient but the first is LARGE.
INLINE bool any_large(const i16x8 v[8]) {
  i16x8 bits = i16x8_and(i16x8_abs(v[0]), (i16x8){0, -1, -1, -1, -1, -1, -1, -1});
  UNROLL for (u32 j = 1; j < 8; j++) bits = i16x8_or(bits, i16x8_abs(v[j]));
  return u8x16_any_true((u8x16)i16x8_and(bits, i16x8_splat(-LARGE)));
}
_Static_assert((LARGE & (LARGE - 1)) == 0, "no bit from LARGE on is none that is LARGE");

static void transform_simd(i16 *blocks, u32 luma, u32 count, const struct quantizer quantizers[2], u64 *masks) {
  for (u32 i = 0; i < count; i++, blocks += BLOCK) {
    const struct quantizer *by = &quantizers[i >= luma];
    i16x8 v[8];
    UNROLL for (u32 j = 0; j < 8; j++) v[j] = i16x8_load(blocks + j * 8);
    dct_pass_simd(v, true);
    transpose(v);
    dct_pass_simd(v, false);
    if (any_large(v))
      UNROLL for (u32 j = 0; j < 8; j++)
        v[j] = i16x8_add(v[j], i16x8_q15mulr(v[j], i16x8_load(by->correction + j * 8)));
    u64 zero = 0;
    UNROLL for (u32 j = 0; j < 8; j += 2) {
      i16x8 magnitudes[2];
      UNROLL for (u32 k = 0; k < 2; k++) {
        i16x8 x = v[j + k];
        magnitudes[k] = i16x8_q15mulr(i16x8_abs(x), i16x8_load(by->reciprocal + (j + k) * 8));
        i16x8_store(blocks + (j + k) * 8, i16x8_xor(magnitudes[k], i16x8_shr(x, 15)));
      }
      u8x16 narrow = u8x16_narrow((u16x8)magnitudes[0], (u16x8)magnitudes[1]);
      zero |= (u64)u8x16_bitmask(u8x16_eq(narrow, u8x16_splat(0))) << (j * 8);
    }
    masks[i] = ~zero;
  }
}

static const transform_op transform[2] = {transform_simd, transform_scalar};

#endif
