// What sharper samples are made by: two rows of pixels at a time, a pair, with a row of chroma for both.
//
//   take     of a macroblock's pixels, what is aimed at and a first guess
//   refine   the guess of a pair, to which what it lacks as a decoder would show it is added
//   settle   chroma, to what samples can say
//   give     of a pair in a macroblock, the samples
//
// All is in 1/16 of full range: luma, and how far red and blue are from it. VP8's YUV is linear in these, so chroma is brought to full
// resolution as a decoder does it: 9 parts of a sample, 3 of each of two neighbours, 1 of the one beyond. Only then is RGB limited
// to its range, and luma can make up for chroma that reaches too far.
#ifndef SHARP_ROWS_H
#define SHARP_ROWS_H

#include "yuv.h"

// HIDDEN_LUMA marks pixels that nobody sees, at which nothing is aimed.
enum { FULL = 255 * 16, LOWEST_LUMA = -18 * 16, HIGHEST_LUMA = 273 * 16, HIDDEN_LUMA = -32768 };

// In 1/32768. BT.601: what of luma is red, green and blue; green from how far red and blue are from luma.
enum { RED_PART = 9798, GREEN_PART = 19234, BLUE_PART = 3736, GREEN_OF_RED = 16692, GREEN_OF_BLUE = 6365 };
// To samples: 219/255, and 112/255 over 1 - 0.299 and 1 - 0.114. Back from 1/32 of a sample of Cr and 1/64 of one of Cb.
enum { TO_LUMA = 28142, TO_CR = 20530, TO_CB = 16244, OF_CR = 26149, OF_CB = 16525 };

struct pair {
  i16 *target[2], *red[2], *blue[2];  // what is aimed at, by row
  i16 *luma[2], *cr, *cb;             // the guess; chroma has a sample more on both sides
};

// ---- scalar -------------------------------------------------------------------------------------

INLINE i32 limited(i32 v, i32 low, i32 high) { return v < low ? low : v > high ? high : v; }
INLINE i32 q15(i32 a, i32 b) { return (a * b + 0x4000) >> 15; }

// Of eight pairs from pixel `left` on. `alpha_at` as in run.h; of `samples` is the chroma of what is not seen. Whether there is such.
COLD static bool sharp_take_scalar(struct pair *const pairs[8], u32 left, const u8 *samples, const u8 *from, size_t pitch, u32 alpha_at) {
  bool any_hidden = false;
  for (u32 at = 0; at < 64; at++) {
    u32 x = at & 7, y = at >> 3, seen = 0;
    struct pair *pair = pairs[y];
    i32 cr = 0, cb = 0;
    for (u32 i = 0; i < 4; i++) {
      u32 row = i >> 1, column = 2 * x + (i & 1);
      const u8 *pixel = from + (2 * y + row) * pitch + column * layout_of.bytes;
      i32 red = pixel[layout_of.places[0]], blue = pixel[layout_of.places[2]];
      i32 luma = (red * (RED_PART / 2) + pixel[layout_of.places[1]] * (GREEN_PART / 2) + blue * (BLUE_PART / 2) + 512) >> 10;
      bool hidden = alpha_at < 4 && pixel[alpha_at] == 0;
      red = red * 16 - luma;
      blue = blue * 16 - luma;
      pair->target[row][left + column] = hidden ? HIDDEN_LUMA : (i16)luma;
      pair->luma[row][left + column] = (i16)luma;
      pair->red[row][left + column] = (i16)red;
      pair->blue[row][left + column] = (i16)blue;
      any_hidden |= hidden;
      if (hidden) continue;
      seen++;
      cr += red;
      cb += blue;
    }
    u32 chroma = chroma_at(x, y);
    if (seen == 0) {
      cr = q15((samples[chroma + 4 * BLOCK] - 128) * 32, OF_CR);
      cb = q15((samples[chroma] - 128) * 64, OF_CB);
    } else {
      cr = seen == 4 ? (cr + 2) >> 2 : cr / (i32)seen;
      cb = seen == 4 ? (cb + 2) >> 2 : cb / (i32)seen;
    }
    pair->cr[left / 2 + x] = (i16)cr;
    pair->cb[left / 2 + x] = (i16)cb;
  }
  return any_hidden;
}

