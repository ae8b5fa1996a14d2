// alpha_<op><depth>: what happens to alpha between two formats, on RGBA8 or RGBA16. `to` may equal `from`.
//
//   premultiply              (c a + h) / max
//   unpremultiply            min(max, (c max + a / 2) / a), 0 where a = 0
//   flatten                  (c a + bg (max - a) + h) / max
//   flatten_premultiplied    min(max, c + (bg (max - a) + h) / max)
//
// with max = 255 or 65535, h = max / 2 rounded down, divisions rounded down. Flattening leaves alpha at max.
#ifndef ALPHA_H
#define ALPHA_H

#include "common/alpha8.h"
#include "pixels.h"

// x / 65535 for x <= 65535 * 65535 + 32767. The sum stays below 2^32.
INLINE u32x4 divide65535(u32x4 x) { return u32x4_shr(u32x4_add(u32x4_add(x, u32x4_splat(1)), u32x4_shr(x, 16)), 16); }

#define ALPHA_LANES8 alpha8_lanes(3)
#define ALPHA_LANES16 ((u16x8)u64x2_splat(0xffff000000000000))

// u16x8 of two RGBA16 pixels -> each pixel's alpha in its four lanes.
INLINE u16x8 spread_alpha16(u16x8 v) {
  return (u16x8)u8x16_shuffle(v, v, 6, 7, 6, 7, 6, 7, 6, 7, 14, 15, 14, 15, 14, 15, 14, 15);
}

// ---- 8 bits -------------------------------------------------------------------------------------

static void alpha_premultiply8_scalar(u8 *to, const u8 *from, u32 n) {
  for (u32 i = 0; i < 4 * n; i += 4) {
    u32 a = from[i + 3];
    for (u32 c = 0; c < 3; c++) to[i + c] = (u8)((from[i + c] * a + 127) / 255);
    to[i + 3] = (u8)a;
  }
}

static void alpha_premultiply8_simd(u8 *to, const u8 *from, u32 n) {
  for (; n >= 4; n -= 4, from += 16, to += 16) {
    u8x16 v = u8x16_load(from);
    u8x16 a = u8x16_or(alpha8_spread(v, 3), ALPHA_LANES8);  // alpha itself is multiplied by 255 and stays
    u16x8 lo = u16x8_add(u16x8_extmul_low(v, a), u16x8_splat(127));
    u16x8 hi = u16x8_add(u16x8_extmul_high(v, a), u16x8_splat(127));
    u8x16_store(to, u8x16_narrow(divide255(lo), divide255(hi)));
  }
  alpha_premultiply8_scalar(to, from, n);
}

static void alpha_unpremultiply8_scalar(u8 *to, const u8 *from, u32 n) {
  for (u32 i = 0; i < 4 * n; i += 4) {
    u32 a = from[i + 3];
    for (u32 c = 0; c < 3; c++) to[i + c] = a == 0 ? 0 : (u8)min_u32((from[i + c] * 255u + a / 2) / a, 255);
    to[i + 3] = (u8)a;
  }
}

// reciprocals[a] = floor(2^24 / a) + 1 = (2^24 + e) / a with 0 < e <= a. Then floor(x reciprocals[a] / 2^24)
// = floor(x / a) as long as x e < 2^24, and x = c 255 + a / 2 <= 65152, e <= 255. With c <= a the product is
// below 2^32 too.
static u32 reciprocals[256];
_Static_assert((255 * 255 + 127) * 255 < 1 << 24, "exact for every c and a");

static void alpha_prepare(void) {
  if (reciprocals[255] != 0) return;
  for (u32 a = 1; a < 256; a++) reciprocals[a] = (1 << 24) / a + 1;
}

