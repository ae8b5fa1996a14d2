// How strongly the loop filter smooths, by what it would do to some of the macroblocks: it mends the edges between blocks of photographs, and
// blurs what is drawn with steps of few levels between its colours.
#ifndef DEBLOCK_H
#define DEBLOCK_H

#include "loop_filter.h"
#include "yuv.h"

// Strengths that are tried, in 1/256 of the step; and of how many macroblocks one is looked at, in all no more than so many.
enum { STRENGTHS = 4, TRIAL_SPACING = 16, MAX_TRIALS = 512 };
static const u8 strengths[STRENGTHS] = {105, 0, 35, 70};

// By segment: squares of errors of luma.
static struct { u32 spacing; u64 errors[SEGMENTS][STRENGTHS]; } deblock;

// A macroblock and the last columns of the one to the left of it, column by column, so that what is across an edge to the left is a vector.
enum { PATCH_LEFT = 4, PATCH_SAMPLES = (PATCH_LEFT + 16) * 16 };
struct patch { i16 samples[PATCH_SAMPLES]; };

static void deblock_begin(u32 macroblocks) {
  fill_bytes(&deblock, 0, sizeof deblock);
  deblock.spacing = macroblocks / MAX_TRIALS > TRIAL_SPACING ? macroblocks / MAX_TRIALS : TRIAL_SPACING;
}

// Whether the macroblock is looked at.
static bool deblock_wants(u32 x, u32 y) { return (x + y * 7) % deblock.spacing == 0; }

static u32 strength_of(u32 step, u32 strength) {
  u32 level = (step * strength) >> 8;
  return level < 2 ? 0 : min_u32(level, 63);
}

static void patch_fill(struct patch *to, const u8 *left, const u8 *samples) {
  for (u32 y = 0; y < 16; y++) {
    for (u32 x = 0; x < PATCH_LEFT; x++) to->samples[x * 16 + y] = left[luma_at(16 - PATCH_LEFT + x, y)];
    for (u32 x = 0; x < 16; x++) to->samples[(PATCH_LEFT + x) * 16 + y] = samples[luma_at(x, y)];
  }
}

static u32 patch_error(const struct patch *a, const struct patch *b) {
  u32x4 sum = u32x4_splat(0);
  for (u32 i = 0; i < PATCH_SAMPLES; i += 8) {
    i16x8 lost = i16x8_sub(i16x8_load(a->samples + i), i16x8_load(b->samples + i));
    sum = u32x4_add(sum, i32x4_dot(lost, lost));
  }
  return sum[0] + sum[1] + sum[2] + sum[3];
}

static void patch_filter(struct patch *patch, u32 level, bool within) {
  for (u32 x = 0; x < (within ? 16u : 4u); x += 4) {
    struct filter_limits limits = filter_limits(level, x == 0);
    for (u32 half = 0; half < 2; half++) filter_across(patch->samples + (PATCH_LEFT + x) * 16 + half * 8, 16, &limits, x == 0);
  }
}

// Tries all strengths on the upright edges of a macroblock: as it is, and as it is before the filter. `within`: whether its inner edges are
// filtered, too.
NOINLINE void deblock_try(u32 segment, u32 step, bool within, const u8 *left, const u8 *samples, const u8 *left_rebuilt, const u8 *rebuilt) {
  struct patch original, before, after;
  patch_fill(&original, left, samples);
  patch_fill(&before, left_rebuilt, rebuilt);
  for (u32 i = 0; i < STRENGTHS; i++) {
    u32 level = strength_of(step, strengths[i]);
    after = before;
    if (level > 0) patch_filter(&after, level, within);
    deblock.errors[segment][i] += patch_error(&after, &original);
  }
}

// The strength that leaves the smallest error in a segment.
static u32 deblock_strength(u32 segment) {
  u32 best = 0;
  for (u32 i = 1; i < STRENGTHS; i++)
    if (deblock.errors[segment][i] < deblock.errors[segment][best]) best = i;
  return strengths[best];
}

#endif
