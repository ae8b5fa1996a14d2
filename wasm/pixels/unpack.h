// unpack_<format>: a row of any format -> RGBA at the format's depth, alpha at its maximum where none is
// stored.
//
// RGBA8 and RGBA16 have no routine: they are RGBA already. A SIMD routine takes 4, 8 or 16 pixels a turn.
#ifndef UNPACK_H
#define UNPACK_H

#include "common/simd.h"
#include "pixels.h"

INLINE void put_rgba8(u8 *to, u8 r, u8 g, u8 b, u8 a) {
  to[0] = r;
  to[1] = g;
  to[2] = b;
  to[3] = a;
}

INLINE void put_rgba16(u8 *to, u16 r, u16 g, u16 b, u16 a) {
  store64(to, (u64)r | (u64)g << 16 | (u64)b << 32 | (u64)a << 48);
}

// ---- gray ---------------------------------------------------------------------------------------

// 16 gray samples -> 64 bytes of opaque RGBA.
INLINE void put_gray_x16(u8 *to, u8x16 g) {
  const u8x16 opaque = u8x16_splat(255);
  u8x16_store(to, u8x16_shuffle(g, opaque, 0, 0, 0, 16, 1, 1, 1, 16, 2, 2, 2, 16, 3, 3, 3, 16));
  u8x16_store(to + 16, u8x16_shuffle(g, opaque, 4, 4, 4, 16, 5, 5, 5, 16, 6, 6, 6, 16, 7, 7, 7, 16));
  u8x16_store(to + 32, u8x16_shuffle(g, opaque, 8, 8, 8, 16, 9, 9, 9, 16, 10, 10, 10, 16, 11, 11, 11, 16));
  u8x16_store(to + 48, u8x16_shuffle(g, opaque, 12, 12, 12, 16, 13, 13, 13, 16, 14, 14, 14, 16, 15, 15, 15, 16));
}

static void unpack_gray8_scalar(u8 *to, const u8 *from, u32 n) {
  for (u32 i = 0; i < n; i++) put_rgba8(to + 4 * i, from[i], from[i], from[i], 255);
}

static void unpack_gray8_simd(u8 *to, const u8 *from, u32 n) {
  for (; n >= 16; n -= 16, from += 16, to += 64) put_gray_x16(to, u8x16_load(from));
  unpack_gray8_scalar(to, from, n);
}

static void unpack_graya8_scalar(u8 *to, const u8 *from, u32 n) {
  for (u32 i = 0; i < n; i++) put_rgba8(to + 4 * i, from[2 * i], from[2 * i], from[2 * i], from[2 * i + 1]);
}

static void unpack_graya8_simd(u8 *to, const u8 *from, u32 n) {
  for (; n >= 8; n -= 8, from += 16, to += 32) {
    u8x16 v = u8x16_load(from);  // g0 a0 g1 a1 ...
    u8x16_store(to, u8x16_shuffle(v, v, 0, 0, 0, 1, 2, 2, 2, 3, 4, 4, 4, 5, 6, 6, 6, 7));
    u8x16_store(to + 16, u8x16_shuffle(v, v, 8, 8, 8, 9, 10, 10, 10, 11, 12, 12, 12, 13, 14, 14, 14, 15));
  }
  unpack_graya8_scalar(to, from, n);
}

INLINE u8 gray1_at(const u8 *from, u32 i) { return (from[i >> 3] >> (7 - (i & 7))) & 1 ? 255 : 0; }

static void unpack_gray1_scalar(u8 *to, const u8 *from, u32 n) {
  for (u32 i = 0; i < n; i++) {
    u8 g = gray1_at(from, i);
    put_rgba8(to + 4 * i, g, g, g, 255);
  }
}

// 2 bytes -> 16 lanes of 0 or 255, the highest bit of a byte first.
INLINE u8x16 gray1_x16(const u8 *from) {
  u8x16 v = (u8x16)u16x8_splat(load16(from));
  v = u8x16_shuffle(v, v, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1);
  const u8x16 bits = (u8x16)u64x2_splat(0x0102040810204080);  // lane 0 holds 0x80
  return u8x16_eq(u8x16_and(v, bits), bits);
}