// A row of chroma at pixel x, between it and the next row that is nearest.
INLINE i32 chroma_shown(const i16 *near, const i16 *far, u32 x) {
  i32 at = (i32)(x >> 1), beside = at + (x & 1 ? 1 : -1);
  i32 here = (3 * near[at] + far[at] + 2) >> 2, there = (3 * near[beside] + far[beside] + 2) >> 2;
  return (3 * here + there + 2) >> 2;
}

// `width` pixels, a multiple of 16. New chroma goes to `cr` and `cb`.
COLD static void sharp_refine_scalar(struct pair *pair, const struct pair *above, const struct pair *below, i16 *cr, i16 *cb, u32 width) {
  for (u32 x = 0; x < width; x += 2) {
    i32 cr_lost = 0, cb_lost = 0;
    for (u32 i = 0; i < 4; i++) {
      u32 row = i >> 1, at = x + (i & 1);
      const struct pair *far = row == 0 ? above : below;
      i32 red = chroma_shown(pair->cr, far->cr, at), blue = chroma_shown(pair->cb, far->cb, at), luma = pair->luma[row][at];
      i32 green = limited(luma - q15(red, GREEN_OF_RED) - q15(blue, GREEN_OF_BLUE), 0, FULL);
      red = limited(luma + red, 0, FULL);
      blue = limited(luma + blue, 0, FULL);
      i32 shown = q15(red, RED_PART) + q15(green, GREEN_PART) + q15(blue, BLUE_PART);
      if (pair->target[row][at] == HIDDEN_LUMA) continue;
      pair->luma[row][at] = (i16)limited(luma + pair->target[row][at] - shown, LOWEST_LUMA, HIGHEST_LUMA);
      cr_lost += pair->red[row][at] - (red - shown);
      cb_lost += pair->blue[row][at] - (blue - shown);
    }
    cr[x / 2] = (i16)limited(pair->cr[x / 2] + ((cr_lost + 2) >> 2), -FULL, FULL);
    cb[x / 2] = (i16)limited(pair->cb[x / 2] + ((cb_lost + 2) >> 2), -FULL, FULL);
  }
}

// The sample less 128 of each of n, a multiple of 8.
COLD static void sharp_settle_scalar(i16 *cr, i16 *cb, u32 n) {
  for (u32 i = 0; i < n; i++) {
    cr[i] = (i16)q15(limited((q15(cr[i], TO_CR) + 8) >> 4, -128, 127) * 32, OF_CR);
    cb[i] = (i16)q15(limited((q15(cb[i], TO_CB) + 8) >> 4, -128, 127) * 64, OF_CB);
  }
}

// From pixel `left` on to row y and the next of a macroblock. What nobody sees stays what it is.
COLD static void sharp_give_scalar(u8 *samples, const struct pair *pair, u32 left, u32 y) {
  for (u32 x = 0; x < 16; x += 2) {
    bool seen = false;
    for (u32 i = 0; i < 4; i++) {
      u32 row = i >> 1, at = left + x + (i & 1);
      if (pair->target[row][at] == HIDDEN_LUMA) continue;
      seen = true;
      samples[luma_at(x + (i & 1), y + row)] = (u8)limited(16 + ((q15(pair->luma[row][at], TO_LUMA) + 8) >> 4), 0, 255);
    }
    if (!seen) continue;
    u32 chroma = chroma_at(x / 2, y / 2), at = (left + x) / 2;
    samples[chroma] = (u8)limited(128 + ((q15(pair->cb[at], TO_CB) + 8) >> 4), 0, 255);
    samples[chroma + 4 * BLOCK] = (u8)limited(128 + ((q15(pair->cr[at], TO_CR) + 8) >> 4), 0, 255);
  }
}

// ---- SIMD ---------------------------------------------------------------------------------------

INLINE i16x8 i16x8_limited(i16x8 v, i16 low, i16 high) { return i16x8_min(i16x8_max(v, i16x8_splat(low)), i16x8_splat(high)); }

// Of four pixels, how far a colour is from luma, in the lanes of 32 bits.
INLINE u32x4 from_luma(u32x4 color, u32x4 luma) { return u32x4_sub(u32x4_shl(color, 4), luma); }

