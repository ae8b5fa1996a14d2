// Pixels to YCbCr sample blocks, one MCU at a time: T.871 section 7 (JFIF), level shift included (T.81 A.3.1).
//
// A sample is a weighted sum of the bytes of a pixel, so every order of channels is one routine with other
// weights, and the fourth byte has weight 0. Weights are in 1/32768 and sum up to 32768 for luma and to 0 for
// chroma: gray pixels get Y = gray, Cb = Cr = 128 exactly. Chroma at a lower resolution is the weighted sum
// over the box of 2x1 or 2x2 pixels, rounded once.
//
// `from` is the first of as many rows as the MCU has, `pitch` bytes apart; all of its pixels are there. `to`
// takes the blocks in the order of the scan (A.2.3), each 64 samples row by row, 16-byte aligned.
#ifndef JPEG_COLOR_H
#define JPEG_COLOR_H

#include "common/simd.h"
#include "jpeg.h"

typedef void (*convert_op)(i16 *to, const u8 *from, size_t pitch);

enum { Y, CB, CR, COMPONENTS };

// [component][byte of the pixel]
static i16 weights[COMPONENTS][4];
// The same as the SIMD routines take them: of bytes 0 and 2 of a pixel, four times, and of bytes 1 and 3.
static i16 weight_lanes[COMPONENTS][2][8] __attribute__((aligned(16)));
// Four pixels of three bytes, the first from byte 0 or 4, become four of four bytes. In memory, as V8 makes a
// constant operand of a swizzle anew for each.
static u8 spread_lanes[2][16] __attribute__((aligned(16)));

// 0.299 R + 0.587 G + 0.114 B and so on, rounded so that the sums hold.
static const i16 rgb_weights[COMPONENTS][3] = {
    [Y] = {9798, 19235, 3735}, [CB] = {-5529, -10855, 16384}, [CR] = {16384, -13720, -2664}};

static void color_prepare(u32 format) {
  static const u8 positions[][3] = {
      [RGB8] = {0, 1, 2}, [RGBA8] = {0, 1, 2}, [BGR8] = {2, 1, 0},  [BGRA8] = {2, 1, 0},
      [ARGB8] = {1, 2, 3}, [RGBX8] = {0, 1, 2}, [BGRX8] = {2, 1, 0},
  };
  for (u32 c = 0; c < COMPONENTS; c++) {
    for (u32 i = 0; i < 4; i++) weights[c][i] = 0;
    for (u32 i = 0; i < 3; i++) weights[c][positions[format][i]] = rgb_weights[c][i];
    for (u32 i = 0; i < 16; i++) weight_lanes[c][i >> 3][i & 7] = weights[c][(i & 1) * 2 + (i >> 3)];
  }
  for (u32 i = 0; i < 32; i++) spread_lanes[i >> 4][i & 15] = (u8)((i & 3) == 3 ? 255 : (i >> 4) * 4 + (i >> 2 & 3) * 3 + (i & 3));
}

enum { WEIGHT_BITS = 15 };

// Half a unit, and for luma the level shift. Chroma rounds halves down: 127.5, of a pure blue, must not
// become 128.
#define LUMA_BIAS ((1 << (WEIGHT_BITS - 1)) - (128 << WEIGHT_BITS))
#define CHROMA_BIAS(bits) ((1 << (WEIGHT_BITS + (bits)-1)) - 1)

// ---- scalar -------------------------------------------------------------------------------------

INLINE i32 weigh(const i32 sums[4], const i16 by[4]) {
  return sums[0] * by[0] + sums[1] * by[1] + sums[2] * by[2] + sums[3] * by[3];
}

// `across` and `down`: luma samples a chroma sample; `bytes` a pixel.
INLINE void convert_scalar(i16 *to, const u8 *from, size_t pitch, u32 bytes, u32 across, u32 down, bool chroma) {
  i16 *cb = to + across * down * BLOCK, *cr = cb + BLOCK;
  i32 bits = (i32)(across * down) >> 1;  // log2 of 1, 2 and 4
  for (u32 y = 0; y < 8; y++)
    for (u32 x = 0; x < 8; x++) {
      i32 sums[4] = {0};
      for (u32 v = 0; v < down; v++)
        for (u32 h = 0; h < across; h++) {
          u32 column = x * across + h, row = y * down + v;
          i32 pixel[4] = {0};
          for (u32 i = 0; i < bytes; i++) {
            pixel[i] = from[row * pitch + column * bytes + i];
            sums[i] += pixel[i];
          }
          i16 *block = to + ((row >> 3) * across + (column >> 3)) * BLOCK;
          block[(row & 7) * 8 + (column & 7)] = (i16)((weigh(pixel, weights[Y]) + LUMA_BIAS) >> WEIGHT_BITS);
        }
      if (!chroma) continue;
      cb[y * 8 + x] = (i16)((weigh(sums, weights[CB]) + CHROMA_BIAS(bits)) >> (WEIGHT_BITS + bits));
      cr[y * 8 + x] = (i16)((weigh(sums, weights[CR]) + CHROMA_BIAS(bits)) >> (WEIGHT_BITS + bits));
    }
}

