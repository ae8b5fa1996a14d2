// The colour transform, section 4.2: what is like green in the residuals of red and blue, and like red in those of blue, is taken from
// them, by multipliers of its own for each tile.
//
// Multipliers are those that leave the smallest sum of absolute residuals of some rows of the tile; sums of squares go by the few that
// are far from 0, and files get larger. Whether it is done at all, the entropy tells.
#ifndef CROSS_H
#define CROSS_H

#include "groups.h"
#include "run.h"

enum {
  CROSS_BITS = 5,
  CROSS_SIDE = 1 << CROSS_BITS,
  CROSS_STEP = 5,    // rows of which one is looked at: no divisor of 8, the side of the blocks of what was a JPEG
  CROSS_SAMPLES = (CROSS_SIDE / CROSS_STEP + 1) * CROSS_SIDE,
  CROSS_GAIN = 64,   // a multiplier has to take so much, 1/64, from the sum
  ELEMENT_BITS = 12  // about what a tile with other multipliers than the one before takes
};

static struct {
  argb *elements;  // by tile: red to blue, green to blue and green to red in red, green and blue
  u32 across;
  // The residuals of a tile that are looked at, and what is left of those of blue.
  i16 green[CROSS_SAMPLES], red[CROSS_SAMPLES], blue[CROSS_SAMPLES], rest[CROSS_SAMPLES];
  u32 count;                      // a multiple of 8
  u32 before[2][256], after[2][256];  // of red and of blue
} cross;

INLINE i32 signed_channel(argb pixel, u32 at) { return (i32)(pixel << (24 - at)) >> 24; }

// What a sample takes from another.
INLINE i32 cross_delta(i32 multiplier, i32 sample) { return multiplier * sample >> 5; }

INLINE argb cross_pixel(argb pixel, argb element) {
  i32 green = signed_channel(pixel, GREEN_AT), red = signed_channel(pixel, RED_AT);
  u32 r = channel(pixel, RED_AT) - (u32)cross_delta(signed_channel(element, BLUE_AT), green);
  u32 b = channel(pixel, BLUE_AT) - (u32)cross_delta(signed_channel(element, GREEN_AT), green) -
          (u32)cross_delta(signed_channel(element, RED_AT), red);
  return (pixel & 0xff00ff00) | (r & 255) << RED_AT | (b & 255) << BLUE_AT;
}

// ---- sums ---------------------------------------------------------------------------------------

// The sum of what is left of n samples, of which each is a residual of 8 bits.
static u32 cross_sum_scalar(const i16 *samples, const i16 *by, i32 multiplier, u32 n) {
  u32 sum = 0;
  for (u32 i = 0; i < n; i++) {
    i32 left = (i32)((u32)(samples[i] - cross_delta(multiplier, by[i])) << 24) >> 24;
    sum += (u32)(left < 0 ? -left : left);
  }
  return sum;
}
_Static_assert(CROSS_SAMPLES / 8 * 128 < 65536, "sums of a lane fit");

static u32 cross_sum_simd(const i16 *samples, const i16 *by, i32 multiplier, u32 n) {
  i16x8 m = i16x8_splat((i16)multiplier), sum = i16x8_splat(0);
  for (u32 i = 0; i < n; i += 8) {
    i16x8 left = i16x8_sub(i16x8_load(samples + i), i16x8_shr(i16x8_mul(i16x8_load(by + i), m), 5));
    sum = i16x8_add(sum, i16x8_abs(i16x8_shr(i16x8_shl(left, 8), 8)));
  }
  u32x4 pairs = u32x4_add_pairs((u16x8)sum);
  return pairs[0] + pairs[1] + pairs[2] + pairs[3];
}

INLINE u32 cross_sum(const i16 *samples, const i16 *by, i32 multiplier) {
  return (run.flags & SCALAR ? cross_sum_scalar : cross_sum_simd)(samples, by, multiplier, cross.count);
}

// The best multiplier, 0 where none is better by much. `near`: that of the tile before.
NOINLINE i32 cross_search(const i16 *samples, const i16 *by, i32 near) {
  i32 best = 0, tries[] = {near, -24, -16, -8, 8, 16, 24};
  u32 least = cross_sum(samples, by, 0);
  least -= least / CROSS_GAIN;
  for (u32 i = 0; i < 7; i++) {
    u32 sum = tries[i] == 0 ? least : cross_sum(samples, by, tries[i]);
    if (sum >= least) continue;
    least = sum;
    best = tries[i];
  }
  if (best == 0) return 0;
  for (i32 step = 4; step >= 2; step /= 2) {
    i32 middle = best;
    for (i32 next = middle - step; next <= middle + step; next += 2 * step) {
      if (next < -127 || next > 127) continue;
      u32 sum = cross_sum(samples, by, next);
      if (sum >= least) continue;
      least = sum;
      best = next;
    }
  }
  return best;
}

// ---- a tile -------------------------------------------------------------------------------------

