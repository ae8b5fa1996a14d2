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

// Without lengths of codes, which the image tells once, not each tile.
static u64 trial_bits(u32 filter) {
  u64 bits = bits_by_strings(sample_filter(filter));
  return bits - (u64)sample.codes * CODE_PRICE;
}

// Tries both on rows that were inspected.
COLD static void trial_rows(const u8 *rows, u32 pitch, u32 width, u32 count, u32 depth) {
  if (facts.most == 0 || facts.format == INDEXED8 || trial.samples >= TRIALS) return;
  struct layout plain = reduced_layout(depth), palette = {TYPE_PALETTE, (u8)palette_depth(colors.count)};
  if (palette.depth >= pixel_bits(plain)) return;
  convert_prepare(facts.format, plain, false);
  sample_cut(rows, pitch, width, count, plain, trial.samples);
  u64 none = trial_bits(NONE), filtered = plain.depth < 8 ? none : trial_bits(AUTO);
  trial.plain += none < filtered ? none : filtered;
  convert_prepare(facts.format, palette, false);
  sample_cut(rows, pitch, width, count, palette, trial.samples);
  trial.palette += trial_bits(NONE);
  trial.pixels += sample.width * sample.height;
  trial.samples++;
}

static bool palette_pays(struct layout plain, u64 pixels) {
  u32 depth = palette_depth(colors.count), transparent = 0;
  if (facts.most == 0 || trial.pixels == 0 || depth >= pixel_bits(plain)) return false;
  for (u32 i = 0; i < colors.count; i++) transparent += !color_opaque(colors.color[i]);
  u64 chunks = 12 + 3 * colors.count + (transparent > 0 ? 12 + transparent : 0);
  // With a palette there are fewer bytes to match and to inflate.
  u64 worth = trial.plain + trial.plain / 16, saved = worth > trial.palette ? worth - trial.palette : 0;
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

enum {
  KEPT_COST = 12,   // of the costs of samples before, in sixteenths, when another is added; in a survey all
  SURVEYED = 4,     // strips that are looked at before the first one is written, where they can be
  SINCE_SURVEY = 8, // strips, from one that is looked at to the next
  SURELY_NONE = 32, // of bytes one that is left by strings
  FIRST_TILES = 3,  // of the first strip, where there was no survey
};

static struct {
  u32 asked;    // enum png_filter
  u32 samples;  // so far
  u32 step;     // of the sampling of a row
  // By how much more than strings, in 1/256, runs may cost: strings take four times as long. More, and photographs with a fixed
  // pattern lose what strings are worth to them; less, and large ones take several times as long.
  u32 patience;
  // Of the samples, older ones counting less: their bytes and the literals that strings leave of them, without filters; what strings
  // cost without filters and with them, and what is charged for filters.
  u64 bytes, literals, plain, filtered, charge;
  // Of those for which filters were chosen: what strings and runs cost, the bytes, and the literals that strings leave.
  u64 strings, runs, filtered_bytes, filtered_literals;
  u32 keep;              // KEPT_COST, or 16
  bool surveyed;         // the samples are of all the image; or the first strip is all of it
  u32 rows;              // of a tile of a survey
  u32 strips, interval;  // so far; from one that is looked at to the next
  bool none;             // no filter for now, where AUTO was asked for
  bool only_runs;
  u32 before;            // filter of the last row
} chooser;

static void chooser_begin(u32 filter, u32 level, struct layout layout, u32 strips) {
  fill_bytes(&chooser, 0, sizeof chooser);
  // Where bytes are indices or several pixels, neighbours foretell nothing; where nothing is compressed, nothing is gained.
  bool useless = level == 0 || layout.type == TYPE_PALETTE || layout.depth < 8;
  chooser.asked = filter == AUTO && useless ? NONE : filter;
  chooser.step = level < 4 ? 64 : level < 7 ? 32 : 16;
  chooser.patience = level < 4 ? 26 : level < 6 ? 21 : 5;
  chooser.keep = KEPT_COST;
  chooser.surveyed = strips <= 1;
  chooser.rows = level < 4 && strips < 16 ? TILE_HEIGHT / 2 : TILE_TALLEST;
  chooser.interval = level < 4 && strips >= 16 ? 4 : 2;
}

INLINE u64 kept(u64 cost) { return cost * chooser.keep / 16; }

// Adds what a tile costs.
COLD static void chooser_add(const u8 *rows, u32 pitch, u32 width, u32 count, struct layout layout) {
  sample_cut(rows, pitch, width, count, layout, chooser.samples++);
  u32 bytes = sample_filter(NONE);
  u64 plain = bits_by_strings(bytes), repeated = bytes > 8 * sample.literals ? bytes - 8 * sample.literals : 0;
  chooser.bytes = kept(chooser.bytes) + bytes;
  chooser.plain = kept(chooser.plain) + plain;
  chooser.literals = kept(chooser.literals) + sample.literals;
  // Where next to all of it repeats itself, no filter could leave less.
  u64 filtered = plain;
  if (chooser.asked != AUTO || sample.literals * SURELY_NONE >= bytes) {
    sample_filter(chooser.asked);
    filtered = bits_by_strings(bytes);
  }
  // The more of a tile repeats itself, the more the rest of the image will repeat it too, which filters hide.
  chooser.filtered = kept(chooser.filtered) + filtered;
  chooser.charge = kept(chooser.charge) + filtered / 8 + filtered * repeated * 3 / (8 * bytes);
  // Skies repeat themselves as well, but photographs do not for long: that is only known of all the image.
  bool open = chooser.surveyed || chooser.literals * 6 < chooser.bytes;
  chooser.none = chooser.asked == AUTO && open && chooser.plain <= chooser.filtered + chooser.charge;
  chooser.only_runs = false;
  if (chooser.none) return;
  chooser.strings = kept(chooser.strings) + filtered;
  chooser.runs = kept(chooser.runs) + bits_by_runs(bytes);
  chooser.filtered_bytes = kept(chooser.filtered_bytes) + bytes;
  chooser.filtered_literals = kept(chooser.filtered_literals) + sample.literals;
  // What repeats itself in a tile does so further away as well, which the tile does not tell.
  bool foretold = chooser.filtered_literals * 4 > chooser.filtered_bytes;
  chooser.only_runs = foretold && chooser.runs <= chooser.strings + chooser.strings * chooser.patience / 256;
}

// The i-th of the strips to be looked at beforehand.
static u32 surveyed_strip(u32 i, u32 strips) {
  u32 all = min_u32(strips, SURVEYED);
  return (u32)((u64)(2 * i + 1) * strips / (2 * all));
}

// Looks at one of them.
static void chooser_survey(const u8 *rows, u32 pitch, u32 width, u32 count, struct layout layout) {
  chooser.surveyed = true;
  chooser.interval = SINCE_SURVEY;
  chooser.keep = 16;
  chooser_add(rows, pitch, width, min_u32(count, chooser.rows), layout);
  chooser.keep = KEPT_COST;
}

// Looks at a strip before its rows are filtered: where there was no survey, at several tiles of the first one, as there is
// nothing else to go by, then now and then.
static void chooser_look(const u8 *rows, u32 pitch, u32 width, u32 count, struct layout layout) {
  if (chooser.asked == NONE) return;
  bool first = chooser.samples == 0;
  u32 strip = chooser.strips++;
  if (!first && strip % chooser.interval != chooser.interval - 1) return;
  u32 tiles = first ? min_u32(width / TILE_WIDTH, FIRST_TILES - 1) + 1 : 1;
  // Of small images a quarter, which would otherwise be looked at for longer than they are compressed.
  u32 most = first && count / 4 > TILE_HEIGHT / 2 ? count / 4 : TILE_HEIGHT / 2;
  for (u32 i = 0; i < tiles; i++) chooser_add(rows, pitch, width, min_u32(count, most), layout);
}

static u32 choose_filter(const u8 *row, const u8 *above, u32 n, u32 bpp) {
  if (chooser.asked != AUTO) return chooser.asked;
  chooser.before = chooser.none ? NONE : best_filter(row, above, n, bpp, chooser.step, chooser.before);
  return chooser.before;
}

#endif