static void unpack_gray1_simd(u8 *to, const u8 *from, u32 n) {
  for (; n >= 16; n -= 16, from += 2, to += 64) put_gray_x16(to, gray1_x16(from));
  unpack_gray1_scalar(to, from, n);
}

// gray1 -> gray8, without the way over RGBA8.
static void unpack_gray1_to_gray8_scalar(u8 *to, const u8 *from, u32 n) {
  for (u32 i = 0; i < n; i++) to[i] = gray1_at(from, i);
}

static void unpack_gray1_to_gray8_simd(u8 *to, const u8 *from, u32 n) {
  for (; n >= 16; n -= 16, from += 2, to += 16) u8x16_store(to, gray1_x16(from));
  unpack_gray1_to_gray8_scalar(to, from, n);
}

static void unpack_gray16_scalar(u8 *to, const u8 *from, u32 n) {
  for (u32 i = 0; i < n; i++) {
    u16 g = load16(from + 2 * i);
    put_rgba16(to + 8 * i, g, g, g, 65535);
  }
}

static void unpack_gray16_simd(u8 *to, const u8 *from, u32 n) {
  const u8x16 opaque = u8x16_splat(255);
  for (; n >= 8; n -= 8, from += 16, to += 64) {
    u8x16 g = u8x16_load(from);  // u16x8: g0 to g7
    u8x16_store(to, u8x16_shuffle(g, opaque, 0, 1, 0, 1, 0, 1, 16, 16, 2, 3, 2, 3, 2, 3, 16, 16));
    u8x16_store(to + 16, u8x16_shuffle(g, opaque, 4, 5, 4, 5, 4, 5, 16, 16, 6, 7, 6, 7, 6, 7, 16, 16));
    u8x16_store(to + 32, u8x16_shuffle(g, opaque, 8, 9, 8, 9, 8, 9, 16, 16, 10, 11, 10, 11, 10, 11, 16, 16));
    u8x16_store(to + 48, u8x16_shuffle(g, opaque, 12, 13, 12, 13, 12, 13, 16, 16, 14, 15, 14, 15, 14, 15, 16, 16));
  }
  unpack_gray16_scalar(to, from, n);
}

static void unpack_graya16_scalar(u8 *to, const u8 *from, u32 n) {
  for (u32 i = 0; i < n; i++) {
    u16 g = load16(from + 4 * i);
    put_rgba16(to + 8 * i, g, g, g, load16(from + 4 * i + 2));
  }
}

static void unpack_graya16_simd(u8 *to, const u8 *from, u32 n) {
  for (; n >= 4; n -= 4, from += 16, to += 32) {
    u8x16 v = u8x16_load(from);  // u16x8: g0 a0 g1 a1 ...
    u8x16_store(to, u8x16_shuffle(v, v, 0, 1, 0, 1, 0, 1, 2, 3, 4, 5, 4, 5, 4, 5, 6, 7));
    u8x16_store(to + 16, u8x16_shuffle(v, v, 8, 9, 8, 9, 8, 9, 10, 11, 12, 13, 12, 13, 12, 13, 14, 15));
  }
  unpack_graya16_scalar(to, from, n);
}

// ---- three samples a pixel ----------------------------------------------------------------------

static void unpack_rgb8_scalar(u8 *to, const u8 *from, u32 n) {
  for (u32 i = 0; i < n; i++) put_rgba8(to + 4 * i, from[3 * i], from[3 * i + 1], from[3 * i + 2], 255);
}