static void convert_gray8_scalar(i16 *to, const u8 *from, size_t pitch) {
  for (u32 y = 0; y < 8; y++)
    for (u32 x = 0; x < 8; x++) to[y * 8 + x] = (i16)(from[y * pitch + x] - 128);
}

// ---- SIMD ---------------------------------------------------------------------------------------

// Four pixels as 16-bit lanes: bytes 0 and 2 of each, and bytes 1 and 3. Weighing them takes two i32x4_dot.
struct pixels4 { i16x8 even, odd; };

// Four pixels from 16 bytes at `p`; the bytes behind three-byte pixels get weight 0 of what the swizzle made 0.
// Of eight pixels in 24 bytes the first four are loaded from byte 0, the others from byte 8.
INLINE struct pixels4 load4(const u8 *p, u32 bytes, bool high) {
  u8x16 v = u8x16_load(p);
  if (bytes == 3) v = u8x16_swizzle(v, u8x16_load(spread_lanes[high]));
  return (struct pixels4){(i16x8)u8x16_and(v, (u8x16)u16x8_splat(255)), (i16x8)u16x8_shr((u16x8)v, 8)};
}

struct weights8 { i16x8 even, odd; };

INLINE struct weights8 load_weights(u32 component) {
  return (struct weights8){i16x8_load(weight_lanes[component][0]), i16x8_load(weight_lanes[component][1])};
}

// u16 sums of four pixels -> i32x4
INLINE u32x4 weigh4(struct pixels4 p, struct weights8 by, u32x4 bias, int bits) {
  u32x4 sum = u32x4_add(i32x4_dot(p.even, by.even), i32x4_dot(p.odd, by.odd));
  return i32x4_shr(u32x4_add(sum, bias), WEIGHT_BITS + bits);
}

INLINE i16x8 weigh8(struct pixels4 low, struct pixels4 high, struct weights8 by, u32x4 bias, int bits) {
  return i16x8_narrow(weigh4(low, by, bias, bits), weigh4(high, by, bias, bits));
}

INLINE struct pixels4 add_rows(struct pixels4 a, struct pixels4 b) {
  return (struct pixels4){i16x8_add(a.even, b.even), i16x8_add(a.odd, b.odd)};
}

// Neighbours added: pixels 0+1, 2+3 of a and of b.
INLINE i16x8 add_neighbours(i16x8 a, i16x8 b) {
  return i16x8_add((i16x8)u32x4_shuffle(a, b, 0, 2, 4, 6), (i16x8)u32x4_shuffle(a, b, 1, 3, 5, 7));
}
INLINE struct pixels4 add_columns(struct pixels4 a, struct pixels4 b) {
  return (struct pixels4){add_neighbours(a.even, b.even), add_neighbours(a.odd, b.odd)};
}

INLINE void convert_444(i16 *to, const u8 *from, size_t pitch, u32 bytes, bool chroma) {
  struct weights8 by_y = load_weights(Y), by_cb = load_weights(CB), by_cr = load_weights(CR);
  u32x4 luma_bias = u32x4_splat((u32)LUMA_BIAS), bias = u32x4_splat((1 << (WEIGHT_BITS - 1)) - 1);
  for (u32 y = 0; y < 8; y++, from += pitch, to += 8) {
    struct pixels4 low = load4(from, bytes, false), high = load4(from + (bytes == 3 ? 8 : 16), bytes, true);
    i16x8_store(to, weigh8(low, high, by_y, luma_bias, 0));
    if (!chroma) continue;
    i16x8_store(to + BLOCK, weigh8(low, high, by_cb, bias, 0));
    i16x8_store(to + 2 * BLOCK, weigh8(low, high, by_cr, bias, 0));
  }
}

