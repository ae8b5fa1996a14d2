// What an image is like, told of some of its rows: whether its pixels come again as they are, as in drawings and text, or are near
// what their neighbours foretell, as in photographs.
#ifndef SURVEY_H
#define SURVEY_H

#include "groups.h"
#include "predict.h"

enum {
  BANDS = 12,       // of the height
  BAND_ROWS = 2,    // in each that are looked at
  PART = 256,       // pixels at a time
  SURVEYED = 12,    // the predictor
  SEEN_BITS = 12,
  COPY_BITS = 12,   // of a copy, about
};

static struct {
  u32 seen[2][1 << SEEN_BITS];   // three pixels, and residuals, in a row that were there before, by hash
  u32 direct[SYMBOLS], residual[SYMBOLS];
  u32 pixels, copies, fresh;            // as they are: copies that begin, pixels that do not come again
  u32 residual_copies, residual_fresh;  // the same of residuals
} survey;

// Whether the three were there before; they are now. Of two, what is one sample a pixel has soon seen most.
INLINE bool seen_before(u32 *seen, argb a, argb b, argb c) {
  u32 mix = a * 0x9e3779b1u ^ b * 0x85ebca77u ^ c * 0x27d4eb2fu;
  u32 slot = (mix ^ mix >> 15) * 0xc2b2ae3du >> (32 - SEEN_BITS), tag = mix | 1;
  bool is = seen[slot] == tag;
  seen[slot] = tag;
  return is;
}

// The residuals of n pixels, a multiple of 4, of which there are neighbours on all sides; and the pixels, without green if so.
NOINLINE void survey_residuals(argb *to, argb *plain, const argb *row, const argb *above, u32 n, bool subtract_green) {
  for (u32 i = 0; i < n; i += 4) {
    struct around a = {u8x16_load(row + i - 1), u8x16_load(above + i), u8x16_load(above + i - 1), u8x16_splat(0)};
    u8x16 v = u8x16_load(row + i);
    if (subtract_green) {
      a = (struct around){without_green_x4(a.l), without_green_x4(a.t), without_green_x4(a.tl), a.tr};
      v = without_green_x4(v);
    }
    u8x16_store(plain + i, v);
    u8x16_store(to + i, u8x16_sub(v, predict_x4(SURVEYED, a)));
  }
}

static void survey_part(const argb *row, const argb *above, u32 n, bool subtract_green) {
  argb residuals[PART], plain[PART];
  survey_residuals(residuals, plain, row, above, n, subtract_green);
  bool copied = false, residual_copied = false;
  argb last = residuals[0], before = last;
  for (u32 x = 0; x < n; x++) {
    argb pixel = row[x], residual = residuals[x];
    bool again = pixel == row[(i32)x - 1] || pixel == above[x];
    // What begins a run is not looked for.
    if (!again) {
      again = seen_before(survey.seen[0], row[(i32)x - 2], row[(i32)x - 1], pixel);
      if (!again) {
        survey.fresh++;
        count_token(survey.direct, 0, plain[x], false);
      }
    }
    survey.copies += again && !copied;
    copied = again;
    bool residual_again = residual == last;
    if (!residual_again || residual != 0) {
      residual_again = seen_before(survey.seen[1], before, last, residual) || residual_again;
      survey.residual_fresh += !residual_again;
      survey.residual_copies += residual_again && !residual_copied;
      count_token(survey.residual, 0, residual, false);
    }
    residual_copied = residual_again;
    before = last;
    last = residual;
  }
  survey.pixels += n;
}

static void survey_image(const argb *pixels, u32 width, u32 height, bool subtract_green) {
  fill_bytes(&survey, 0, sizeof survey);
  u32 band = height <= BANDS * BAND_ROWS ? BAND_ROWS : height / BANDS;
  for (u32 y = 1; y < height; y += band)
    for (u32 i = 0; i < BAND_ROWS && y + i < height; i++) {
      const argb *row = pixels + (size_t)(y + i) * width;
      for (u32 x = 1; x + 4 <= width; x += PART) survey_part(row + x, row - width + x, min_u32(PART, width - x) & ~3u, subtract_green);
    }
}

#endif
