// Near-lossless images: samples are rounded so that fewer of them are unlike, to multiples of a power of two, the step of their pixel.
//
// Where there is prediction it is the residuals that are rounded, and what is foretold from is what the decoder sees: pixels with the
// errors that they have by then. Elsewhere it is the samples.
//
// The step of a pixel is smaller than what it differs by from its neighbours, at the most of the channels: what is flat or nearly so
// stays exact. So do the first and the last row and column, pixels that are transparent and, of drawings, those that are like a
// neighbour. No sample is wrong by more than half of the step; alpha of 0 and of 255 stays, and no other becomes that.
#ifndef ROUNDING_H
#define ROUNDING_H

#include "spatial.h"

static struct {
  u32 most;     // log2 of the largest step, 0 for none
  bool scalar;
  bool alone;   // pixels like a neighbour stay
  u32 width, height;
  argb *above;  // the row above as it was
  u32 *steps;   // log2 of those of a row, by pixel
} rounding;

enum { MOST_ROUNDING = 5 };

// ---- which pixels are rounded -------------------------------------------------------------------

COLD static void rounding_steps_scalar(u32 *to, const argb *row, const argb *above, const argb *below, u32 n) {
  for (u32 x = 0; x < n; x++) {
    u32 contrast = 0;
    bool like = false;
    const argb around[] = {row[(i32)x - 1], row[x + 1], above[x], below[x]};
    for (u32 i = 0; i < 4; i++) {
      like |= row[x] == around[i];
      for (u32 at = 0; at < 32; at += 8) {
        i32 d = (i32)channel(row[x], at) - (i32)channel(around[i], at);
        if (d < 0) d = -d;
        if ((u32)d > contrast) contrast = (u32)d;
      }
    }
    to[x] = 0;
    if (row[x] >> ALPHA_AT == 0 || (rounding.alone && like)) continue;
    while (to[x] < rounding.most && contrast > 2u << to[x]) to[x]++;
  }
}

INLINE u8x16 difference_x4(u8x16 a, u8x16 b) { return u8x16_or(u8x16_sub_sat(a, b), u8x16_sub_sat(b, a)); }

static void rounding_steps_simd(u32 *to, const argb *row, const argb *above, const argb *below, u32 n) {
  u32 x = 0;
  u32x4 zero = u32x4_splat(0);
  for (; x + 4 <= n; x += 4) {
    u8x16 v = u8x16_load(row + x);
    u8x16 l = difference_x4(v, u8x16_load(row + x - 1)), r = difference_x4(v, u8x16_load(row + x + 1));
    u8x16 t = difference_x4(v, u8x16_load(above + x)), b = difference_x4(v, u8x16_load(below + x));
    u8x16 contrast = u8x16_max(u8x16_max(l, r), u8x16_max(t, b)), step = u8x16_splat(0);
    for (u32 i = 1; i <= rounding.most; i++) {
      u8x16 least = u8x16_splat((u8)((1 << i) + 1));
      step = u8x16_sub(step, u8x16_eq(u8x16_min(contrast, least), least));
    }
    // That of the most of the four channels.
    step = u8x16_max(step, (u8x16)u32x4_shr((u32x4)step, 16));
    step = u8x16_max(step, (u8x16)u32x4_shr((u32x4)step, 8));
    u8x16 stays = u32x4_eq(u32x4_shr((u32x4)v, ALPHA_AT), zero);
    if (rounding.alone) {
      stays = u8x16_or(stays, u8x16_or(u32x4_eq((u32x4)l, zero), u32x4_eq((u32x4)r, zero)));
      stays = u8x16_or(stays, u8x16_or(u32x4_eq((u32x4)t, zero), u32x4_eq((u32x4)b, zero)));
    }
    step = u8x16_and(step, u8x16_not(stays));
    u32x4_store(to + x, u32x4_and((u32x4)step, u32x4_splat(255)));
  }
  rounding_steps_scalar(to + x, row + x, above + x, below + x, n - x);
}

// Of row y of the image, whose pixels are at `row` as they were, and those of the next behind them.
static void rounding_look(const argb *row, u32 y) {
  u32 width = rounding.width;
  fill_bytes(rounding.steps, 0, width * sizeof(u32));
  if (width > 2 && y > 0 && y + 1 < rounding.height)
    (rounding.scalar ? rounding_steps_scalar : rounding_steps_simd)(rounding.steps + 1, row + 1, rounding.above + 1, row + width + 1,
                                                                    width - 2);
  copy_bytes(rounding.above, row, width * sizeof(argb));
}

// ---- rounding -----------------------------------------------------------------------------------

