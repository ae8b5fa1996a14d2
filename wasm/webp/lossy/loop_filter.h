// What a decoder makes of the samples at last, RFC 6386 section 15, the normal filter: for tests of what was written.
#ifndef LOOP_FILTER_H
#define LOOP_FILTER_H

#include "vp8.h"

static i32 clamp_i8(i32 a) { return a < -128 ? -128 : a > 127 ? 127 : a; }
static i32 distance(i32 a, i32 b) { return a < b ? b - a : a - b; }

// The samples across an edge are `step` apart, from p: p[-4 * step] to p[3 * step].
NOINLINE void filter_across(u8 *p, i32 step, u32 edge, u32 interior, u32 threshold, bool macroblock) {
  i32 p3 = p[-4 * step], p2 = p[-3 * step], p1 = p[-2 * step], p0 = p[-step], q0 = p[0], q1 = p[step], q2 = p[2 * step], q3 = p[3 * step];
  i32 most = (i32)interior;
  if ((u32)(distance(p0, q0) * 2 + distance(p1, q1) / 2) > edge) return;
  if (distance(p3, p2) > most || distance(p2, p1) > most || distance(p1, p0) > most) return;
  if (distance(q3, q2) > most || distance(q2, q1) > most || distance(q1, q0) > most) return;
  bool high = distance(p1, p0) > (i32)threshold || distance(q1, q0) > (i32)threshold;
  p2 -= 128, p1 -= 128, p0 -= 128, q0 -= 128, q1 -= 128, q2 -= 128;
  if (macroblock && !high) {
    i32 w = clamp_i8(clamp_i8(p1 - q1) + 3 * (q0 - p0));
    i32 a = (27 * w + 63) >> 7, b = (18 * w + 63) >> 7, c = (9 * w + 63) >> 7;
    p[-step] = (u8)(clamp_i8(p0 + a) + 128), p[0] = (u8)(clamp_i8(q0 - a) + 128);
    p[-2 * step] = (u8)(clamp_i8(p1 + b) + 128), p[step] = (u8)(clamp_i8(q1 - b) + 128);
    p[-3 * step] = (u8)(clamp_i8(p2 + c) + 128), p[2 * step] = (u8)(clamp_i8(q2 - c) + 128);
    return;
  }
  i32 a = clamp_i8((macroblock || high ? clamp_i8(p1 - q1) : 0) + 3 * (q0 - p0));
  i32 f = clamp_i8(a + 4) >> 3, g = clamp_i8(a + 3) >> 3;
  p[0] = (u8)(clamp_i8(q0 - f) + 128), p[-step] = (u8)(clamp_i8(p0 + g) + 128);
  if (macroblock || high) return;
  f = (f + 1) >> 1;
  p[step] = (u8)(clamp_i8(q1 - f) + 128), p[-2 * step] = (u8)(clamp_i8(p1 + f) + 128);
}

// Edges of a macroblock whose first sample is at `p`, rows `pitch` apart: to the left, within, above, within.
COLD static void filter_plane(u8 *p, u32 pitch, u32 size, u32 x, u32 y, bool within, u32 level, u32 interior) {
  u32 threshold = level >= 40 ? 2 : level >= 15 ? 1 : 0;
  for (u32 pass = 0; pass < 2; pass++) {
    i32 along = pass == 0 ? (i32)pitch : 1, across = pass == 0 ? 1 : (i32)pitch;
    for (u32 at = (pass == 0 ? x : y) > 0 ? 0 : 4; at < size; at += 4) {
      if (at > 0 && !within) break;
      u32 edge = (at == 0 ? (level + 2) * 2 : level * 2) + interior;
      for (u32 i = 0; i < size; i++) filter_across(p + (i32)at * across + (i32)i * along, across, edge, interior, threshold, at == 0);
    }
  }
}

static u32 interior_limit(u32 level, u32 sharpness) {
  u32 limit = level >> (sharpness > 4 ? 2 : sharpness > 0 ? 1 : 0);
  if (sharpness > 0 && limit > 9 - sharpness) limit = 9 - sharpness;
  return limit < 1 ? 1 : limit;
}

#endif
