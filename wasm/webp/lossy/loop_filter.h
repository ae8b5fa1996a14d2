// What a decoder makes of the samples at last, RFC 6386 section 15, the normal filter without sharpness: to choose its strength, and for tests of what was written.
#ifndef LOOP_FILTER_H
#define LOOP_FILTER_H

#include "vp8.h"

// What is filtered at an edge: how far samples beside it, and next to each other, may differ; and from where on they differ much.
struct filter_limits { i16 edge, interior, threshold; };

// `level` is 1 or more.
static struct filter_limits filter_limits(u32 level, bool macroblock) {
  return (struct filter_limits){(i16)(macroblock ? 3 * level + 4 : 3 * level), (i16)level, level >= 40 ? 2 : level >= 15 ? 1 : 0};
}

INLINE i16x8 i16x8_distance(i16x8 a, i16x8 b) { return i16x8_abs(i16x8_sub(a, b)); }
// All bits of what is more than a limit.
INLINE i16x8 i16x8_above(i16x8 a, i16 limit) { return i16x8_shr(i16x8_sub(i16x8_splat(limit), a), 15); }
INLINE i16x8 clamp_i8(i16x8 a) { return i16x8_max(i16x8_min(a, i16x8_splat(127)), i16x8_splat(-128)); }
// Of a signed byte.
INLINE i16x8 eighth(i16x8 a, i16 rounding) { return i16x8_shr(clamp_i8(i16x8_add(a, i16x8_splat(rounding))), 3); }
INLINE i16x8 weighed(i16x8 a, i16 weight) { return i16x8_shr(i16x8_add(i16x8_mul(a, i16x8_splat(weight)), i16x8_splat(63)), 7); }
INLINE void store_sample(i16 *to, i16x8 v) { i16x8_store(to, i16x8_max(i16x8_min(v, i16x8_splat(255)), i16x8_splat(0))); }

// Eight places along an edge: samples across it are `step` apart, from p[-4 * step] to p[3 * step].
NOINLINE void filter_across(i16 *p, i32 step, const struct filter_limits *limits, bool macroblock) {
  i16x8 p3 = i16x8_load(p - 4 * step), p2 = i16x8_load(p - 3 * step), p1 = i16x8_load(p - 2 * step), p0 = i16x8_load(p - step);
  i16x8 q0 = i16x8_load(p), q1 = i16x8_load(p + step), q2 = i16x8_load(p + 2 * step), q3 = i16x8_load(p + 3 * step);
  i16x8 beside = i16x8_max(i16x8_distance(p1, p0), i16x8_distance(q1, q0));
  i16x8 most = i16x8_max(i16x8_max(i16x8_distance(p3, p2), i16x8_distance(p2, p1)), i16x8_max(i16x8_distance(q3, q2), i16x8_distance(q2, q1)));
  i16x8 over = i16x8_add(i16x8_shl(i16x8_distance(p0, q0), 1), i16x8_shr(i16x8_distance(p1, q1), 1));
  i16x8 apart = i16x8_or(i16x8_above(over, limits->edge), i16x8_above(i16x8_max(most, beside), limits->interior));
  if (u8x16_all_true((u8x16)apart)) return;
  i16x8 high = i16x8_above(beside, limits->threshold), both = clamp_i8(i16x8_sub(p1, q1));
  i16x8 over_edge = i16x8_mul(i16x8_sub(q0, p0), i16x8_splat(3));
  // Where samples differ much, and at inner edges, mostly the two beside the edge are changed; elsewhere at edges of macroblocks three on each side.
  i16x8 change = i16x8_without(clamp_i8(i16x8_add(macroblock ? both : i16x8_and(both, high), over_edge)), apart);
  i16x8 narrow = macroblock ? i16x8_and(change, high) : change, wide = i16x8_sub(change, narrow);
  i16x8 f = i16x8_add(eighth(narrow, 4), weighed(wide, 27)), g = i16x8_add(eighth(narrow, 3), weighed(wide, 27));
  i16x8 second = macroblock ? weighed(wide, 18) : i16x8_without(i16x8_shr(i16x8_add(f, i16x8_splat(1)), 1), high);
  store_sample(p, i16x8_sub(q0, f));
  store_sample(p - step, i16x8_add(p0, g));
  store_sample(p + step, i16x8_sub(q1, second));
  store_sample(p - 2 * step, i16x8_add(p1, second));
  if (!macroblock) return;
  store_sample(p + 2 * step, i16x8_sub(q2, weighed(wide, 9)));
  store_sample(p - 3 * step, i16x8_add(p2, weighed(wide, 9)));
}

// Edges of a macroblock whose first sample is at `p`, rows `pitch` apart: to the left, within, above, within.
COLD static void filter_plane(u8 *p, u32 pitch, u32 size, u32 x, u32 y, bool within, u32 level) {
  for (u32 pass = 0; pass < 2; pass++) {
    i32 along = pass == 0 ? (i32)pitch : 1, across = pass == 0 ? 1 : (i32)pitch;
    for (u32 at = (pass == 0 ? x : y) > 0 ? 0 : 4; at < size; at += 4) {
      if (at > 0 && !within) break;
      struct filter_limits limits = filter_limits(level, at == 0);
      for (u32 i = 0; i < size; i += 8) {
        u8 *edge = p + (i32)at * across + (i32)i * along;
        i16 eight[64];
        for (i32 j = 0; j < 64; j++) eight[j] = edge[(j / 8 - 4) * across + j % 8 * along];
        filter_across(eight + 4 * 8, 8, &limits, at == 0);
        for (i32 j = 0; j < 64; j++) edge[(j / 8 - 4) * across + j % 8 * along] = (u8)eight[j];
      }
    }
  }
}

#endif
