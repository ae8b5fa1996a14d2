// The transforms of photographs: subtract green (section 4.3) and prediction (4.1), whose mode is chosen for each tile by the
// sum of the absolute residuals of all its pixels.
//
// Rows go through a buffer of a row of tiles and the row above, with a margin of pixels at either side, so that the pixels around
// each are there; their residuals go back to where the rows came from.
#ifndef SPATIAL_H
#define SPATIAL_H

#include "predict.h"

enum {
  TILE_BITS = 3,
  TILE = 1 << TILE_BITS,
  MARGIN = 4,  // pixels: of the one to the left, of what is right of the last vector
};

static struct {
  argb *rows;  // (TILE + 1) * pitch
  u32 pitch, width;
  bool subtract_green, scalar;
  bool all;      // of the modes are tried
  u32 stay;      // what another mode than that of the tile before has to be better by
  bool rounded;  // residuals are made by rounding.h
  u8 *modes;     // by tile
  u16 *sums;     // by tile of the row: of the mode chosen, for the activities
  u8x16 *reach;  // by tile of the row, without those of the first row and column: the largest sizes of residuals
  u32 tiles_across;
} spatial;

// Bytes of the buffer for rows.
INLINE u64 spatial_row_bytes(u32 width) { return (u64)(((width + TILE - 1) & ~(u32)(TILE - 1)) + 2 * MARGIN) * sizeof(argb); }

INLINE argb *spatial_row(u32 i) { return spatial.rows + i * spatial.pitch + MARGIN; }

// ---- subtract green -----------------------------------------------------------------------------

static void subtract_green_scalar(argb *to, const argb *from, u32 n) {
  for (u32 i = 0; i < n; i++) to[i] = without_green(from[i]);
}
static void subtract_green_simd(argb *to, const argb *from, u32 n) {
  for (; n >= 4; n -= 4, to += 4, from += 4) u8x16_store(to, without_green_x4(u8x16_load(from)));
  subtract_green_scalar(to, from, n);
}

// ---- the choice for a tile ----------------------------------------------------------------------

// The modes that are tried where there is little time: those that are best most often, and unlike each other.
#define EACH_OF_FEW(DO) DO(1) DO(2) DO(4) DO(7) DO(11) DO(12)
static const u8 few[PREDICTORS] = {[1] = 1, [2] = 1, [4] = 1, [7] = 1, [11] = 1, [12] = 1};

// What is not tried.
#define UNTRIED 0x00ffffffu

static void tile_sums_scalar(u32 sums[PREDICTORS], u32 x, u32 columns, u32 rows) {
  for (u32 mode = 0; mode < PREDICTORS; mode++) {
    sums[mode] = spatial.all || few[mode] ? 0 : UNTRIED;
    if (sums[mode] != 0) continue;
    for (u32 y = 1; y <= rows; y++) {
      const argb *row = spatial_row(y) + x, *above = spatial_row(y - 1) + x;
      for (u32 i = 0; i < columns; i++) {
        argb residual = argb_sub(row[i], predict_scalar(mode, row[(i32)i - 1], above[i], above[(i32)i - 1], above[i + 1]));
        for (u32 at = 0; at < 32; at += 8) sums[mode] += min_u32(channel(residual, at), 256 - channel(residual, at));
      }
    }
  }
}

INLINE struct around around_at(const argb *row, const argb *above) {
  return (struct around){u8x16_load(row - 1), u8x16_load(above), u8x16_load(above - 1), u8x16_load(above + 1)};
}

// The lanes of the first n of four pixels.
INLINE u8x16 first_pixels(u32 n) {
  return (u8x16)u32x4_of(n > 0 ? ~0u : 0, n > 1 ? ~0u : 0, n > 2 ? ~0u : 0, n > 3 ? ~0u : 0);
}

INLINE u8x16 sizes_of(u8x16 residuals) { return u8x16_min(residuals, u8x16_sub(u8x16_splat(0), residuals)); }

INLINE u32 sum_lanes(u16x8 v) {
  u32x4 sum = u32x4_add_pairs(v);
  return sum[0] + sum[1] + sum[2] + sum[3];
}

INLINE void tile_sums_of(u32 sums[PREDICTORS], u32 x, u32 columns, u32 rows, bool whole, bool all) {
  u16x8 sum[PREDICTORS];
  UNROLL for (u32 mode = 0; mode < PREDICTORS; mode++) sum[mode] = u16x8_splat(0);
  for (u32 i = 0; i < TILE; i += 4) {
    u8x16 mask = whole ? u8x16_splat(255) : first_pixels(columns > i ? columns - i : 0);
    for (u32 y = 1; y <= rows; y++) {
      const argb *row = spatial_row(y) + x + i, *above = spatial_row(y - 1) + x + i;
      struct around a = around_at(row, above);
      u8x16 v = u8x16_load(row);
#define TRY(mode)                                                                               \
  {                                                                                             \
    u8x16 r = u8x16_sub(v, predict_x4(mode, a));                                                \
    u8x16 size = sizes_of(r);                                                                   \
    sum[mode] = u16x8_add(sum[mode], u16x8_add_pairs(whole ? size : u8x16_and(size, mask)));    \
  }
      if (all) {
        EACH_PREDICTOR(TRY)
      } else {
        EACH_OF_FEW(TRY)
      }
#undef TRY
    }
  }
  UNROLL for (u32 mode = 0; mode < PREDICTORS; mode++) sums[mode] = all || few[mode] ? sum_lanes(sum[mode]) : UNTRIED;
}
NOINLINE void all_sums_whole(u32 *sums, u32 x, u32 rows) { tile_sums_of(sums, x, TILE, rows, true, true); }
NOINLINE void all_sums_part(u32 *sums, u32 x, u32 columns, u32 rows) { tile_sums_of(sums, x, columns, rows, false, true); }
NOINLINE void few_sums_whole(u32 *sums, u32 x, u32 rows) { tile_sums_of(sums, x, TILE, rows, true, false); }
NOINLINE void few_sums_part(u32 *sums, u32 x, u32 columns, u32 rows) { tile_sums_of(sums, x, columns, rows, false, false); }