INLINE void convert_422(i16 *to, const u8 *from, size_t pitch, u32 bytes) {
  struct weights8 by_y = load_weights(Y), by_cb = load_weights(CB), by_cr = load_weights(CR);
  u32x4 luma_bias = u32x4_splat((u32)LUMA_BIAS), bias = u32x4_splat(CHROMA_BIAS(1));
  for (u32 y = 0; y < 8; y++, from += pitch, to += 8) {
    struct pixels4 sums[2];
    UNROLL for (u32 half = 0; half < 2; half++) {
      const u8 *p = from + half * 8 * bytes;
      struct pixels4 low = load4(p, bytes, false), high = load4(p + (bytes == 3 ? 8 : 16), bytes, true);
      i16x8_store(to + half * BLOCK, weigh8(low, high, by_y, luma_bias, 0));
      sums[half] = add_columns(low, high);
    }
    i16x8_store(to + 2 * BLOCK, weigh8(sums[0], sums[1], by_cb, bias, 1));
    i16x8_store(to + 3 * BLOCK, weigh8(sums[0], sums[1], by_cr, bias, 1));
  }
}

INLINE void convert_420(i16 *to, const u8 *from, size_t pitch, u32 bytes) {
  struct weights8 by_y = load_weights(Y), by_cb = load_weights(CB), by_cr = load_weights(CR);
  u32x4 luma_bias = u32x4_splat((u32)LUMA_BIAS), bias = u32x4_splat(CHROMA_BIAS(2));
  i16 *chroma = to + 4 * BLOCK;
  for (u32 y = 0; y < 8; y++, from += 2 * pitch, chroma += 8) {
    i16 *luma = to + (y >> 2) * 2 * BLOCK + (y & 3) * 16;
    struct pixels4 sums[2];
    UNROLL for (u32 half = 0; half < 2; half++) {
      const u8 *p = from + half * 8 * bytes, *q = p + pitch;
      u32 next = bytes == 3 ? 8 : 16;
      struct pixels4 low = load4(p, bytes, false), high = load4(p + next, bytes, true);
      struct pixels4 low2 = load4(q, bytes, false), high2 = load4(q + next, bytes, true);
      i16x8_store(luma + half * BLOCK, weigh8(low, high, by_y, luma_bias, 0));
      i16x8_store(luma + half * BLOCK + 8, weigh8(low2, high2, by_y, luma_bias, 0));
      sums[half] = add_columns(add_rows(low, low2), add_rows(high, high2));
    }
    i16x8_store(chroma, weigh8(sums[0], sums[1], by_cb, bias, 2));
    i16x8_store(chroma + BLOCK, weigh8(sums[0], sums[1], by_cr, bias, 2));
  }
}

static void convert_gray8_simd(i16 *to, const u8 *from, size_t pitch) {
  for (u32 y = 0; y < 8; y++) {
    // u8x8 -> i16x8
    i16x8 row = (i16x8)u16x8_extend_low((u8x16)u64x2_splat(load64(from + y * pitch)));
    i16x8_store(to + y * 8, i16x8_sub(row, i16x8_splat(128)));
  }
}

// ---- every combination: bytes a pixel, subsampling or one component -----------------------------

#define CONVERT(name, bytes, across, down, chroma, simd)                           \
  static void convert_##name##_simd(i16 *to, const u8 *from, size_t pitch) { simd; } \
  static void convert_##name##_scalar(i16 *to, const u8 *from, size_t pitch) {       \
    convert_scalar(to, from, pitch, bytes, across, down, chroma);                    \
  }
CONVERT(rgba_444, 4, 1, 1, true, convert_444(to, from, pitch, 4, true))
CONVERT(rgba_422, 4, 2, 1, true, convert_422(to, from, pitch, 4))
CONVERT(rgba_420, 4, 2, 2, true, convert_420(to, from, pitch, 4))
CONVERT(rgba_gray, 4, 1, 1, false, convert_444(to, from, pitch, 4, false))
CONVERT(rgb_444, 3, 1, 1, true, convert_444(to, from, pitch, 3, true))
CONVERT(rgb_422, 3, 2, 1, true, convert_422(to, from, pitch, 3))
CONVERT(rgb_420, 3, 2, 2, true, convert_420(to, from, pitch, 3))
CONVERT(rgb_gray, 3, 1, 1, false, convert_444(to, from, pitch, 3, false))

#define TWINS(name) {name##_simd, name##_scalar}
// [4 or 3 bytes a pixel][subsampling, or 3 for one component][scalar]
static const convert_op convert_color[2][4][2] = {
    {TWINS(convert_rgba_444), TWINS(convert_rgba_422), TWINS(convert_rgba_420), TWINS(convert_rgba_gray)},
    {TWINS(convert_rgb_444), TWINS(convert_rgb_422), TWINS(convert_rgb_420), TWINS(convert_rgb_gray)},
};
static const convert_op convert_gray8[2] = TWINS(convert_gray8);

#endif
