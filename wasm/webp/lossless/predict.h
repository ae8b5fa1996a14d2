// The predictors of section 4.1, of one pixel by its definition and of four pixels at once.
//
// L, T, TL and TR are the pixels to the left, above, above to the left and above to the right.
#ifndef PREDICT_H
#define PREDICT_H

#include "common/simd.h"
#include "vp8l.h"

enum { PREDICTORS = 14 };

// ---- scalar -------------------------------------------------------------------------------------

INLINE argb average2(argb a, argb b) { return (((a ^ b) & 0xfefefefe) >> 1) + (a & b); }

INLINE i32 clamp255(i32 v) { return v < 0 ? 0 : v > 255 ? 255 : v; }

INLINE i32 distance_of(argb a, argb b) {
  i32 sum = 0;
  for (u32 at = 0; at < 32; at += 8) {
    i32 d = (i32)channel(a, at) - (i32)channel(b, at);
    sum += d < 0 ? -d : d;
  }
  return sum;
}

static argb predict_scalar(u32 mode, argb l, argb t, argb tl, argb tr) {
  argb result = 0;
  switch (mode) {
    case 0: return BLACK;
    case 1: return l;
    case 2: return t;
    case 3: return tr;
    case 4: return tl;
    case 5: return average2(average2(l, tr), t);
    case 6: return average2(l, tl);
    case 7: return average2(l, t);
    case 8: return average2(tl, t);
    case 9: return average2(t, tr);
    case 10: return average2(average2(l, tl), average2(t, tr));
    case 11: return distance_of(t, tl) < distance_of(l, tl) ? l : t;
    case 12:
      for (u32 at = 0; at < 32; at += 8)
        result |= (u32)clamp255((i32)channel(l, at) + (i32)channel(t, at) - (i32)channel(tl, at)) << at;
      return result;
    default:
      for (u32 at = 0; at < 32; at += 8) {
        i32 mean = (i32)(channel(l, at) + channel(t, at)) >> 1;
        // Division rounds towards zero.
        result |= (u32)clamp255(mean + (mean - (i32)channel(tl, at)) / 2) << at;
      }
      return result;
  }
}

// ---- four pixels --------------------------------------------------------------------------------

struct around { u8x16 l, t, tl, tr; };

// Rounded down.
INLINE u8x16 average2_x4(u8x16 a, u8x16 b) {
  return u8x16_sub(u8x16_average(a, b), u8x16_and(u8x16_xor(a, b), u8x16_splat(1)));
}
INLINE u8x16 half_x4(u8x16 a) { return u8x16_and((u8x16)u16x8_shr((u16x8)a, 1), u8x16_splat(127)); }

// Section 4.3: green is subtracted from red and blue.
INLINE argb without_green(argb pixel) {
  u32 green = channel(pixel, GREEN_AT);
  return argb_sub(pixel, green << RED_AT | green << BLUE_AT);
}
INLINE u8x16 without_green_x4(u8x16 v) {
  return u8x16_sub(v, u8x16_shuffle(v, u8x16_splat(0), 1, 16, 1, 16, 5, 16, 5, 16, 9, 16, 9, 16, 13, 16, 13, 16));
}

// |a - b| of the channels, summed: u32 lanes.
INLINE u32x4 distance_x4(u8x16 a, u8x16 b) {
  return u32x4_add_pairs(u16x8_add_pairs(u8x16_or(u8x16_sub_sat(a, b), u8x16_sub_sat(b, a))));
}

INLINE u8x16 predict_x4(u32 mode, struct around a) {
  switch (mode) {
    case 0: return (u8x16)u32x4_splat(BLACK);
    case 1: return a.l;
    case 2: return a.t;
    case 3: return a.tr;
    case 4: return a.tl;
    case 5: return average2_x4(average2_x4(a.l, a.tr), a.t);
    case 6: return average2_x4(a.l, a.tl);
    case 7: return average2_x4(a.l, a.t);
    case 8: return average2_x4(a.tl, a.t);
    case 9: return average2_x4(a.t, a.tr);
    case 10: return average2_x4(average2_x4(a.l, a.tl), average2_x4(a.t, a.tr));
    case 11: return u8x16_select(i32x4_less(distance_x4(a.t, a.tl), distance_x4(a.l, a.tl)), a.l, a.t);
    // One of t - tl and tl - t is 0 where the other is not.
    case 12: return u8x16_sub_sat(u8x16_add_sat(a.l, u8x16_sub_sat(a.t, a.tl)), u8x16_sub_sat(a.tl, a.t));
    default: {
      u8x16 mean = average2_x4(a.l, a.t);
      u8x16 more = half_x4(u8x16_sub_sat(mean, a.tl)), less = half_x4(u8x16_sub_sat(a.tl, mean));
      return u8x16_sub_sat(u8x16_add_sat(mean, more), less);
    }
  }
}

// The modes by number and the code for one, where it must be a constant.
#define EACH_PREDICTOR(DO) \
  DO(0) DO(1) DO(2) DO(3) DO(4) DO(5) DO(6) DO(7) DO(8) DO(9) DO(10) DO(11) DO(12) DO(13)

#endif