// Where nothing is hidden.
static void sharp_take_simd(struct pair *const pairs[8], u32 left, const u8 *from, size_t pitch) {
  const u8x16 spread = u8x16_load(layout_of.spread);
  const u32 bytes = layout_of.bytes;
  for (u32 y = 0; y < 8; y++) {
    struct pair *pair = pairs[y];
    for (u32 x = 0; x < 16; x += 8) {
      u32x4 cr = u32x4_splat(0), cb = cr;
      for (u32 row = 0; row < 2; row++) {
        const u8 *p = from + (2 * y + row) * pitch + x * bytes;
        u32x4 luma[2], red[2], blue[2];
        UNROLL for (u32 i = 0; i < 2; i++) {
          struct pixels4 v = load_pixels(p + i * 4 * bytes, spread);
          luma[i] = u32x4_add(i32x4_dot(v.even, i16x8_pairs(RED_PART / 2, BLUE_PART / 2)), i32x4_dot(v.odd, i16x8_pairs(GREEN_PART / 2, 0)));
          luma[i] = u32x4_shr(u32x4_add(luma[i], u32x4_splat(512)), 10);
          red[i] = from_luma(u32x4_and((u32x4)v.even, u32x4_splat(0xffff)), luma[i]);
          blue[i] = from_luma(u32x4_shr((u32x4)v.even, 16), luma[i]);
        }
        u32 at = left + x;
        i16x8 lumas = i16x8_narrow(luma[0], luma[1]), reds = i16x8_narrow(red[0], red[1]), blues = i16x8_narrow(blue[0], blue[1]);
        i16x8_store(pair->target[row] + at, lumas);
        i16x8_store(pair->luma[row] + at, lumas);
        i16x8_store(pair->red[row] + at, reds);
        i16x8_store(pair->blue[row] + at, blues);
        cr = u32x4_add(cr, i32x4_dot(reds, i16x8_splat(1)));
        cb = u32x4_add(cb, i32x4_dot(blues, i16x8_splat(1)));
      }
      cr = i32x4_shr(u32x4_add(cr, u32x4_splat(2)), 2);
      cb = i32x4_shr(u32x4_add(cb, u32x4_splat(2)), 2);
      store64(pair->cr + (left + x) / 2, ((u64x2)i16x8_narrow(cr, cr))[0]);
      store64(pair->cb + (left + x) / 2, ((u64x2)i16x8_narrow(cb, cb))[0]);
    }
  }
}

// (3 a + b + 2) >> 2
INLINE i16x8 three_to_one(i16x8 a, i16x8 b) {
  return i16x8_shr(i16x8_add(i16x8_add(i16x8_add(a, a), i16x8_add(a, b)), i16x8_splat(2)), 2);
}

// Of sixteen pixels.
struct row16 { i16x8 low, high; };

INLINE struct row16 chroma_shown16(const i16 *near, const i16 *far) {
  i16x8 here = three_to_one(i16x8_load(near), i16x8_load(far));
  i16x8 even = three_to_one(here, three_to_one(i16x8_load(near - 1), i16x8_load(far - 1)));
  i16x8 odd = three_to_one(here, three_to_one(i16x8_load(near + 1), i16x8_load(far + 1)));
  return (struct row16){i16x8_shuffle(even, odd, 0, 8, 1, 9, 2, 10, 3, 11), i16x8_shuffle(even, odd, 4, 12, 5, 13, 6, 14, 7, 15)};
}

struct lost8 { i16x8 red, blue; };

// Eight pixels; gives what chroma lacks of them.
INLINE struct lost8 refine8(struct pair *pair, u32 row, u32 x, i16x8 red, i16x8 blue) {
  i16x8 luma = i16x8_load(pair->luma[row] + x), target = i16x8_load(pair->target[row] + x);
  i16x8 green = i16x8_sub(i16x8_sub(luma, i16x8_q15mulr(red, i16x8_splat(GREEN_OF_RED))), i16x8_q15mulr(blue, i16x8_splat(GREEN_OF_BLUE)));
  green = i16x8_limited(green, 0, FULL);
  red = i16x8_limited(i16x8_add(luma, red), 0, FULL);
  blue = i16x8_limited(i16x8_add(luma, blue), 0, FULL);
  i16x8 shown = i16x8_add(i16x8_q15mulr(red, i16x8_splat(RED_PART)), i16x8_q15mulr(green, i16x8_splat(GREEN_PART)));
  shown = i16x8_add(shown, i16x8_q15mulr(blue, i16x8_splat(BLUE_PART)));
  i16x8 hidden = i16x8_eq(target, i16x8_splat(HIDDEN_LUMA)), lost = i16x8_without(i16x8_sub(target, shown), hidden);
  i16x8_store(pair->luma[row] + x, i16x8_limited(i16x8_add(luma, lost), LOWEST_LUMA, HIGHEST_LUMA));
  return (struct lost8){
      i16x8_without(i16x8_sub(i16x8_load(pair->red[row] + x), i16x8_sub(red, shown)), hidden),
      i16x8_without(i16x8_sub(i16x8_load(pair->blue[row] + x), i16x8_sub(blue, shown)), hidden),
  };
}