// 16 pixels a turn: three vectors hold 48 samples. The fourth pixel group is read from the last 16 bytes, 4
// bytes in.
static void unpack_rgb8_simd(u8 *to, const u8 *from, u32 n) {
  const u8x16 opaque = u8x16_splat(255);
  for (; n >= 16; n -= 16, from += 48, to += 64) {
    u8x16 p0 = u8x16_load(from), p4 = u8x16_load(from + 12), p8 = u8x16_load(from + 24), p12 = u8x16_load(from + 32);
    u8x16_store(to, u8x16_shuffle(p0, opaque, 0, 1, 2, 16, 3, 4, 5, 16, 6, 7, 8, 16, 9, 10, 11, 16));
    u8x16_store(to + 16, u8x16_shuffle(p4, opaque, 0, 1, 2, 16, 3, 4, 5, 16, 6, 7, 8, 16, 9, 10, 11, 16));
    u8x16_store(to + 32, u8x16_shuffle(p8, opaque, 0, 1, 2, 16, 3, 4, 5, 16, 6, 7, 8, 16, 9, 10, 11, 16));
    u8x16_store(to + 48, u8x16_shuffle(p12, opaque, 4, 5, 6, 16, 7, 8, 9, 16, 10, 11, 12, 16, 13, 14, 15, 16));
  }
  unpack_rgb8_scalar(to, from, n);
}

static void unpack_bgr8_scalar(u8 *to, const u8 *from, u32 n) {
  for (u32 i = 0; i < n; i++) put_rgba8(to + 4 * i, from[3 * i + 2], from[3 * i + 1], from[3 * i], 255);
}

// As unpack_rgb8_simd.
static void unpack_bgr8_simd(u8 *to, const u8 *from, u32 n) {
  const u8x16 opaque = u8x16_splat(255);
  for (; n >= 16; n -= 16, from += 48, to += 64) {
    u8x16 p0 = u8x16_load(from), p4 = u8x16_load(from + 12), p8 = u8x16_load(from + 24), p12 = u8x16_load(from + 32);
    u8x16_store(to, u8x16_shuffle(p0, opaque, 2, 1, 0, 16, 5, 4, 3, 16, 8, 7, 6, 16, 11, 10, 9, 16));
    u8x16_store(to + 16, u8x16_shuffle(p4, opaque, 2, 1, 0, 16, 5, 4, 3, 16, 8, 7, 6, 16, 11, 10, 9, 16));
    u8x16_store(to + 32, u8x16_shuffle(p8, opaque, 2, 1, 0, 16, 5, 4, 3, 16, 8, 7, 6, 16, 11, 10, 9, 16));
    u8x16_store(to + 48, u8x16_shuffle(p12, opaque, 6, 5, 4, 16, 9, 8, 7, 16, 12, 11, 10, 16, 15, 14, 13, 16));
  }
  unpack_bgr8_scalar(to, from, n);
}

static void unpack_rgb16_scalar(u8 *to, const u8 *from, u32 n) {
  for (u32 i = 0; i < n; i++)
    put_rgba16(to + 8 * i, load16(from + 6 * i), load16(from + 6 * i + 2), load16(from + 6 * i + 4), 65535);
}

// As unpack_rgb8_simd with samples of two bytes: 8 pixels a turn.
static void unpack_rgb16_simd(u8 *to, const u8 *from, u32 n) {
  const u8x16 opaque = u8x16_splat(255);
  for (; n >= 8; n -= 8, from += 48, to += 64) {
    u8x16 p0 = u8x16_load(from), p2 = u8x16_load(from + 12), p4 = u8x16_load(from + 24), p6 = u8x16_load(from + 32);
    u8x16_store(to, u8x16_shuffle(p0, opaque, 0, 1, 2, 3, 4, 5, 16, 16, 6, 7, 8, 9, 10, 11, 16, 16));
    u8x16_store(to + 16, u8x16_shuffle(p2, opaque, 0, 1, 2, 3, 4, 5, 16, 16, 6, 7, 8, 9, 10, 11, 16, 16));
    u8x16_store(to + 32, u8x16_shuffle(p4, opaque, 0, 1, 2, 3, 4, 5, 16, 16, 6, 7, 8, 9, 10, 11, 16, 16));
    u8x16_store(to + 48, u8x16_shuffle(p6, opaque, 4, 5, 6, 7, 8, 9, 16, 16, 10, 11, 12, 13, 14, 15, 16, 16));
  }
  unpack_rgb16_scalar(to, from, n);
}

// ---- four samples a pixel -----------------------------------------------------------------------

