// pack_<format>: a row of RGBA at the format's depth -> the format. A format without alpha drops it: it is at
// its maximum by then, as the alpha step came before.
//
// Gray is Pillow's luma, (19595 R + 38470 G + 7471 B + 0x8000) >> 16: Rec. 601 weights in 16 bits. They sum
// to 65536, so that gray stays what it was. 65535 * 65536 + 0x8000 < 2^32: the same formula serves 16-bit
// samples.
#ifndef PACK_H
#define PACK_H

#include "common/simd.h"
#include "pixels.h"

enum { LUMA_R = 19595, LUMA_G = 38470, LUMA_B = 7471, LUMA_HALF = 0x8000 };
_Static_assert(LUMA_R + LUMA_G + LUMA_B == 65536, "gray stays gray");

INLINE u32 luma(u32 r, u32 g, u32 b) { return (r * LUMA_R + g * LUMA_G + b * LUMA_B + LUMA_HALF) >> 16; }
INLINE u8 luma8(const u8 *rgba) { return (u8)luma(rgba[0], rgba[1], rgba[2]); }
INLINE u16 luma16(const u8 *rgba) { return (u16)luma(load16(rgba), load16(rgba + 2), load16(rgba + 4)); }

// ---- gray ---------------------------------------------------------------------------------------

// Four RGBA8 pixels -> u32x4 of their luma.
// The dot product is signed and LUMA_G is not below 32768: green counts in both halves, 32767 and the rest.
INLINE u32x4 luma_x4(u8x16 v) {
  const u8x16 zero = u8x16_splat(0);
  const i16x8 weights = {LUMA_R, 32767, LUMA_B, LUMA_G - 32767, LUMA_R, 32767, LUMA_B, LUMA_G - 32767};
  // u16x8: r g b g of pixels 0 and 1, then of 2 and 3.
  u8x16 lo = u8x16_shuffle(v, zero, 0, 16, 1, 16, 2, 16, 1, 16, 4, 16, 5, 16, 6, 16, 5, 16);
  u8x16 hi = u8x16_shuffle(v, zero, 8, 16, 9, 16, 10, 16, 9, 16, 12, 16, 13, 16, 14, 16, 13, 16);
  u32x4 rg_bg01 = i32x4_dot((i16x8)lo, weights);  // i32x4: rg0 bg0 rg1 bg1
  u32x4 rg_bg23 = i32x4_dot((i16x8)hi, weights);
  u32x4 rg = u32x4_shuffle(rg_bg01, rg_bg23, 0, 2, 4, 6);
  u32x4 bg = u32x4_shuffle(rg_bg01, rg_bg23, 1, 3, 5, 7);
  return u32x4_shr(u32x4_add(u32x4_add(rg, bg), u32x4_splat(LUMA_HALF)), 16);
}

// Sixteen RGBA8 pixels -> u8x16 of their luma.
INLINE u8x16 luma_x16(const u8 *from) {
  u16x8 lo = u16x8_narrow(luma_x4(u8x16_load(from)), luma_x4(u8x16_load(from + 16)));
  u16x8 hi = u16x8_narrow(luma_x4(u8x16_load(from + 32)), luma_x4(u8x16_load(from + 48)));
  return u8x16_narrow(lo, hi);
}

static void pack_gray8_scalar(u8 *to, const u8 *from, u32 n) {
  for (u32 i = 0; i < n; i++) to[i] = luma8(from + 4 * i);
}

static void pack_gray8_simd(u8 *to, const u8 *from, u32 n) {
  for (; n >= 16; n -= 16, from += 64, to += 16) u8x16_store(to, luma_x16(from));
  pack_gray8_scalar(to, from, n);
}

static void pack_graya8_scalar(u8 *to, const u8 *from, u32 n) {
  for (u32 i = 0; i < n; i++) {
    to[2 * i] = luma8(from + 4 * i);
    to[2 * i + 1] = from[4 * i + 3];
  }
}

static void pack_graya8_simd(u8 *to, const u8 *from, u32 n) {
  for (; n >= 16; n -= 16, from += 64, to += 32) {
    u8x16 g = luma_x16(from);
    u8x16 p0 = u8x16_load(from), p4 = u8x16_load(from + 16), p8 = u8x16_load(from + 32), p12 = u8x16_load(from + 48);
    u8x16 a0 = u8x16_shuffle(p0, p4, 3, 7, 11, 15, 19, 23, 27, 31, 0, 0, 0, 0, 0, 0, 0, 0);  // alpha of pixels 0 to 7
    u8x16 a8 = u8x16_shuffle(p8, p12, 3, 7, 11, 15, 19, 23, 27, 31, 0, 0, 0, 0, 0, 0, 0, 0);
    u8x16_store(to, u8x16_shuffle(g, a0, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23));
    u8x16_store(to + 16, u8x16_shuffle(g, a8, 8, 16, 9, 17, 10, 18, 11, 19, 12, 20, 13, 21, 14, 22, 15, 23));
  }
  pack_graya8_scalar(to, from, n);
}

