// Straight alpha of four-byte pixels, one of whose bytes is alpha: 3 in RGBA and BGRA, 0 in ARGB.
//
//   opaque    whether alpha is 255 in each pixel
//   flatten   (c a + bg (255 - a) + 127) / 255, rounded down; alpha becomes 255. `to` may equal `from`
//
// The SIMD routines handle as many pixels as fill their vectors and leave the rest to the scalar ones. `alpha` is
// a constant wherever they are used.
#ifndef ALPHA8_H
#define ALPHA8_H

#include "simd.h"

// x / 255 for x <= 255 * 255 + 127, the most that flattening and premultiplying reach; tests try them all.
INLINE u16x8 divide255(u16x8 x) { return u16x8_shr(u16x8_add(u16x8_add(x, u16x8_splat(1)), u16x8_shr(x, 8)), 8); }

// 255 in the lanes of alpha.
INLINE u8x16 alpha8_lanes(u32 alpha) { return (u8x16)u32x4_splat(0xffu << (8 * alpha)); }

// u8x16 of four pixels -> each pixel's alpha in its four lanes.
INLINE u8x16 alpha8_spread(u8x16 v, u32 alpha) {
  return alpha == 3 ? u8x16_shuffle(v, v, 3, 3, 3, 3, 7, 7, 7, 7, 11, 11, 11, 11, 15, 15, 15, 15)
                    : u8x16_shuffle(v, v, 0, 0, 0, 0, 4, 4, 4, 4, 8, 8, 8, 8, 12, 12, 12, 12);
}

INLINE bool alpha8_opaque_scalar(const u8 *from, u32 n, u32 alpha) {
  for (u32 i = 0; i < n; i++)
    if (from[4 * i + alpha] != 255) return false;
  return true;
}

INLINE bool alpha8_opaque_simd(const u8 *from, u32 n, u32 alpha) {
  const u8x16 colour = u8x16_not(alpha8_lanes(alpha));
  u8x16 all = u8x16_splat(255);  // stays so while every alpha is 255
  for (; n >= 16; n -= 16, from += 64) {
    u8x16 first = u8x16_and(u8x16_load(from), u8x16_load(from + 16));
    u8x16 last = u8x16_and(u8x16_load(from + 32), u8x16_load(from + 48));
    all = u8x16_and(all, u8x16_or(u8x16_and(first, last), colour));
  }
  for (; n >= 4; n -= 4, from += 16) all = u8x16_and(all, u8x16_or(u8x16_load(from), colour));
  return !u8x16_any_true(u8x16_not(all)) && alpha8_opaque_scalar(from, n, alpha);
}

// `background` as the bytes of a pixel, 255 for alpha.
INLINE void alpha8_flatten_scalar(u8 *to, const u8 *from, u32 n, u32 alpha, const u8 background[4]) {
  for (u32 i = 0; i < 4 * n; i += 4) {
    u32 a = from[i + alpha];
    for (u32 c = 0; c < 4; c++)
      to[i + c] = c == alpha ? 255 : (u8)((from[i + c] * a + background[c] * (255 - a) + 127) / 255);
  }
}

INLINE void alpha8_flatten_simd(u8 *to, const u8 *from, u32 n, u32 alpha, const u8 background[4]) {
  const u8x16 bg = (u8x16)u32x4_splat(load32(background));
  for (; n >= 4; n -= 4, from += 16, to += 16) {
    u8x16 v = u8x16_load(from);
    u8x16 a = alpha8_spread(v, alpha), rest = u8x16_not(a);
    if (!u8x16_any_true(rest)) {
      u8x16_store(to, v);
      continue;
    }
    u16x8 lo = u16x8_add(u16x8_extmul_low(v, a), u16x8_extmul_low(bg, rest));
    u16x8 hi = u16x8_add(u16x8_extmul_high(v, a), u16x8_extmul_high(bg, rest));
    lo = divide255(u16x8_add(lo, u16x8_splat(127)));
    hi = divide255(u16x8_add(hi, u16x8_splat(127)));
    u8x16_store(to, u8x16_or(u8x16_narrow(lo, hi), alpha8_lanes(alpha)));
  }
  alpha8_flatten_scalar(to, from, n, alpha, background);
}

#endif
