// inspect_<question><depth>: what holds for each of n pixels of RGBA8 or RGBA16.
//
//   opaque    alpha is at its maximum
//   gray      red, green and blue are equal, whatever alpha is
#ifndef INSPECT_PIXELS_H
#define INSPECT_PIXELS_H

#include "alpha8.h"

typedef bool (*inspect_op)(const u8 *from, u32 n);

static bool inspect_opaque8_scalar(const u8 *from, u32 n) { return alpha8_opaque_scalar(from, n, 3); }
static bool inspect_opaque8_simd(const u8 *from, u32 n) { return alpha8_opaque_simd(from, n, 3); }

static bool inspect_gray8_scalar(const u8 *from, u32 n) {
  for (u32 i = 0; i < 4 * n; i += 4)
    if (from[i] != from[i + 1] || from[i + 1] != from[i + 2]) return false;
  return true;
}

static bool inspect_gray8_simd(const u8 *from, u32 n) {
  u8x16 any = u8x16_splat(0);  // r^g g^b 0 0 of each pixel
  for (; n >= 4; n -= 4, from += 16) {
    u8x16 v = u8x16_load(from);
    u8x16 next = u8x16_shuffle(v, v, 1, 2, 2, 3, 5, 6, 6, 7, 9, 10, 10, 11, 13, 14, 14, 15);
    any = u8x16_or(any, u8x16_xor(v, next));
  }
  return !u8x16_any_true(any) && inspect_gray8_scalar(from, n);
}

static bool inspect_opaque16_scalar(const u8 *from, u32 n) {
  for (u32 i = 0; i < n; i++)
    if (load16(from + 8 * i + 6) != 65535) return false;
  return true;
}

static bool inspect_opaque16_simd(const u8 *from, u32 n) {
  const u8x16 colour = (u8x16)u64x2_splat(0x0000ffffffffffff);
  u8x16 all = u8x16_splat(255);
  for (; n >= 2; n -= 2, from += 16) all = u8x16_and(all, u8x16_or(u8x16_load(from), colour));
  return !u8x16_any_true(u8x16_not(all)) && inspect_opaque16_scalar(from, n);
}

static bool inspect_gray16_scalar(const u8 *from, u32 n) {
  for (u32 i = 0; i < 8 * n; i += 8)
    if (load16(from + i) != load16(from + i + 2) || load16(from + i + 2) != load16(from + i + 4)) return false;
  return true;
}

static bool inspect_gray16_simd(const u8 *from, u32 n) {
  u8x16 any = u8x16_splat(0);
  for (; n >= 2; n -= 2, from += 16) {
    u8x16 v = u8x16_load(from);
    u8x16 next = u8x16_shuffle(v, v, 2, 3, 4, 5, 4, 5, 6, 7, 10, 11, 12, 13, 12, 13, 14, 15);
    any = u8x16_or(any, u8x16_xor(v, next));
  }
  return !u8x16_any_true(any) && inspect_gray16_scalar(from, n);
}

#endif