// u8x16 -> 16 bits, 1 from 128 up, the first lane in the highest bit of the first byte.
INLINE u16 gray1_mask_x16(u8x16 g) {
  // Bit i of a mask is the highest bit of lane i, so that lane 7 has to become bit 0.
  return (u16)u8x16_bitmask(u8x16_shuffle(g, g, 7, 6, 5, 4, 3, 2, 1, 0, 15, 14, 13, 12, 11, 10, 9, 8));
}

// White from luma 128 up. The bits behind the last pixel are 0.
static void pack_gray1_scalar(u8 *to, const u8 *from, u32 n) {
  for (u32 i = 0; i < n; i += 8) {
    u32 bits = 0;
    for (u32 j = i; j < min_u32(i + 8, n); j++) bits |= (u32)(luma8(from + 4 * j) >> 7) << (7 - (j - i));
    to[i >> 3] = (u8)bits;
  }
}

static void pack_gray1_simd(u8 *to, const u8 *from, u32 n) {
  for (; n >= 16; n -= 16, from += 64, to += 2) store16(to, gray1_mask_x16(luma_x16(from)));
  pack_gray1_scalar(to, from, n);
}

// gray8 -> gray1, without the way over RGBA8.
static void pack_gray8_to_gray1_scalar(u8 *to, const u8 *from, u32 n) {
  for (u32 i = 0; i < n; i += 8) {
    u32 bits = 0;
    for (u32 j = i; j < min_u32(i + 8, n); j++) bits |= (u32)(from[j] >> 7) << (7 - (j - i));
    to[i >> 3] = (u8)bits;
  }
}

static void pack_gray8_to_gray1_simd(u8 *to, const u8 *from, u32 n) {
  for (; n >= 16; n -= 16, from += 16, to += 2) store16(to, gray1_mask_x16(u8x16_load(from)));
  pack_gray8_to_gray1_scalar(to, from, n);
}

// Four RGBA16 pixels -> u32x4 of their luma.
INLINE u32x4 luma16_x4(const u8 *from) {
  const u16x8 weights = {LUMA_R, LUMA_G, LUMA_B, 0, LUMA_R, LUMA_G, LUMA_B, 0};
  u16x8 v01 = (u16x8)u8x16_load(from), v23 = (u16x8)u8x16_load(from + 16);
  u32x4 p0 = u32x4_extmul_low(v01, weights), p1 = u32x4_extmul_high(v01, weights);  // r g b 0 of a pixel
  u32x4 p2 = u32x4_extmul_low(v23, weights), p3 = u32x4_extmul_high(v23, weights);
  u32x4 p01 = u32x4_add(u32x4_shuffle(p0, p1, 0, 2, 4, 6), u32x4_shuffle(p0, p1, 1, 3, 5, 7));  // rg0 b0 rg1 b1
  u32x4 p23 = u32x4_add(u32x4_shuffle(p2, p3, 0, 2, 4, 6), u32x4_shuffle(p2, p3, 1, 3, 5, 7));
  u32x4 sum = u32x4_add(u32x4_shuffle(p01, p23, 0, 2, 4, 6), u32x4_shuffle(p01, p23, 1, 3, 5, 7));
  return u32x4_shr(u32x4_add(sum, u32x4_splat(LUMA_HALF)), 16);
}

static void pack_gray16_scalar(u8 *to, const u8 *from, u32 n) {
  for (u32 i = 0; i < n; i++) store16(to + 2 * i, luma16(from + 8 * i));
}

static void pack_gray16_simd(u8 *to, const u8 *from, u32 n) {
  for (; n >= 8; n -= 8, from += 64, to += 16)
    u8x16_store(to, (u8x16)u16x8_narrow(luma16_x4(from), luma16_x4(from + 32)));
  pack_gray16_scalar(to, from, n);
}

static void pack_graya16_scalar(u8 *to, const u8 *from, u32 n) {
  for (u32 i = 0; i < n; i++) store32(to + 4 * i, luma16(from + 8 * i) | (u32)load16(from + 8 * i + 6) << 16);
}

static void pack_graya16_simd(u8 *to, const u8 *from, u32 n) {
  for (; n >= 4; n -= 4, from += 32, to += 16) {
    // u32x4 of blue below alpha: the upper half of each pixel
    u32x4 ba = u32x4_shuffle(u8x16_load(from), u8x16_load(from + 16), 1, 3, 5, 7);
    u8x16_store(to, u8x16_shuffle(luma16_x4(from), ba, 0, 1, 18, 19, 4, 5, 22, 23, 8, 9, 26, 27, 12, 13, 30, 31));
  }
  pack_graya16_scalar(to, from, n);
}

// ---- three samples a pixel ----------------------------------------------------------------------

