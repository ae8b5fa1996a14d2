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
  u64 none = bits_by_strings(sample_filter(NONE), false);
  u64 filtered = plain.depth < 8 ? none : bits_by_strings(sample_filter(AUTO), false);
  trial.plain += none < filtered ? none : filtered;
  convert_prepare(facts.format, palette, false);
  sample_cut(rows, pitch, width, count, palette, trial.samples);
  trial.palette += bits_by_strings(sample_filter(NONE), false);
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

// KEPT_COST: of the costs of samples before, in sixteenths, when another is added.
enum { KEPT_COST = 12, FIRST_TILES = 3 };

static struct {
  u32 asked;     // enum png_filter
  u32 samples;   // so far
  u32 step;      // of the sampling of a row
  u32 patience;  // how much of the size, in 1/256, may be given for the time that strings take
  // Of the samples, older ones counting less: what they cost without filters and with them; of the one that is chosen by
  // either way to match, its bytes, and the literals that strings leave of them. Likewise without filters.
  u64 plain, filtered, strings, runs, bytes, literals, plain_bytes, plain_literals;
  bool single;           // the first strip is the image
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
  // More, and photographs with a fixed pattern lose what strings are worth to them; less, and large ones take several times as long.
  chooser.patience = level < 4 ? 26 : 21;
  chooser.single = strips <= 1;
  chooser.interval = level < 4 && strips >= 16 ? 4 : 2;
}

INLINE u64 kept(u64 cost) { return cost * KEPT_COST / 16; }

// Adds what a tile costs.
static void chooser_add(const u8 *rows, u32 pitch, u32 width, u32 count, struct layout layout) {
  sample_cut(rows, pitch, width, count, layout, chooser.samples++);
  u32 bytes = sample_filter(NONE);
  if (chooser.asked == AUTO) {
    u64 plain = bits_by_strings(bytes, false);
    u32 literals = sample.literals;
    chooser.plain_bytes = kept(chooser.plain_bytes) + bytes;
    chooser.plain_literals = kept(chooser.plain_literals) + literals;
    // Skies repeat themselves as well, but photographs do not for long. Small images had no time to.
    chooser.none = chooser.single || chooser.plain_literals * 6 < chooser.plain_bytes;
    if (chooser.none) {
      u64 filtered = bits_by_strings(sample_filter(AUTO), false);
      // Where most of a tile repeats itself, the rest of the image will repeat it too, which filters hide: up to a quarter.
      u64 repeated = bytes > 8 * literals ? bytes - 8 * literals : 0;
      chooser.plain = kept(chooser.plain) + plain;
      chooser.filtered = kept(chooser.filtered) + filtered + filtered * repeated / (4 * bytes);
      chooser.none = chooser.plain <= chooser.filtered;
    }
    // Text needs its strings, that is clear.
    if (chooser.none && literals * 2 < bytes) {
      chooser.literals = kept(chooser.literals);
      chooser.bytes = kept(chooser.bytes) + bytes;
      return;
    }
  }
  sample_filter(chooser.none ? NONE : chooser.asked);
  chooser.strings = kept(chooser.strings) + bits_by_strings(bytes, true);
  chooser.literals = kept(chooser.literals) + sample.literals;
  chooser.runs = kept(chooser.runs) + bits_by_runs(bytes);
  chooser.bytes = kept(chooser.bytes) + bytes;
}

// Looks at a strip before its rows are filtered: at several tiles of the first one, as there is nothing else to go by, then
// now and then.
static void chooser_look(const u8 *rows, u32 pitch, u32 width, u32 count, struct layout layout) {
  if (chooser.asked == NONE) return;
  bool first = chooser.strips == 0;
  if (chooser.strips++ % chooser.interval != 0) return;
  u32 tiles = first ? min_u32(width / TILE_WIDTH, FIRST_TILES - 1) + 1 : 1;
  for (u32 i = 0; i < tiles; i++) chooser_add(rows, pitch, width, first ? count : min_u32(count, TILE_HEIGHT / 2), layout);
  // What repeats itself in a tile does so further away as well, which the tile does not tell.
  bool foretold = chooser.literals * 4 > chooser.bytes;
  chooser.only_runs = foretold && chooser.runs <= chooser.strings + chooser.strings * chooser.patience / 256;
}

static u32 choose_filter(const u8 *row, const u8 *above, u32 n, u32 bpp) {
  if (chooser.asked != AUTO) return chooser.asked;
  chooser.before = chooser.none ? NONE : best_filter(row, above, n, bpp, chooser.step, chooser.before);
  return chooser.before;
}

#endif
