// Pixels to the samples of a macroblock: ITU-R BT.601 in studio range, 4:2:0, with libwebp's weights in 1/65536.
//
// `from` is the first of 16 rows, `pitch` bytes apart, all of whose 16 pixels are there; up to 12 bytes behind a row are
// read, so that four pixels are one load in every format. Chroma is the weighted sum over 2x2 pixels, rounded once. Gray pixels get Cb = Cr = 128.
#ifndef YUV_H
#define YUV_H

#include "common/simd.h"
#include "vp8.h"

enum { READ_BEYOND = 12 };

// Weights of red, green and blue; of green in luma what is above a half, which is added by a shift.
static const i16 y_weights[3] = {16839, 33059 - 32768, 6420};
static const i16 cb_weights[3] = {-9719, -19081, 28800}, cr_weights[3] = {28800, -24116, -4684};
enum { LUMA_BIAS = (16 << 16) + (1 << 15), CHROMA_BIAS = (128 << 18) + (1 << 17) };

static struct {
  u32 bytes;         // a pixel
  u8 places[3];      // of red, green and blue in it
  u8 spread[16];     // the bytes of four pixels as red, green, blue, 0
} layout_of;

static void yuv_prepare(u32 format) {
  static const u8 known[][4] = {
      [GRAY8] = {1, 0, 0, 0}, [GRAYA8] = {2, 0, 0, 0}, [RGB8] = {3, 0, 1, 2},  [RGBA8] = {4, 0, 1, 2}, [BGR8] = {3, 2, 1, 0},
      [BGRA8] = {4, 2, 1, 0}, [ARGB8] = {4, 1, 2, 3},  [RGBX8] = {4, 0, 1, 2}, [BGRX8] = {4, 2, 1, 0},
  };
  layout_of.bytes = known[format][0];
  for (u32 c = 0; c < 3; c++) layout_of.places[c] = known[format][1 + c];
  for (u32 i = 0; i < 16; i++)
    layout_of.spread[i] = (i & 3) == 3 ? 255 : (u8)((i >> 2) * layout_of.bytes + layout_of.places[i & 3]);
}

// Where the sample of luma at x, y of a macroblock is.
INLINE u32 luma_at(u32 x, u32 y) { return ((y >> 2) * 4 + (x >> 2)) * BLOCK + (y & 3) * 4 + (x & 3); }
// And that of chroma, of Cb; Cr is 4 blocks behind.
INLINE u32 chroma_at(u32 x, u32 y) { return (CB_BLOCK + (y >> 2) * 2 + (x >> 2)) * BLOCK + (y & 3) * 4 + (x & 3); }

COLD static void yuv_scalar(u8 *to, const u8 *from, size_t pitch) {
  for (u32 y = 0; y < 16; y += 2)
    for (u32 x = 0; x < 16; x += 2) {
      i32 sums[3] = {0};
      for (u32 i = 0; i < 4; i++) {
        u32 column = x + (i & 1), row = y + (i >> 1);
        const u8 *pixel = from + row * pitch + column * layout_of.bytes;
        i32 luma = LUMA_BIAS + (pixel[layout_of.places[1]] << 15);
        for (u32 c = 0; c < 3; c++) {
          luma += y_weights[c] * pixel[layout_of.places[c]];
          sums[c] += pixel[layout_of.places[c]];
        }
        to[luma_at(column, row)] = (u8)(luma >> 16);
      }
      i32 cb = CHROMA_BIAS, cr = CHROMA_BIAS;
      for (u32 c = 0; c < 3; c++) {
        cb += cb_weights[c] * sums[c];
        cr += cr_weights[c] * sums[c];
      }
      to[chroma_at(x >> 1, y >> 1)] = (u8)(cb >> 18);
      to[chroma_at(x >> 1, y >> 1) + 4 * BLOCK] = (u8)(cr >> 18);
    }
}

// Four pixels as 16-bit lanes: red and blue, green and 0.
struct pixels4 { i16x8 even, odd; };

INLINE struct pixels4 load_pixels(const u8 *p, u8x16 spread) {
  u8x16 v = u8x16_swizzle(u8x16_load(p), spread);
  return (struct pixels4){(i16x8)u8x16_and(v, (u8x16)u16x8_splat(255)), (i16x8)u16x8_shr((u16x8)v, 8)};
}