static void unpack_bgra8_scalar(u8 *to, const u8 *from, u32 n) {
  for (u32 i = 0; i < 4 * n; i += 4) put_rgba8(to + i, from[i + 2], from[i + 1], from[i], from[i + 3]);
}

static void unpack_bgra8_simd(u8 *to, const u8 *from, u32 n) {
  for (; n >= 4; n -= 4, from += 16, to += 16) {
    u8x16 v = u8x16_load(from);
    u8x16_store(to, u8x16_shuffle(v, v, 2, 1, 0, 3, 6, 5, 4, 7, 10, 9, 8, 11, 14, 13, 12, 15));
  }
  unpack_bgra8_scalar(to, from, n);
}

static void unpack_argb8_scalar(u8 *to, const u8 *from, u32 n) {
  for (u32 i = 0; i < 4 * n; i += 4) put_rgba8(to + i, from[i + 1], from[i + 2], from[i + 3], from[i]);
}

static void unpack_argb8_simd(u8 *to, const u8 *from, u32 n) {
  for (; n >= 4; n -= 4, from += 16, to += 16) {
    u8x16 v = u8x16_load(from);
    u8x16_store(to, u8x16_shuffle(v, v, 1, 2, 3, 0, 5, 6, 7, 4, 9, 10, 11, 8, 13, 14, 15, 12));
  }
  unpack_argb8_scalar(to, from, n);
}

static void unpack_rgbx8_scalar(u8 *to, const u8 *from, u32 n) {
  for (u32 i = 0; i < 4 * n; i += 4) put_rgba8(to + i, from[i], from[i + 1], from[i + 2], 255);
}

static void unpack_rgbx8_simd(u8 *to, const u8 *from, u32 n) {
  const u8x16 alpha = (u8x16)u32x4_splat(0xff000000);
  for (; n >= 4; n -= 4, from += 16, to += 16) u8x16_store(to, u8x16_or(u8x16_load(from), alpha));
  unpack_rgbx8_scalar(to, from, n);
}

static void unpack_bgrx8_scalar(u8 *to, const u8 *from, u32 n) {
  for (u32 i = 0; i < 4 * n; i += 4) put_rgba8(to + i, from[i + 2], from[i + 1], from[i], 255);
}

static void unpack_bgrx8_simd(u8 *to, const u8 *from, u32 n) {
  const u8x16 alpha = (u8x16)u32x4_splat(0xff000000);
  for (; n >= 4; n -= 4, from += 16, to += 16) {
    u8x16 v = u8x16_load(from);
    v = u8x16_shuffle(v, v, 2, 1, 0, 3, 6, 5, 4, 7, 10, 9, 8, 11, 14, 13, 12, 15);
    u8x16_store(to, u8x16_or(v, alpha));
  }
  unpack_bgrx8_scalar(to, from, n);
}

// ---- palette ------------------------------------------------------------------------------------

INLINE u32 table_rgba8(u32 index) { return load32(state.table + 4 * index); }

static void unpack_indexed8_to_rgba8_scalar(u8 *to, const u8 *from, u32 n) {
  for (u32 i = 0; i < n; i++) store32(to + 4 * i, table_rgba8(from[i]));
}

// WASM has no gather: what four pixels share is the load of their indices and the store, for 30 % less time.
static void unpack_indexed8_to_rgba8_simd(u8 *to, const u8 *from, u32 n) {
  for (; n >= 4; n -= 4, from += 4, to += 16) {
    u32 i = load32(from);
    u32 p0 = table_rgba8(i & 255), p1 = table_rgba8(i >> 8 & 255);
    u32 p2 = table_rgba8(i >> 16 & 255), p3 = table_rgba8(i >> 24);
    u8x16_store(to, (u8x16)u32x4_of(p0, p1, p2, p3));
  }
  unpack_indexed8_to_rgba8_scalar(to, from, n);
}

static void unpack_indexed8_to_rgba16_scalar(u8 *to, const u8 *from, u32 n) {
  for (u32 i = 0; i < n; i++) store64(to + 8 * i, load64(state.table + 8 * from[i]));
}

#endif