// What a pixel becomes where residuals, by what is foretold of it, are to be multiples of a step: the nearest ones, of two the one nearer
// to 0, and no further than samples go.
COLD static argb rounded_scalar(argb pixel, argb foretold, u32 bits) {
  argb result = 0;
  for (u32 at = 0; at < 32; at += 8) {
    i32 value = (i32)channel(pixel, at), residual = (i32)((channel(pixel, at) - channel(foretold, at)) << 24) >> 24;
    i32 rounded = (residual + (1 << bits >> 1) - (residual >= 0)) & -(1 << bits);
    result |= (u32)clamp255(value + rounded - residual) << at;
  }
  return result;
}
NOINLINE argb rounded_simd(argb pixel, argb foretold, u32 bits) {
  u8x16 v = (u8x16)u32x4_splat(pixel), r = u8x16_sub(v, (u8x16)u32x4_splat(foretold));
  // i16 lanes of the four samples.
  i16x8 residual = i16x8_shr(i16x8_shl((i16x8)u16x8_extend_low(r), 8), 8);
  i16x8 half = i16x8_splat((i16)((1 << bits >> 1) - 1));
  i16x8 rounded = i16x8_shl(i16x8_shr(i16x8_sub(i16x8_add(residual, half), i16x8_shr(residual, 15)), (int)bits), (int)bits);
  i16x8 samples = i16x8_add((i16x8)u16x8_extend_low(v), i16x8_sub(rounded, residual));
  return ((u32x4)u8x16_narrow((u16x8)samples, (u16x8)samples))[0];
}

// Alpha of 0 is never rounded.
INLINE argb rounded_pixel(argb pixel, argb foretold, u32 bits) {
  argb result = (rounding.scalar ? rounded_scalar : rounded_simd)(pixel, foretold, bits);
  u32 alpha = channel(result, ALPHA_AT);
  if (channel(pixel, ALPHA_AT) == 255) alpha = 255;
  else if (alpha == 0) alpha = 1;
  else if (alpha == 255) alpha = 254;
  return (result & ~BLACK) | alpha << ALPHA_AT;
}

// Of a drawing.
COLD static void round_drawing(argb *pixels) {
  argb *row = pixels;
  for (u32 y = 0; y < rounding.height; y++, row += rounding.width) {
    rounding_look(row, y);
    for (u32 x = 0; x < rounding.width; x++)
      if (rounding.steps[x] > 0) row[x] = rounded_pixel(row[x], 0, rounding.steps[x]);
  }
}

// ---- prediction ---------------------------------------------------------------------------------

INLINE argb green_of(argb pixel) { return channel(pixel, GREEN_AT) * (1 << RED_AT | 1 << BLUE_AT); }

// What a pixel without green becomes, foretold as it is without green. Green comes first: it is part of the others.
static argb rounded_without_green(argb pixel, argb foretold, u32 bits) {
  argb green = green_of(rounded_pixel(pixel, foretold, bits));
  return argb_sub(rounded_pixel(argb_add(pixel, green_of(pixel)), argb_add(foretold, green), bits), green);
}

// Of `columns` pixels of the buffer from one on, counted from the row above all: what they become replaces them, their residuals go to
// `to`. One by one, as what is foretold of a pixel depends on what the one before became.
NOINLINE void round_pixels(u32 mode, argb *to, u32 from, const u32 *steps, u32 columns) {
  argb residual[4], *row = spatial_row(1) + from;
  for (u32 i = 0; i < columns; i++) {
    if (rounding.scalar) residuals_scalar(mode, residual, 0, from + i, 1, 1);
    else residuals[mode](residual, 0, from + i, 4, 1);
    if (steps[i] > 0) {
      argb foretold = argb_sub(row[i], residual[0]);
      row[i] = rounded_without_green(row[i], foretold, steps[i]);
      residual[0] = argb_sub(row[i], foretold);
    }
    to[i] = residual[0];
  }
}

// What spatial_rows() left of the same rows: all but the modes.
COLD static void round_rows(argb *pixels, u32 y, u32 rows) {
  u32 width = rounding.width;
  const u8 *modes = spatial.modes + (y >> TILE_BITS) * spatial.tiles_across;
  argb *to = pixels;
  for (u32 i = 1; i <= rows; i++, to += width) {
    rounding_look(to, y + i - 1);
    for (u32 tile = 0, x = 0; x < width; tile++, x += TILE)
      round_pixels(modes[tile], to + x, (i - 1) * spatial.pitch + x, rounding.steps + x, min_u32(TILE, width - x));
  }
  fix_edges(pixels, y, rows);
}

#endif