// Takes the samples of some rows, 0 behind the last of each.
static void cross_look(const argb *pixels, u32 pitch, u32 columns, u32 rows) {
  cross.count = 0;
  for (u32 y = 0; y < rows; y += CROSS_STEP) {
    for (u32 x = 0; x < ((columns + 7) & ~7u); x++, cross.count++) {
      argb pixel = x < columns ? pixels[(size_t)y * pitch + x] : 0;
      cross.green[cross.count] = (i16)signed_channel(pixel, GREEN_AT);
      cross.red[cross.count] = (i16)signed_channel(pixel, RED_AT);
      cross.blue[cross.count] = (i16)signed_channel(pixel, BLUE_AT);
    }
  }
}

static argb cross_choose(argb near) {
  i32 to_red = cross_search(cross.red, cross.green, signed_channel(near, BLUE_AT));
  i32 to_blue = cross_search(cross.blue, cross.green, signed_channel(near, GREEN_AT));
  for (u32 i = 0; i < cross.count; i++) cross.rest[i] = (i16)(cross.blue[i] - cross_delta(to_blue, cross.green[i]));
  i32 red_to_blue = cross_search(cross.rest, cross.red, signed_channel(near, RED_AT));
  return BLACK | ((u32)red_to_blue & 255) << RED_AT | ((u32)to_blue & 255) << GREEN_AT | ((u32)to_red & 255) << BLUE_AT;
}

static void cross_count(argb element) {
  i32 to_red = signed_channel(element, BLUE_AT), red_to_blue = signed_channel(element, RED_AT);
  for (u32 i = 0; i < cross.count; i++) {
    cross.before[0][cross.red[i] & 255]++;
    cross.before[1][cross.blue[i] & 255]++;
    cross.after[0][(cross.red[i] - cross_delta(to_red, cross.green[i])) & 255]++;
    cross.after[1][(cross.rest[i] - cross_delta(red_to_blue, cross.red[i])) & 255]++;
  }
}

static void cross_apply(argb *pixels, u32 pitch, u32 columns, u32 rows, argb element) {
  i16x8 by_green = i16x8_pairs((i16)signed_channel(element, GREEN_AT), (i16)signed_channel(element, BLUE_AT));
  i16x8 by_red = i16x8_pairs((i16)signed_channel(element, RED_AT), 0), low = i16x8_splat(255);
  u32 whole = run.flags & SCALAR ? 0 : columns & ~3u;
  for (u32 y = 0; y < rows; y++, pixels += pitch) {
    u32 x = 0;
    for (; x < whole; x += 4) {
      // Blue and green, red and alpha in a lane.
      i16x8 v = i16x8_load(pixels + x), high = i16x8_shr(v, 8), samples = i16x8_shr(i16x8_shl(v, 8), 8);
      i16x8 green = i16x8_shuffle(high, high, 0, 0, 2, 2, 4, 4, 6, 6), red = i16x8_shuffle(samples, samples, 1, 1, 3, 3, 5, 5, 7, 7);
      i16x8 left = i16x8_sub(i16x8_sub(v, i16x8_shr(i16x8_mul(green, by_green), 5)), i16x8_shr(i16x8_mul(red, by_red), 5));
      i16x8_store(pixels + x, i16x8_or(i16x8_and(left, low), i16x8_without(v, low)));
    }
    for (; x < columns; x++) pixels[x] = cross_pixel(pixels[x], element);
  }
}

// ---- the image ----------------------------------------------------------------------------------

// Bytes of the multipliers.
static u64 cross_bytes(void) {
  return ((u64)divide_up(run.width, CROSS_BITS) * divide_up(run.height, CROSS_BITS) + PIXELS_SLACK) * sizeof(argb);
}

// Transforms residuals without green where that makes the file smaller: `run.way.crossed`. False where the memory does not do.
COLD static bool cross_image(void) {
  u32 width = run.width, height = run.height, samples = 0, changed = 0;
  cross.across = divide_up(width, CROSS_BITS);
  cross.elements = take(cross_bytes());
  if (!cross.elements) return false;
  fill_bytes(cross.before, 0, sizeof cross.before);
  fill_bytes(cross.after, 0, sizeof cross.after);
  argb near = BLACK;
#define EACH_TILE                                                                                                       \
  for (u32 tile = 0, y = 0; y < height; y += CROSS_SIDE)                                                                \
    for (u32 x = 0, rows = min_u32(CROSS_SIDE, height - y); x < width; x += CROSS_SIDE, tile++)
  EACH_TILE {
    cross_look(run.pixels + (size_t)y * width + x, width, min_u32(CROSS_SIDE, width - x), rows);
    argb element = cross_choose(near);
    cross_count(element);
    samples += cross.count;
    changed += element != near;
    cross.elements[tile] = near = element;
  }
  u64 before = cost_of_code(cross.before[0], 256) + cost_of_code(cross.before[1], 256);
  u64 after = cost_of_code(cross.after[0], 256) + cost_of_code(cross.after[1], 256);
  u64 gain = before > after ? (before - after) * ((u64)width * height) / samples : 0;
  run.way.crossed = gain > (u64)changed * ELEMENT_BITS * 256;
  if (!run.way.crossed) return true;
  EACH_TILE cross_apply(run.pixels + (size_t)y * width + x, width, min_u32(CROSS_SIDE, width - x), rows, cross.elements[tile]);
#undef EACH_TILE
  return true;
}

#endif
