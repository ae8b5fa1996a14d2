// The decisions of an encoding: which layout the pixels are written in, and which filter each row gets.
#ifndef CHOOSE_H
#define CHOOSE_H

#include "inspect.h"
#include "sample.h"

// ---- layout -------------------------------------------------------------------------------------

// What the image would cost with a palette and without, added up over samples.
static struct {
  u64 palette, plain;  // in 1/256 bits
  u64 pixels;          // of the samples
  u32 samples;
} trial;

// Up to four samples, the first of them early: colours that end up more than 256 mostly do so soon.
enum { TRIALS = 4 };

// Tries both on rows that were inspected.
static void trial_rows(const u8 *rows, u32 pitch, u32 width, u32 count, u32 depth) {
  if (facts.most == 0 || facts.format == INDEXED8 || trial.samples >= TRIALS) return;
  struct layout plain = reduced_layout(depth), palette = {TYPE_PALETTE, (u8)palette_depth(colors.count)};
  if (palette.depth >= pixel_bits(plain)) return;
  convert_prepare(facts.format, plain, false);
  sample_cut(rows, pitch, width, count, plain, trial.samples);
  u64 none = sample_cost(NONE), filtered = plain.depth < 8 ? none : sample_cost(AUTO);
  trial.plain += none < filtered ? none : filtered;
  convert_prepare(facts.format, palette, false);
  sample_cut(rows, pitch, width, count, palette, trial.samples);
  trial.palette += sample_cost(NONE);
  trial.pixels += sample.width * sample.height;
  trial.samples++;
}

static bool palette_pays(struct layout plain, u64 pixels) {
  u32 depth = palette_depth(colors.count), transparent = 0;
  if (facts.most == 0 || trial.pixels == 0 || depth >= pixel_bits(plain)) return false;
  for (u32 i = 0; i < colors.count; i++) transparent += !color_opaque(colors.color[i]);
  u64 chunks = 12 + 3 * colors.count + (transparent > 0 ? 12 + transparent : 0);
  u64 saved = trial.plain > trial.palette ? trial.plain - trial.palette : 0;
  // saved / trial.pixels for each pixel, against chunks * 8 bits.
  return saved / trial.pixels * pixels + saved % trial.pixels * pixels / trial.pixels > chunks * 8 * 256;
}

// The layout of an image with REDUCE, `depth` bits a sample or what suits it where that is 0. With depth 0 in the result
// there is none.
static struct layout choose_reduced(u32 depth, u64 pixels) {
  const struct source *source = &sources[facts.format];
  if (facts.format == INDEXED8) {
    u32 gray = facts.gray && facts.opaque ? colors_gray_depth() : 16, palette = palette_depth(colors.count);
    if (depth == 0) depth = gray <= palette ? gray : palette;
    if (gray <= depth) {
      for (u32 i = 0; i < 256; i++) {
        u32 v = colors.color[convert.table[i]] & 0xff;
        convert.table[i] = (u8)(v * ((1u << depth) - 1) / 255);
      }
      return (struct layout){TYPE_GRAY, (u8)depth};
    }
    return (struct layout){TYPE_PALETTE, (u8)(palette <= depth ? depth : 0)};
  }
  // Gray that was told to be of fewer bits is rounded.
  if (depth >= 1 && depth < 8 && source->gray && facts.opaque) return (struct layout){TYPE_GRAY, (u8)depth};
  if (depth >= 1 && depth < 8) {
    if (facts.most == 0) return (struct layout){0, 0};
    if (facts.gray && facts.opaque && colors_gray_depth() <= depth) return (struct layout){TYPE_GRAY, (u8)depth};
    return (struct layout){TYPE_PALETTE, (u8)(palette_depth(colors.count) <= depth ? depth : 0)};
  }
  struct layout plain = reduced_layout(depth);
  if (depth != 16 && palette_pays(plain, pixels))
    return (struct layout){TYPE_PALETTE, (u8)(depth == 8 ? 8 : palette_depth(colors.count))};
  return plain;
}

// ---- filters ------------------------------------------------------------------------------------

static struct {
  u32 asked;          // enum png_filter
  bool none;          // no filter for now, where AUTO was asked for
  u32 samples;
  u32 step;           // of the sampling of a row
  u64 plain, filtered;  // costs of the samples so far, older ones counting less
} chooser;

// KEPT_COST: of the costs of samples before, in sixteenths, when another is added.
enum { KEPT_COST = 12, FIRST_TILES = 3 };

static void chooser_begin(u32 filter, u32 level, struct layout layout) {
  fill_bytes(&chooser, 0, sizeof chooser);
  // Where bytes are indices or several pixels, neighbours foretell nothing; where nothing is compressed, nothing is gained.
  bool useless = level == 0 || layout.type == TYPE_PALETTE || layout.depth < 8;
  chooser.asked = filter == AUTO && useless ? NONE : filter;
  chooser.step = level < 4 ? 64 : level < 7 ? 32 : 16;
}

// Adds what a tile costs without and with filters.
static void chooser_add(const u8 *rows, u32 pitch, u32 width, u32 count, struct layout layout) {
  sample_cut(rows, pitch, width, count, layout, chooser.samples++);
  u64 plain = sample_cost(NONE);
  // Where most of a tile repeats itself, the rest of the image will repeat it too, which filters hide: up to an eighth.
  u64 bytes = sample.row * sample.height, repeated = bytes > 4 * sample.literals ? bytes - 4 * sample.literals : 0;
  u64 filtered = sample_cost(AUTO);
  chooser.plain = chooser.plain * KEPT_COST / 16 + plain;
  chooser.filtered = chooser.filtered * KEPT_COST / 16 + filtered + filtered * repeated / (8 * bytes);
}

// Looks at a strip before its rows are filtered: at several tiles of the first one, as there is nothing else to go by.
static void chooser_look(const u8 *rows, u32 pitch, u32 width, u32 count, struct layout layout) {
  if (chooser.asked != AUTO) return;
  u32 tiles = chooser.samples == 0 ? min_u32(width / TILE_WIDTH, FIRST_TILES - 1) + 1 : 1;
  for (u32 i = 0; i < tiles; i++) chooser_add(rows, pitch, width, count, layout);
  chooser.none = chooser.plain < chooser.filtered;
}

static u32 choose_filter(const u8 *row, const u8 *above, u32 n, u32 bpp) {
  if (chooser.asked != AUTO) return chooser.asked;
  return chooser.none ? NONE : best_filter(row, above, n, bpp, chooser.step);
}

#endif