// What the mean of 2x2 lacks, added.
INLINE void add_lost(i16 *to, const i16 *from, i16x8 above_low, i16x8 above_high, i16x8 below_low, i16x8 below_high) {
  const i16x8 ones = i16x8_splat(1);
  u32x4 low = i32x4_dot(i16x8_add(above_low, below_low), ones), high = i32x4_dot(i16x8_add(above_high, below_high), ones);
  low = i32x4_shr(u32x4_add(low, u32x4_splat(2)), 2);
  high = i32x4_shr(u32x4_add(high, u32x4_splat(2)), 2);
  i16x8_store(to, i16x8_limited(i16x8_add(i16x8_load(from), i16x8_narrow(low, high)), -FULL, FULL));
}

static void sharp_refine_simd(struct pair *pair, const struct pair *above, const struct pair *below, i16 *cr, i16 *cb, u32 width) {
  for (u32 x = 0; x < width; x += 16) {
    u32 c = x / 2;
    struct lost8 lost[4];
    for (u32 row = 0; row < 2; row++) {
      const struct pair *far = row == 0 ? above : below;
      struct row16 red = chroma_shown16(pair->cr + c, far->cr + c), blue = chroma_shown16(pair->cb + c, far->cb + c);
      lost[2 * row] = refine8(pair, row, x, red.low, blue.low);
      lost[2 * row + 1] = refine8(pair, row, x + 8, red.high, blue.high);
    }
    add_lost(cr + c, pair->cr + c, lost[0].red, lost[1].red, lost[2].red, lost[3].red);
    add_lost(cb + c, pair->cb + c, lost[0].blue, lost[1].blue, lost[2].blue, lost[3].blue);
  }
}

// To whole samples, around 0.
INLINE i16x8 to_samples(i16x8 v, i16 by) { return i16x8_shr(i16x8_add(i16x8_q15mulr(v, i16x8_splat(by)), i16x8_splat(8)), 4); }

static void sharp_settle_simd(i16 *cr, i16 *cb, u32 n) {
  for (u32 i = 0; i < n; i += 8) {
    i16x8 red = i16x8_limited(to_samples(i16x8_load(cr + i), TO_CR), -128, 127);
    i16x8 blue = i16x8_limited(to_samples(i16x8_load(cb + i), TO_CB), -128, 127);
    i16x8_store(cr + i, i16x8_q15mulr(i16x8_shl(red, 5), i16x8_splat(OF_CR)));
    i16x8_store(cb + i, i16x8_q15mulr(i16x8_shl(blue, 6), i16x8_splat(OF_CB)));
  }
}

// Where nothing is hidden.
static void sharp_give_simd(u8 *samples, const struct pair *pair, u32 left, u32 y) {
  for (u32 row = 0; row < 2; row++) {
    i16x8 low = to_samples(i16x8_load(pair->luma[row] + left), TO_LUMA), high = to_samples(i16x8_load(pair->luma[row] + left + 8), TO_LUMA);
    u32x4 v = (u32x4)u8x16_narrow((u16x8)i16x8_add(low, i16x8_splat(16)), (u16x8)i16x8_add(high, i16x8_splat(16)));
    UNROLL for (u32 i = 0; i < 4; i++) store32(samples + luma_at(4 * i, y + row), v[i]);
  }
  i16x8 cb = i16x8_add(to_samples(i16x8_load(pair->cb + left / 2), TO_CB), i16x8_splat(128));
  i16x8 cr = i16x8_add(to_samples(i16x8_load(pair->cr + left / 2), TO_CR), i16x8_splat(128));
  u32x4 v = (u32x4)u8x16_narrow((u16x8)cb, (u16x8)cr);
  u8 *chroma = samples + chroma_at(0, y / 2);
  store32(chroma, v[0]);
  store32(chroma + BLOCK, v[1]);
  store32(chroma + 4 * BLOCK, v[2]);
  store32(chroma + 5 * BLOCK, v[3]);
}

#endif