static void tile_sums(u32 *sums, u32 x, u32 columns, u32 rows) {
  if (spatial.scalar) tile_sums_scalar(sums, x, columns, rows);
  else if (columns == TILE) (spatial.all ? all_sums_whole : few_sums_whole)(sums, x, rows);
  else (spatial.all ? all_sums_part : few_sums_part)(sums, x, columns, rows);
}

// ---- residuals ----------------------------------------------------------------------------------

// Of `rows` rows of a tile, to `to`, `pitch` pixels apart. `columns` is a multiple of 4; what is written behind the end of a row is
// written over by the next. Gives the largest size in each lane.
#define RESIDUALS(mode)                                                                                        \
  NOINLINE u8x16 residuals_##mode(argb *to, u32 pitch, u32 x, u32 columns, u32 rows) {                         \
    u8x16 most = u8x16_splat(0);                                                                               \
    for (u32 y = 1; y <= rows; y++, to += pitch) {                                                             \
      const argb *row = spatial_row(y) + x, *above = spatial_row(y - 1) + x;                                   \
      for (u32 i = 0; i < columns; i += 4) {                                                                   \
        u8x16 r = u8x16_sub(u8x16_load(row + i), predict_x4(mode, around_at(row + i, above + i)));             \
        u8x16_store(to + i, r);                                                                                \
        most = u8x16_max(most, sizes_of(r));                                                                   \
      }                                                                                                        \
    }                                                                                                          \
    return most;                                                                                               \
  }
EACH_PREDICTOR(RESIDUALS)
#undef RESIDUALS
#define RESIDUALS(mode) residuals_##mode,
static u8x16 (*const residuals[PREDICTORS])(argb *, u32, u32, u32, u32) = {EACH_PREDICTOR(RESIDUALS)};
#undef RESIDUALS

NOINLINE argb residuals_scalar(u32 mode, argb *to, u32 pitch, u32 x, u32 columns, u32 rows) {
  argb most = 0;
  for (u32 y = 1; y <= rows; y++, to += pitch) {
    const argb *row = spatial_row(y) + x, *above = spatial_row(y - 1) + x;
    for (u32 i = 0; i < columns; i++) {
      to[i] = argb_sub(row[i], predict_scalar(mode, row[(i32)i - 1], above[i], above[(i32)i - 1], above[i + 1]));
      most = argb_max(most, argb_size(to[i]));
    }
  }
  return most;
}

// ---- a row of tiles -----------------------------------------------------------------------------

// What is outside of the rule: the pixels of the first row and of the first column.
static void fix_edges(argb *to, u32 y, u32 rows) {
  for (u32 i = 1; i <= rows; i++, to += spatial.width) {
    const argb *row = spatial_row(i), *above = spatial_row(i - 1);
    if (y + i > 1) {
      to[0] = argb_sub(row[0], above[0]);
      continue;
    }
    to[0] = argb_sub(row[0], BLACK);
    for (u32 x = 1; x < spatial.width; x++) to[x] = argb_sub(row[x], row[x - 1]);
  }
}

// Rows y to y + rows of the image at `pixels`, y a multiple of TILE, become residuals.
NOINLINE void spatial_rows(argb *pixels, u32 y, u32 rows) {
  u32 width = spatial.width, tile_row = y >> TILE_BITS;
  copy_bytes(spatial.rows, spatial.rows + TILE * spatial.pitch, spatial.pitch * sizeof(argb));
  for (u32 i = 1; i <= rows; i++) {
    const argb *from = pixels + (size_t)(i - 1) * width;
    argb *to = spatial_row(i);
    if (!spatial.subtract_green) copy_bytes(to, from, width * sizeof(argb));
    else (spatial.scalar ? subtract_green_scalar : subtract_green_simd)(to, from, width);
    // To the right of the last pixel of a row is the first of the next; the first of a row is foretold by the one above.
    spatial_row(i - 1)[width] = to[0];
    to[-1] = spatial_row(i - 1)[-1] = spatial_row(i - 1)[0];
  }
  u32 last_mode = 1;
  for (u32 tile = 0, x = 0; x < width; tile++, x += TILE) {
    u32 columns = min_u32(TILE, width - x), sums[PREDICTORS], mode = last_mode;
    tile_sums(sums, x, columns, rows);
    u32 least = sums[last_mode] > spatial.stay ? sums[last_mode] - spatial.stay : 0;
    for (u32 other = 0; other < PREDICTORS; other++)
      if (sums[other] < least) least = sums[mode = other];
    last_mode = mode;
    spatial.modes[tile_row * spatial.tiles_across + tile] = (u8)mode;
    spatial.sums[tile] = (u16)min_u32(sums[mode], 65535);
    if (spatial.rounded) continue;
    argb *to = pixels + x;
    u32 whole = spatial.scalar ? 0 : columns & ~3u;
    u8x16 reach = whole > 0 ? residuals[mode](to, width, x, whole, rows) : u8x16_splat(0);
    if (whole < columns) {
      argb rest = residuals_scalar(mode, to + whole, width, x + whole, columns - whole, rows);
      reach = u8x16_max(reach, (u8x16)u32x4_splat(rest));
    }
    spatial.reach[tile] = reach;
  }
  if (!spatial.rounded) fix_edges(pixels, y, rows);
}

#endif
