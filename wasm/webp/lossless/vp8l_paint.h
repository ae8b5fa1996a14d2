// Images to test with, each of a kind that goes another way through the encoder.
#ifndef VP8L_PAINT_H
#define VP8L_PAINT_H

#include "vp8l_host.h"

enum kind {
  NOISE,
  COLORS,       // of a number, all of them where there are as many pixels
  GRADIENT,
  PHOTOGRAPH,   // what neighbours foretell, with noise
  DARK,         // the same, nearly black
  PATCHY,       // the same, rough here and smooth there, with a few pixels of any colour
  TINTED,       // of red and blue that go with green, more here than there
  RUNS,
  TEXT,         // glyphs that come again
  FAR,          // rows that were there before, with some faults
  TRANSPARENT,  // parts of a gradient, with colours under it
  SPOTTED,      // flat, with spots that prediction is good for, or of a few hundred colours where the number is even
  KINDS,
};

static argb color_of(u32 index) {
  argb color = index * 0x9e3779b1u ^ index << 7;
  return index % 3 == 0 ? color : BLACK | color;
}

static argb gradient_at(u32 x, u32 y) { return BLACK | (x & 255) << RED_AT | (y & 255) << GREEN_AT | ((x + y) >> 1 & 255); }

static argb photograph_at(u32 x, u32 y, u32 amount) {
  argb pixel = BLACK;
  for (u32 at = 0; at < 24; at += 8) {
    u32 wave = (x * (3 + at) + y * 5) >> 3 & 511;
    pixel |= min_u32(255, (wave > 255 ? 511 - wave : wave) * amount / 64 + noise() % (amount / 4 + 1)) << at;
  }
  return pixel;
}

static argb tinted_at(u32 x, u32 y) {
  u32 light = channel(photograph_at(x, y, 24), GREEN_AT) + noise() % 120;
  return BLACK | (light * (x < 100 ? 3 : 2) / 3 + noise() % 12) << RED_AT | light << GREEN_AT | (light / 2 + noise() % 12);
}

static argb color_at(const argb *colors, u32 kind, u32 number, u32 width, u32 x, u32 y) {
  u32 i = y * width + x;
  switch (kind) {
    case NOISE: return noise();
    case COLORS: return color_of(i < number ? i : noise() % number);
    case GRADIENT: return gradient_at(x, y);
    case PHOTOGRAPH: return photograph_at(x, y, 64);
    case DARK: return photograph_at(x, y, 6);
    case PATCHY: return noise() % 3000 == 0 ? noise() | BLACK : photograph_at(x, y, (x >> 5) * (y >> 4) * 7 & 63);
    case TINTED: return tinted_at(x, y);
    case RUNS: return i > 0 && noise() % number > 0 ? colors[i - 1] : noise() | BLACK;
    case TEXT: return ((x / 6 + y / 9 * 7) * 0x9e3779b1u >> 27) * 0x85ebca6bu >> (x % 6 * 4 + y % 9) & 1 ? BLACK | number * 0x10307 : ~0u;
    case FAR: return i >= 3 * width && noise() % 50 > 0 ? colors[i - 3 * width] : noise() | BLACK;
    case SPOTTED: return (x >> 4) % 4 + (y >> 4) % 2 > 0 ? BLACK | number : number & 1 ? photograph_at(x, y, number * 4) : color_of(noise() % 400);
    default: return ((x >> 3) ^ (y >> 2)) & 1 ? noise() & 0x00ffffff : (x & 4 ? ~0u : gradient_at(x, y) - (number << ALPHA_AT));
  }
}

// The pixels of a job, whose last row has no padding.
static u8 *paint(const struct job *job, u32 kind, u32 number) {
  u32 pitch = pitch_of(job), each = bytes_of(job->format);
  size_t bytes = (size_t)pitch * (job->height - 1) + job->width * each;
  u8 *pixels = exactly(bytes);
  argb *colors = exactly((size_t)job->width * job->height * sizeof *colors);
  memset(pixels, 0x5a, bytes);
  for (u32 y = 0; y < job->height; y++)
    for (u32 x = 0; x < job->width; x++) {
      argb color = colors[y * job->width + x] = color_at(colors, kind, number, job->width, x, y);
      paint_pixel(job->format, pixels + (size_t)y * pitch + x * each, color);
    }
  free(colors);
  return pixels;
}

#endif
