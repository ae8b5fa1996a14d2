// depth_<op>: samples of 8 bits -> 16 and back. n counts samples, of any channel count.
//
//   widen    v 257
//   narrow   (v 255 + 32767) / 65535, rounded down: v / 257 to the nearest
#ifndef DEPTH_H
#define DEPTH_H

#include "common/simd.h"
#include "pixels.h"

static void depth_widen_scalar(u8 *to, const u8 *from, u32 n) {
  for (u32 i = 0; i < n; i++) store16(to + 2 * i, (u16)(from[i] * 257));
}

static void depth_widen_simd(u8 *to, const u8 *from, u32 n) {
  for (; n >= 16; n -= 16, from += 16, to += 32) {
    u8x16 v = u8x16_load(from);  // v 257 is the byte twice
    u8x16_store(to, u8x16_shuffle(v, v, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7));
    u8x16_store(to + 16, u8x16_shuffle(v, v, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13, 14, 14, 15, 15));
  }
  depth_widen_scalar(to, from, n);
}

static void depth_narrow_scalar(u8 *to, const u8 *from, u32 n) {
  for (u32 i = 0; i < n; i++) to[i] = (u8)((load16(from + 2 * i) * 255u + 32767) / 65535);
}

// The same as w / 257 with w = v + 128. Let w = 257 q + r with q <= 255 and r <= 256: w - (w >> 8) is 256 q + r,
// less one where q + r >= 256, as with r = 256 always and with r = 0 never. So the high byte is q. A sum that
// saturates is 65535 = 257 255, and 255 is right for all of these. Tests try every v.
INLINE u16x8 narrow_x8(u16x8 v) {
  u16x8 w = u16x8_add_sat(v, u16x8_splat(128));
  return u16x8_shr(u16x8_sub(w, u16x8_shr(w, 8)), 8);
}

static void depth_narrow_simd(u8 *to, const u8 *from, u32 n) {
  for (; n >= 16; n -= 16, from += 32, to += 16) {
    u16x8 lo = narrow_x8((u16x8)u8x16_load(from)), hi = narrow_x8((u16x8)u8x16_load(from + 16));
    u8x16_store(to, u8x16_narrow(lo, hi));
  }
  depth_narrow_scalar(to, from, n);
}

#endif