static void pack_rgb8_scalar(u8 *to, const u8 *from, u32 n) {
  for (u32 i = 0; i < n; i++) {
    to[3 * i] = from[4 * i];
    to[3 * i + 1] = from[4 * i + 1];
    to[3 * i + 2] = from[4 * i + 2];
  }
}

// 16 pixels a turn: four vectors of RGBA make three of RGB.
static void pack_rgb8_simd(u8 *to, const u8 *from, u32 n) {
  for (; n >= 16; n -= 16, from += 64, to += 48) {
    u8x16 p0 = u8x16_load(from), p4 = u8x16_load(from + 16), p8 = u8x16_load(from + 32), p12 = u8x16_load(from + 48);
    u8x16_store(to, u8x16_shuffle(p0, p4, 0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, 16, 17, 18, 20));
    u8x16_store(to + 16, u8x16_shuffle(p4, p8, 5, 6, 8, 9, 10, 12, 13, 14, 16, 17, 18, 20, 21, 22, 24, 25));
    u8x16_store(to + 32, u8x16_shuffle(p8, p12, 10, 12, 13, 14, 16, 17, 18, 20, 21, 22, 24, 25, 26, 28, 29, 30));
  }
  pack_rgb8_scalar(to, from, n);
}

static void pack_bgr8_scalar(u8 *to, const u8 *from, u32 n) {
  for (u32 i = 0; i < n; i++) {
    to[3 * i] = from[4 * i + 2];
    to[3 * i + 1] = from[4 * i + 1];
    to[3 * i + 2] = from[4 * i];
  }
}

// As pack_rgb8_simd.
static void pack_bgr8_simd(u8 *to, const u8 *from, u32 n) {
  for (; n >= 16; n -= 16, from += 64, to += 48) {
    u8x16 p0 = u8x16_load(from), p4 = u8x16_load(from + 16), p8 = u8x16_load(from + 32), p12 = u8x16_load(from + 48);
    u8x16_store(to, u8x16_shuffle(p0, p4, 2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, 18, 17, 16, 22));
    u8x16_store(to + 16, u8x16_shuffle(p4, p8, 5, 4, 10, 9, 8, 14, 13, 12, 18, 17, 16, 22, 21, 20, 26, 25));
    u8x16_store(to + 32, u8x16_shuffle(p8, p12, 8, 14, 13, 12, 18, 17, 16, 22, 21, 20, 26, 25, 24, 30, 29, 28));
  }
  pack_bgr8_scalar(to, from, n);
}

static void pack_rgb16_scalar(u8 *to, const u8 *from, u32 n) {
  for (u32 i = 0; i < n; i++) {
    store32(to + 6 * i, load32(from + 8 * i));
    store16(to + 6 * i + 4, load16(from + 8 * i + 4));
  }
}

// As pack_rgb8_simd with samples of two bytes: 8 pixels a turn.
static void pack_rgb16_simd(u8 *to, const u8 *from, u32 n) {
  for (; n >= 8; n -= 8, from += 64, to += 48) {
    u8x16 p0 = u8x16_load(from), p2 = u8x16_load(from + 16), p4 = u8x16_load(from + 32), p6 = u8x16_load(from + 48);
    u8x16_store(to, u8x16_shuffle(p0, p2, 0, 1, 2, 3, 4, 5, 8, 9, 10, 11, 12, 13, 16, 17, 18, 19));
    u8x16_store(to + 16, u8x16_shuffle(p2, p4, 4, 5, 8, 9, 10, 11, 12, 13, 16, 17, 18, 19, 20, 21, 24, 25));
    u8x16_store(to + 32, u8x16_shuffle(p4, p6, 10, 11, 12, 13, 16, 17, 18, 19, 20, 21, 24, 25, 26, 27, 28, 29));
  }
  pack_rgb16_scalar(to, from, n);
}

// ---- four samples a pixel -----------------------------------------------------------------------
// BGRA8 and BGRX8 exchange red and blue, which is its own inverse: unpack_bgra8 serves. RGBX8 is RGBA8 that
// is opaque.

static void pack_argb8_scalar(u8 *to, const u8 *from, u32 n) {
  for (u32 i = 0; i < 4 * n; i += 4) {
    u8 a = from[i + 3], r = from[i], g = from[i + 1], b = from[i + 2];
    to[i] = a;
    to[i + 1] = r;
    to[i + 2] = g;
    to[i + 3] = b;
  }
}

static void pack_argb8_simd(u8 *to, const u8 *from, u32 n) {
  for (; n >= 4; n -= 4, from += 16, to += 16) {
    u8x16 v = u8x16_load(from);
    u8x16_store(to, u8x16_shuffle(v, v, 3, 0, 1, 2, 7, 4, 5, 6, 11, 8, 9, 10, 15, 12, 13, 14));
  }
  pack_argb8_scalar(to, from, n);
}

#endif