static void alpha_unpremultiply8_simd(u8 *to, const u8 *from, u32 n) {
  for (; n >= 4; n -= 4, from += 16, to += 16) {
    u8x16 v = u8x16_load(from);
    u8x16 a = alpha8_spread(v, 3);
    if (!u8x16_any_true(u8x16_not(a))) {
      u8x16_store(to, v);
      continue;
    }
    u8x16 c = u8x16_min(v, a);  // more than a becomes 255 in any case
    u16x8 c_lo = u16x8_extend_low(c), c_hi = u16x8_extend_high(c);
    u16x8 half_lo = u16x8_shr(u16x8_extend_low(a), 1), half_hi = u16x8_shr(u16x8_extend_high(a), 1);
    u16x8 lo = u16x8_add(u16x8_sub(u16x8_shl(c_lo, 8), c_lo), half_lo);  // c 255 + a / 2, pixels 0 1
    u16x8 hi = u16x8_add(u16x8_sub(u16x8_shl(c_hi, 8), c_hi), half_hi);  // pixels 2 3
    u32x4 q0 = u32x4_mul(u32x4_extend_low(lo), u32x4_splat(reciprocals[from[3]]));
    u32x4 q1 = u32x4_mul(u32x4_extend_high(lo), u32x4_splat(reciprocals[from[7]]));
    u32x4 q2 = u32x4_mul(u32x4_extend_low(hi), u32x4_splat(reciprocals[from[11]]));
    u32x4 q3 = u32x4_mul(u32x4_extend_high(hi), u32x4_splat(reciprocals[from[15]]));
    // The quotient is the highest byte of a lane; the fourth lane of a pixel is alpha, as it was.
    u32x4 q01 = (u32x4)u8x16_shuffle(q0, q1, 3, 7, 11, 15, 19, 23, 27, 31, 0, 0, 0, 0, 0, 0, 0, 0);
    u32x4 q23 = (u32x4)u8x16_shuffle(q2, q3, 3, 7, 11, 15, 19, 23, 27, 31, 0, 0, 0, 0, 0, 0, 0, 0);
    u8x16 q = (u8x16)u32x4_shuffle(q01, q23, 0, 1, 4, 5);
    u8x16_store(to, u8x16_or(u8x16_and(q, u8x16_not(ALPHA_LANES8)), u8x16_and(v, ALPHA_LANES8)));
  }
  alpha_unpremultiply8_scalar(to, from, n);
}

static void alpha_flatten8_scalar(u8 *to, const u8 *from, u32 n) {
  alpha8_flatten_scalar(to, from, n, 3, state.background8);
}
static void alpha_flatten8_simd(u8 *to, const u8 *from, u32 n) {
  alpha8_flatten_simd(to, from, n, 3, state.background8);
}

static void alpha_flatten_premultiplied8_scalar(u8 *to, const u8 *from, u32 n) {
  for (u32 i = 0; i < 4 * n; i += 4) {
    u32 rest = 255 - from[i + 3];
    for (u32 c = 0; c < 3; c++) to[i + c] = (u8)min_u32(from[i + c] + (state.background8[c] * rest + 127) / 255, 255);
    to[i + 3] = 255;
  }
}

static void alpha_flatten_premultiplied8_simd(u8 *to, const u8 *from, u32 n) {
  const u8x16 bg = (u8x16)u32x4_splat(load32(state.background8));
  for (; n >= 4; n -= 4, from += 16, to += 16) {
    u8x16 v = u8x16_load(from);
    u8x16 rest = u8x16_not(alpha8_spread(v, 3));
    u16x8 lo = divide255(u16x8_add(u16x8_extmul_low(bg, rest), u16x8_splat(127)));
    u16x8 hi = divide255(u16x8_add(u16x8_extmul_high(bg, rest), u16x8_splat(127)));
    // Alpha: a + (255 (255 - a) + 127) / 255 = 255, as background8[3] = 255.
    u8x16_store(to, u8x16_add_sat(v, u8x16_narrow(lo, hi)));
  }
  alpha_flatten_premultiplied8_scalar(to, from, n);
}

// ---- 16 bits ------------------------------------------------------------------------------------

static void alpha_premultiply16_scalar(u8 *to, const u8 *from, u32 n) {
  for (u32 i = 0; i < 8 * n; i += 8) {
    u32 a = load16(from + i + 6);
    for (u32 c = 0; c < 6; c += 2) store16(to + i + c, (u16)((load16(from + i + c) * a + 32767) / 65535));
    store16(to + i + 6, (u16)a);
  }
}