INLINE u32x4 luma4(struct pixels4 p) {
  u32x4 sum = u32x4_add(i32x4_dot(p.even, i16x8_pairs(16839, 6420)), i32x4_dot(p.odd, i16x8_pairs(33059 - 32768, 0)));
  // Green is the lower lane of a pair whose upper one is 0.
  sum = u32x4_add(sum, u32x4_shl((u32x4)p.odd, 15));
  return u32x4_shr(u32x4_add(sum, u32x4_splat(LUMA_BIAS)), 16);
}

INLINE i16x8 neighbours(i16x8 a, i16x8 b) {
  return i16x8_add((i16x8)u32x4_shuffle(a, b, 0, 2, 4, 6), (i16x8)u32x4_shuffle(a, b, 1, 3, 5, 7));
}

// Sums over 2x2 pixels, four of them.
INLINE struct pixels4 boxes(struct pixels4 a, struct pixels4 b, struct pixels4 below_a, struct pixels4 below_b) {
  return (struct pixels4){
      neighbours(i16x8_add(a.even, below_a.even), i16x8_add(b.even, below_b.even)),
      neighbours(i16x8_add(a.odd, below_a.odd), i16x8_add(b.odd, below_b.odd)),
  };
}

INLINE u32x4 chroma4(struct pixels4 sums, i16x8 even, i16x8 odd) {
  u32x4 sum = u32x4_add(i32x4_dot(sums.even, even), i32x4_dot(sums.odd, odd));
  return u32x4_shr(u32x4_add(sum, u32x4_splat(CHROMA_BIAS)), 18);
}

// The eight samples of a row of chroma, to two blocks.
INLINE void store_chroma(u8 *to, u32x4 low, u32x4 high) {
  i16x8 v = i16x8_narrow(low, high);
  u64x2 bytes = (u64x2)u8x16_narrow((u16x8)v, (u16x8)v);
  store32(to, (u32)bytes[0]);
  store32(to + BLOCK, (u32)(bytes[0] >> 32));
}

static void yuv_simd(u8 *to, const u8 *from, size_t pitch) {
  const u8x16 spread = u8x16_load(layout_of.spread);
  const u32 bytes = layout_of.bytes;
  for (u32 y = 0; y < 16; y += 4) {
    u8x16 rows[4];
    UNROLL for (u32 pair = 0; pair < 4; pair += 2) {
      const u8 *p = from + (y + pair) * pitch;
      struct pixels4 v[4], w[4];
      UNROLL for (u32 i = 0; i < 4; i++) {
        v[i] = load_pixels(p + i * 4 * bytes, spread);
        w[i] = load_pixels(p + pitch + i * 4 * bytes, spread);
      }
      rows[pair] = u8x16_narrow((u16x8)i16x8_narrow(luma4(v[0]), luma4(v[1])), (u16x8)i16x8_narrow(luma4(v[2]), luma4(v[3])));
      rows[pair + 1] = u8x16_narrow((u16x8)i16x8_narrow(luma4(w[0]), luma4(w[1])), (u16x8)i16x8_narrow(luma4(w[2]), luma4(w[3])));
      struct pixels4 low = boxes(v[0], v[1], w[0], w[1]), high = boxes(v[2], v[3], w[2], w[3]);
      u8 *chroma = to + chroma_at(0, (y + pair) >> 1);
      i16x8 even = i16x8_pairs(-9719, 28800), odd = i16x8_pairs(-19081, 0);
      store_chroma(chroma, chroma4(low, even, odd), chroma4(high, even, odd));
      even = i16x8_pairs(28800, -4684), odd = i16x8_pairs(-24116, 0);
      store_chroma(chroma + 4 * BLOCK, chroma4(low, even, odd), chroma4(high, even, odd));
    }
    // Four rows of 16 -> four blocks of 4x4
    u32x4 ab_low = u32x4_shuffle(rows[0], rows[1], 0, 4, 1, 5), ab_high = u32x4_shuffle(rows[0], rows[1], 2, 6, 3, 7);
    u32x4 cd_low = u32x4_shuffle(rows[2], rows[3], 0, 4, 1, 5), cd_high = u32x4_shuffle(rows[2], rows[3], 2, 6, 3, 7);
    u8 *luma = to + y * 16;
    u8x16_store(luma, (u8x16)u64x2_shuffle(ab_low, cd_low, 0, 2));
    u8x16_store(luma + 16, (u8x16)u64x2_shuffle(ab_low, cd_low, 1, 3));
    u8x16_store(luma + 32, (u8x16)u64x2_shuffle(ab_high, cd_high, 0, 2));
    u8x16_store(luma + 48, (u8x16)u64x2_shuffle(ab_high, cd_high, 1, 3));
  }
}

#endif
