// Groups of photographs in a hurry: by how large the residuals of 16 x 16 pixels are, and from the counts of some of the rows.
//
// What the other rows hold is not known when the codes are made, but how far from 0 it can be: every residual of a group no further than that
// has a code.
#ifndef ACTIVITY_H
#define ACTIVITY_H

#include "groups.h"
#include "spatial.h"

enum {
  ACTIVITY_BITS = 4,    // of the side of a tile
  ACTIVITIES = 32,      // the logarithm of its mean residual, in steps of half an octave
  ACTIVITY_GROUPS = 8,  // at most
  COUNTED_STEP = 9,     // rows of which one is counted
};

static struct {
  u32 *sums;      // of the tiles of a row
  u8x16 *reach;   // of them, as spatial.reach
  argb most[ACTIVITIES];  // the same of all of an activity, of each channel
  bool present[ACTIVITIES];
} activity;

static u64 activity_bytes(u32 across) { return (u64)across * (sizeof(u32) + sizeof(u8x16)); }

static void activity_begin(void *memory, u32 across) {
  activity.reach = memory;
  activity.sums = (u32 *)(activity.reach + across);
  fill_bytes(memory, 0, activity_bytes(across));
  fill_bytes(activity.most, 0, sizeof activity.most);
  fill_bytes(activity.present, 0, sizeof activity.present);
}

INLINE argb most_of_four(u8x16 sizes) {
  sizes = u8x16_max(sizes, (u8x16)u64x2_shuffle(sizes, sizes, 1, 0));
  u64 two = ((u64x2)sizes)[0];
  return argb_max((argb)two, (argb)(two >> 32));
}

// Takes what spatial_rows() found in rows y to y + rows, and tells the activity of tiles that are whole.
NOINLINE void activity_rows(const struct image *image, u32 y, u32 rows) {
  for (u32 t = 0; t < spatial.tiles_across; t++) {
    u32 tile = t >> (ACTIVITY_BITS - TILE_BITS);
    activity.sums[tile] += spatial.sums[t];
    activity.reach[tile] = u8x16_max(activity.reach[tile], spatial.reach[t]);
  }
  u32 end = y + rows, side = 1 << ACTIVITY_BITS, tile_row = y >> ACTIVITY_BITS;
  if ((u64)end * image->width < image->count && end % side != 0) return;
  for (u32 t = 0; t < image->tiles_across; t++) {
    u32 area = (end - tile_row * side) * min_u32(side, image->width - t * side);
    // 16 times the mean, from 1 on.
    u32 mean = (u32)((u64)activity.sums[t] * 16 / area) + 1;
    u32 level = min_u32(log2_fine(mean) * 2 >> 8, ACTIVITIES - 1);
    image->map[tile_row * image->tiles_across + t] = (u8)level;
    activity.most[level] = argb_max(activity.most[level], most_of_four(activity.reach[t]));
    activity.present[level] = true;
    activity.sums[t] = 0;
    activity.reach[t] = u8x16_splat(0);
  }
}

// Counts the runs of one row of each `step`, the first among them, and the first pixel of all, each count for as many.
static void count_some_rows(const struct image *image, u32 *counts, u32 step) {
  for (u32 y = 0, at = 0; at < image->count; y++, at += image->width) {
    struct place place = {at, 0, y, 0};
    if (y % step == 0) (image->opaque ? count_opaque_runs : count_runs)(image, counts, &place);
    else count_token(counts + group_at(image, 0, y), 0, image->pixels[at], image->opaque);
  }
  for (u32 i = 0; i < ACTIVITIES; i++)
    for (u32 s = 0; s < CACHED; s++) counts[i * SYMBOLS + s] *= step;
}

// Counts what was in none of the rows and may be in others: residuals no further from 0 than `reach`, and any run.
COLD static void allow_residuals(u32 *counts, argb reach, bool opaque) {
  static const struct { u16 from, at; } codes[] = {{RED, RED_AT}, {BLUE, BLUE_AT}, {GREEN, GREEN_AT}, {OPACITY, ALPHA_AT}};
  for (u32 i = 0; i < (opaque ? 3 : 4); i++) {
    u32 *own = counts + codes[i].from, most = channel(reach, codes[i].at);
    for (u32 s = 0; s <= most; s++) {
      if (own[s] == 0) own[s] = 1;
      if (own[(256 - s) & 255] == 0) own[(256 - s) & 255] = 1;
    }
  }
  for (u32 s = 0; s < LENGTHS; s++)
    if (counts[LENGTH + s] == 0) counts[LENGTH + s] = 1;
  if (counts[DISTANCE + LEFT_CODE - 1] == 0) counts[DISTANCE + LEFT_CODE - 1] = 1;
}

// The groups of the image, and what is counted of each. Gives how many they are.
COLD static u32 activity_groups(struct image *image, u32 *counts) {
  // Runs over several rows are others where each row is counted by itself; and of what is rounded many residuals are none that may be.
  u32 step = spatial.rounded ? 1 : min_u32(COUNTED_STEP, 1 + (image->count >> 16));
  if (step == 1) count_image(image, counts);
  else count_some_rows(image, counts, step);
  for (u32 i = 0; step > 1 && i < ACTIVITIES; i++)
    if (activity.present[i]) allow_residuals(counts + i * SYMBOLS, activity.most[i], image->opaque);
  u8 to_group[ACTIVITIES];
  u32 groups = merge_neighbours(counts, ACTIVITIES, symbols_of(0), ACTIVITY_GROUPS, to_group);
  u32 tiles = image->tiles_across * divide_up(image->count / image->width, ACTIVITY_BITS);
  for (u32 i = 0; i < tiles; i++) image->map[i] = to_group[image->map[i]];
  return groups;
}

#endif