static void alpha_premultiply16_simd(u8 *to, const u8 *from, u32 n) {
  for (; n >= 2; n -= 2, from += 16, to += 16) {
    u16x8 v = (u16x8)u8x16_load(from);
    u16x8 a = (u16x8)u8x16_or((u8x16)spread_alpha16(v), (u8x16)ALPHA_LANES16);
    u32x4 p0 = divide65535(u32x4_add(u32x4_extmul_low(v, a), u32x4_splat(32767)));
    u32x4 p1 = divide65535(u32x4_add(u32x4_extmul_high(v, a), u32x4_splat(32767)));
    u8x16_store(to, (u8x16)u16x8_narrow(p0, p1));
  }
  alpha_premultiply16_scalar(to, from, n);
}

// The one alpha step without a SIMD twin: it would need a reciprocal for each of 65,535 alphas. c <= a keeps
// c 65535 + a / 2 below 2^32.
static void alpha_unpremultiply16_scalar(u8 *to, const u8 *from, u32 n) {
  for (u32 i = 0; i < 8 * n; i += 8) {
    u32 a = load16(from + i + 6);
    if (a == 0 || a == 65535) {
      store64(to + i, a == 0 ? 0 : load64(from + i));
      continue;
    }
    for (u32 c = 0; c < 6; c += 2)
      store16(to + i + c, (u16)((min_u32(load16(from + i + c), a) * 65535 + a / 2) / a));
    store16(to + i + 6, (u16)a);
  }
}

static void alpha_flatten16_scalar(u8 *to, const u8 *from, u32 n) {
  for (u32 i = 0; i < 8 * n; i += 8) {
    u32 a = load16(from + i + 6);
    for (u32 c = 0; c < 3; c++) {
      u32 sum = load16(from + i + 2 * c) * a + state.background16[c] * (65535 - a);
      store16(to + i + 2 * c, (u16)((sum + 32767) / 65535));
    }
    store16(to + i + 6, 65535);
  }
}

static void alpha_flatten16_simd(u8 *to, const u8 *from, u32 n) {
  const u16x8 bg = (u16x8)u64x2_splat(load64(state.background16));
  for (; n >= 2; n -= 2, from += 16, to += 16) {
    u16x8 v = (u16x8)u8x16_load(from);
    u16x8 a = spread_alpha16(v), rest = (u16x8)u8x16_not((u8x16)a);
    if (!u8x16_any_true((u8x16)rest)) {
      u8x16_store(to, (u8x16)v);
      continue;
    }
    u32x4 p0 = u32x4_add(u32x4_extmul_low(v, a), u32x4_extmul_low(bg, rest));
    u32x4 p1 = u32x4_add(u32x4_extmul_high(v, a), u32x4_extmul_high(bg, rest));
    p0 = divide65535(u32x4_add(p0, u32x4_splat(32767)));
    p1 = divide65535(u32x4_add(p1, u32x4_splat(32767)));
    u8x16_store(to, u8x16_or((u8x16)u16x8_narrow(p0, p1), (u8x16)ALPHA_LANES16));
  }
  alpha_flatten16_scalar(to, from, n);
}

static void alpha_flatten_premultiplied16_scalar(u8 *to, const u8 *from, u32 n) {
  for (u32 i = 0; i < 8 * n; i += 8) {
    u32 rest = 65535u - load16(from + i + 6);
    for (u32 c = 0; c < 3; c++) {
      u32 sum = load16(from + i + 2 * c) + (state.background16[c] * rest + 32767) / 65535;
      store16(to + i + 2 * c, (u16)min_u32(sum, 65535));
    }
    store16(to + i + 6, 65535);
  }
}

static void alpha_flatten_premultiplied16_simd(u8 *to, const u8 *from, u32 n) {
  const u16x8 bg = (u16x8)u64x2_splat(load64(state.background16));
  for (; n >= 2; n -= 2, from += 16, to += 16) {
    u16x8 v = (u16x8)u8x16_load(from);
    u16x8 rest = (u16x8)u8x16_not((u8x16)spread_alpha16(v));
    u32x4 p0 = divide65535(u32x4_add(u32x4_extmul_low(bg, rest), u32x4_splat(32767)));
    u32x4 p1 = divide65535(u32x4_add(u32x4_extmul_high(bg, rest), u32x4_splat(32767)));
    u8x16_store(to, (u8x16)u16x8_add_sat(v, u16x8_narrow(p0, p1)));
  }
  alpha_flatten_premultiplied16_scalar(to, from, n);
}

#endif
