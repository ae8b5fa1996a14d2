// The ways of images: which transforms one goes through, where its copies are looked for, and its groups.
#ifndef WAYS_H
#define WAYS_H

#include "activity.h"
#include "again.h"
#include "clusters.h"
#include "cross.h"
#include "indexed.h"
#include "parse.h"
#include "quick.h"
#include "rounding.h"
#include "run.h"
#include "survey.h"

enum {
  MODE_BITS = 5,          // of a mode that is not that of the tile before, about
  MOST_UNSURE = 1 << 24,  // pixels of a drawing of which a copy is kept, to look at the residuals
  DENSE_SHARE = 87,       // of literals, in percent, that the cache has
  FEW_LEVELS = 64,        // of alpha that are a palette
  GROUPED_PASSES = 2,     // of the parser by prices of each group
};

// Of a pixel that is coded.
static bool one_sample(void) { return run.way.indexed || (run.flags & ALPHA) != 0; }

// What is to become of the pixels, or of their indices, told of some of their rows.
COLD static struct way choose_way(bool indexed) {
  struct way way = {.indexed = indexed};
  if (indexed && bundle_bits(import.color_count) > 0) {
    way.matched = true;
    return way;
  }
  way.subtract_green = !indexed && !(run.flags & ALPHA);
  survey_image(run.pixels, run.coded_width, run.height, way.subtract_green);
  u64 direct = (cost_of_counts(survey.direct, symbols_of(0)) >> 8) + survey.copies * COPY_BITS;
  u64 residual = (cost_of_counts(survey.residual, symbols_of(0)) >> 8) + survey.residual_copies * COPY_BITS;
  bool few_bits = residual * 4 < direct * 5;
  // Rows far apart hide how much of a drawing comes again.
  if (survey.fresh * 8 < survey.pixels) residual += survey.fresh * 20 < survey.pixels ? residual : residual / 2;
  way.predicted = survey.fresh * 3 > survey.pixels || direct > residual;
  // The few edges of alpha that is mostly one value are soft in the same way over and over.
  if (run.flags & ALPHA && survey.fresh * 128 < survey.pixels) way.predicted = false;
  way.matched = !way.predicted || survey.residual_fresh * 16 < survey.pixels;
  way.near = !way.matched && run.effort > FAST;
  // Of alpha, which is one sample a pixel and mostly soft edges, residuals are looked at also where more of them come again than of the levels.
  bool again = run.flags & ALPHA && run.effort > FAST && survey.residual_fresh <= survey.fresh;
  way.unsure = !way.predicted && (run.effort == SMALLEST || again) && few_bits && (u64)run.coded_width * run.height <= MOST_UNSURE;
  return way;
}

COLD static bool prepare_prediction(void) {
  u64 row_bytes = spatial_row_bytes(run.coded_width);
  spatial.width = run.coded_width;
  spatial.scalar = (run.flags & SCALAR) != 0;
  spatial.subtract_green = run.way.subtract_green;
  spatial.all = run.effort > FAST;
  // Residuals that are all of one mode come again, where slopes are wide; edges and shadows of alpha are next to areas of one level.
  if (run.way.matched && (!(run.flags & ALPHA) || survey.fresh * 16 > survey.pixels)) spatial.stay = run.way.unsure ? 16 : 64;
  else spatial.stay = run.flags & ALPHA ? 1 : 12;
  spatial.rounded = rounding.most > 0;
  spatial.pitch = (u32)(row_bytes / sizeof(argb));
  spatial.tiles_across = divide_up(run.coded_width, TILE_BITS);
  spatial.modes = take((u64)spatial.tiles_across * divide_up(run.height, TILE_BITS));
  spatial.rows = take((TILE + 1) * row_bytes);
  spatial.sums = take((u64)spatial.tiles_across * sizeof(u16));
  spatial.reach = take((u64)spatial.tiles_across * sizeof(u8x16));
  if (!spatial.modes || !spatial.rows || !spatial.sums || !spatial.reach) return false;
  fill_bytes(spatial.rows, 0, (TILE + 1) * row_bytes);
  return true;
}

COLD static bool take_codes(u32 sets, u32 groups) {
  run.counts = take((u64)sets * SYMBOLS * sizeof(u32));
  run.codes = take((u64)groups * SYMBOLS * sizeof(u32));
  if (!run.counts || !run.codes) return false;
  fill_bytes(run.counts, 0, sets * SYMBOLS * sizeof(u32));
  return true;
}

COLD static bool prepare_rounding(void) {
  u64 row_bytes = (u64)run.width * sizeof(argb);
  fill_bytes(&rounding, 0, sizeof rounding);
  if (run.lost_bits == 0 || run.way.indexed) return true;
  rounding.most = run.lost_bits;
  rounding.scalar = (run.flags & SCALAR) != 0;
  rounding.alone = !run.way.predicted;
  rounding.width = run.width;
  rounding.height = run.height;
  rounding.above = take(row_bytes);
  rounding.steps = take(row_bytes);
  return rounding.above && rounding.steps;
}

COLD static bool take_groups(u32 sets, u32 bits) {
  run.image.tile_bits = bits;
  run.image.tiles_across = divide_up(run.coded_width, bits);
  run.image.map = take((u64)run.image.tiles_across * divide_up(run.height, bits));
  return run.image.map && take_codes(sets, MOST_GROUPS);
}

// Prediction; where no copies are looked for, groups by how much is left of the pixels of each tile.
COLD static bool encode_predicted(void) {
  if (!prepare_prediction()) return false;
  bool grouped = !run.way.matched && !run.way.near;
  if (grouped) {
    if (!take_groups(ACTIVITIES, ACTIVITY_BITS)) return false;
    void *memory = take(activity_bytes(run.image.tiles_across));
    if (!memory) return false;
    activity_begin(memory, run.image.tiles_across);
  }
  for (u32 y = 0; y < run.height; y += TILE) {
    u32 rows = min_u32(TILE, run.height - y);
    argb *pixels = run.pixels + (size_t)y * run.coded_width;
    spatial_rows(pixels, y, rows);
    if (spatial.rounded) round_rows(pixels, y, rows);
    if (grouped) activity_rows(&run.image, y, rows);
  }
  if (grouped) run.groups = activity_groups(&run.image, run.counts);
  return true;
}

COLD static void subtract_green_all(void) {
  argb *pixels = run.pixels;
  (run.flags & SCALAR ? subtract_green_scalar : subtract_green_simd)(pixels, pixels, run.width * run.height);
}

COLD static bool take_clusters(void **memory, u32 least_bits) {
  u32 bits = cluster_bits(run.coded_width, run.height, least_bits);
  if (!take_groups(MOST_GROUPS, bits)) return false;
  u32 tiles = run.image.tiles_across * divide_up(run.height, bits);
  fill_bytes(run.image.map, 0, tiles);
  *memory = take(clusters_bytes(tiles, run.image.tiles_across));
  return *memory != NULL;
}

// Prices by the tokens as they are.
COLD static void price_image(void) {
  fill_bytes(run.image.map, 0, run.image.tiles_across * divide_up(run.height, run.image.tile_bits));
  fill_bytes(run.counts, 0, SYMBOLS * sizeof(u32));
  count_image(&run.image, run.counts);
  price_by_counts(run.counts, run.image.cache_bits);
}

COLD static void cluster_image(void *memory) { run.groups = clusters_find(&run.image, run.counts, memory); }

// What the image takes as it is grouped, in 1/256 bits.
COLD static u64 cost_of_image(void) {
  u64 cost = 0;
  for (u32 g = 0; g < run.groups; g++) cost += cost_of_counts(run.counts + g * SYMBOLS, symbols_of(run.image.cache_bits));
  return cost;
}

COLD static void match_again(void *places, u32 tries) {
  match_begin(places, run.pixels, run.image.count, run.coded_width);
  match.tries = tries;
  match.carried_tries = run.effort == SMALLEST ? 32 : 6;
  match.nice = 64;
  match.literal_bits = (one_sample() ? 4 : run.way.predicted ? 8 : 12) * 256;
}

// Takes memory for tokens: as many as there are pixels, or what is left but for `kept` bytes. Large images have fewer tokens than pixels
// where they are drawings. To be called when all else is taken.
COLD static bool take_tokens(u64 kept) {
  u64 modes = (u64)spatial.tiles_across * divide_up(run.height, TILE_BITS);
  u64 tiles = (u64)run.image.tiles_across * divide_up(run.height, run.image.tile_bits);
  // For the images that tell of the modes and of the groups.
  kept += 2 * (modes + tiles + PIXELS_SLACK) * sizeof(argb);
  u64 end = aligned(run.end) + kept + 6 * 64;
  u64 left = end < run.memory_limit ? (run.memory_limit - end) / sizeof(u32) : 0;
  run.room = left < run.image.count ? (u32)left : run.image.count;
  run.tokens = take((u64)run.room * sizeof(u32));
  return run.tokens != NULL;
}

// Tokens by the prices that there are; gives how many, or TOO_MANY where they do not fit: the others are gone then.
COLD static u32 parse_priced(void *places, struct step *steps, u32 tries) {
  match_again(places, tries);
  u32 token_count = parse_image(run.tokens, run.room, steps, run.image.cache_bits);
  if (token_count != TOO_MANY) cache_tokens(run.tokens, token_count, run.pixels, run.image.cache_bits, true);
  return token_count;
}

// Tokens of residuals with copies from nearby, which fit, with a cache or without one, by prices where there are `steps`; and their groups.
COLD static void encode_near_by(void *memory, bool cached, void *places, struct step *steps) {
  for (;; steps = NULL) {
    u32 token_count = near_image(&run.image, run.tokens, run.room);
    run.image.cache_bits = cached ? MOST_CACHE_BITS : 0;
    cache_tokens(run.tokens, token_count, run.pixels, run.image.cache_bits, false);
    if (steps) {
      price_image();
      if (parse_priced(places, steps, 0) == TOO_MANY) continue;
    } else if (cached) {
      price_image();
      cache_tokens(run.tokens, token_count, run.pixels, run.image.cache_bits, true);
    }
    break;
  }
  cluster_image(memory);
}

// What the tokens as they are take with one group.
COLD static u64 cost_of_tokens(void) {
  price_image();
  return cost_of_counts(run.counts, symbols_of(run.image.cache_bits));
}

// Where there are more tokens than fit.
COLD static bool encode_again(void *memory) {
  run.end = (u64)(size_t)run.tokens;
  again.tokens = take((u64)run.coded_width * sizeof(u32));
  again.cached = take(again_bytes(run.image.count));
  if (!again.tokens || !again.cached) return false;
  run.image.tokens = again.tokens;
  run.image.find = again_find;
  run.image.cache_bits = 0;
  u64 cost = cost_of_tokens();
  run.image.cache_bits = MOST_CACHE_BITS;
  again_cache(&run.image, false);
  if (cost_of_tokens() < cost) again_cache(&run.image, true);
  else run.image.cache_bits = 0;
  cluster_image(memory);
  return true;
}

COLD static bool encode_near(void) {
  static const u8 sizes[] = {0, MOST_CACHE_BITS};
  void *memory, *places = NULL;
  struct step *steps = NULL;
  if (!take_clusters(&memory, 3) || !take_tokens(match_bytes(run.image.count) + PARSE_BYTES + cross_bytes())) return false;
  u32 *tokens = run.tokens, token_count = near_image(&run.image, tokens, run.room);
  if (token_count == TOO_MANY) return encode_again(memory);
  run.image.tokens = tokens;
  bool cached = choose_cache(&run.image, tokens, token_count, sizes, sizeof sizes, run.counts) > 0;
  // Few residuals, of which most are the same again, as those of the dark.
  bool dense = cache_share(tokens, token_count) >= DENSE_SHARE, smallest = run.effort == SMALLEST;
  if (dense || smallest) {
    places = take(match_bytes(run.image.count));
    steps = take(PARSE_BYTES);
    if (!places || !steps) return false;
  }
  cached |= dense;
  // What the cache holds are triples, which come again less often once they depend on the tile.
  if (!cached && run.way.subtract_green && !cross_image()) return false;
  encode_near_by(memory, cached, places, steps);
  if (!smallest) return true;
  u64 cost = cost_of_image();
  encode_near_by(memory, !cached, places, steps);
  if (cost < cost_of_image()) encode_near_by(memory, cached, places, steps);
  return true;
}

// With one group.
COLD static bool encode_quick(void) {
  void *memory;
  if (!take_codes(1, 1) || !take_tokens(0)) return false;
  u32 token_count = quick_image(&run.image, run.tokens, run.room);
  if (token_count == TOO_MANY) {
    run.end = (u64)(size_t)run.tokens;
    return take_clusters(&memory, 4) && take_tokens(0) && encode_again(memory);
  }
  run.image.tokens = run.tokens;
  run.image.cache_bits = one_sample() ? 0 : MOST_CACHE_BITS;
  cache_tokens(run.tokens, token_count, run.pixels, run.image.cache_bits, false);
  count_image(&run.image, run.counts);
  run.groups = 1;
  return true;
}

// The same where more does not fit: what was taken from an address on is free again.
COLD static bool encode_quick_from(u64 address) {
  run.end = address;
  run.image.map = NULL;
  run.image.tiles_across = 0;
  return encode_quick();
}

// The cache, and prices by tokens as they are.
COLD static void price_first(u32 token_count) {
  static const u8 sizes[] = {0, 5, 8, 10};
  run.image.cache_bits = choose_cache(&run.image, run.tokens, token_count, sizes, sizeof sizes, run.counts);
  cache_tokens(run.tokens, token_count, run.pixels, run.image.cache_bits, false);
  price_image();
}

// Tokens of a first look for copies.
struct first {
  bool near;  // from nearby alone: their distances have short codes where there are no others, which is worth more in flat drawings
  bool close;  // prices may change which take fewer bits
  u32 count;
};

// Finds them, the cache and prices; gives what they take. There is room for as many as there are pixels.
COLD static u64 first_tokens(void *places, struct first *first) {
  u32 near_count = near_image(&run.image, run.tokens, run.room);
  u64 near_cost = cost_of_tokens();
  match_again(places, 8);
  first->count = match_image(run.tokens, run.room);
  u64 cost = cost_of_tokens();
  first->near = near_cost < cost;
  first->close = !first->near && near_cost - near_cost / (run.effort == SMALLEST ? 6 : 16) < cost && near_count <= run.room / 2;
  if (first->near) first->count = near_image(&run.image, run.tokens, run.room);
  price_first(first->count);
  return cost_of_counts(run.counts, symbols_of(run.image.cache_bits));
}

// Tokens by prices; gives whether those with copies from nearby alone take fewer bits.
COLD static bool parse_matched(void *places, struct step *steps, struct first first, u32 tries) {
  u32 near_count = 0, *tokens = run.tokens;
  u64 near_cost = 0;
  bool close = first.close;
  if (close) {
    // Both are parsed, and those from nearby wait behind the others.
    static u32 counts[SYMBOLS];
    copy_bytes(counts, run.counts, sizeof counts);
    near_count = near_image(&run.image, tokens, run.room);
    cache_tokens(tokens, near_count, run.pixels, run.image.cache_bits, false);
    price_image();
    near_count = parse_priced(places, steps, 0);
    near_cost = cost_of_tokens();
    close = near_count <= run.room / 2;
    if (close) copy_bytes(tokens + run.room - near_count, tokens, near_count * sizeof(u32));
    price_by_counts(counts, run.image.cache_bits);
  }
  u32 token_count = parse_priced(places, steps, first.near ? 0 : tries);
  if (!close || token_count > run.room - near_count || cost_of_tokens() <= near_cost) return first.near;
  copy_bytes(tokens, tokens + run.room - near_count, near_count * sizeof(u32));
  return true;
}

// What the modes of prediction take, about, in 1/256 bits.
COLD static u64 cost_of_modes(void) {
  u32 tiles = spatial.tiles_across * divide_up(run.height, TILE_BITS), changes = 0;
  for (u32 t = 1; t < tiles; t++) changes += spatial.modes[t] != spatial.modes[t - 1];
  return (u64)changes * MODE_BITS * 256;
}

// The first tokens of the residuals instead of those of the drawing where they take fewer bits. `drawing`: for a copy of the pixels.
COLD static void first_residuals(argb *drawing, void *places, struct first *first, u64 cost) {
  u64 bytes = (u64)run.image.count * sizeof(argb);
  copy_bytes(drawing, run.pixels, bytes);
  // Both were done to the drawing.
  spatial.subtract_green = spatial.rounded = false;
  run.way.predicted = true;
  for (u32 y = 0; y < run.height; y += TILE) spatial_rows(run.pixels + (size_t)y * run.coded_width, y, min_u32(TILE, run.height - y));
  // Groups and prices save more of residuals.
  if (first_tokens(places, first) + cost_of_modes() < cost + cost / 32) return;
  run.way.predicted = false;
  copy_bytes(run.pixels, drawing, bytes);
  first_tokens(places, first);
}

COLD static bool encode_matched(void) {
  u64 before = run.end;
  bool smallest = run.effort == SMALLEST;
  void *places = take(match_bytes(run.image.count)), *memory;
  struct step *steps = take(PARSE_BYTES);
  struct prices *sets = smallest ? take(MOST_GROUPS * sizeof(struct prices)) : NULL;
  argb *drawing = run.way.unsure ? take((u64)run.image.count * sizeof(argb)) : NULL;
  bool fits = places && steps && (sets || !smallest) && (!run.way.unsure || (drawing && prepare_prediction())) && take_clusters(&memory, 4) && take_tokens(0);
  if (!fits && run.shortage != OVER_LIMIT) return false;
  if (!fits || run.room < run.image.count) return encode_quick_from(before);
  run.image.tokens = run.tokens;
  u32 tries = smallest ? 192 : 32;
  struct first first;
  u64 cost = first_tokens(places, &first);
  if (run.way.unsure) first_residuals(drawing, places, &first, cost);
  bool near = parse_matched(places, steps, first, tries);
  cluster_image(memory);
  if (!smallest) return true;
  for (u32 pass = 0; pass < GROUPED_PASSES && run.groups > 1; pass++) {
    price_groups(&run.image, run.counts, run.groups, sets);
    parse_priced(places, steps, near ? 0 : tries);
    price_everywhere();
    cluster_image(memory);
  }
  return true;
}

// Transforms, tokens, groups; what is to be written then is in `run`. False where the memory does not do.
COLD static bool prepare_image(void) {
  // A palette of most levels of alpha changes nothing but where there are gaps.
  bool indexed = import_counted() && (!(run.flags & ALPHA) || import.color_count <= FEW_LEVELS);
  run.coded_width = run.width;
  if (indexed) {
    indexed_sort();
    run.coded_width = indexed_pack(run.pixels, run.width, run.height);
  }
  run.way = choose_way(indexed);
  u32 count = run.coded_width * run.height;
  fill_bytes(run.pixels + count, 0, PIXELS_SLACK * sizeof(argb));
  run.image = (struct image){.pixels = run.pixels, .width = run.coded_width, .count = count, .opaque = !import.transparent};
  if (!prepare_rounding()) return false;
  if (rounding.alone) round_drawing(run.pixels);
  if (run.way.subtract_green && !run.way.predicted) subtract_green_all();
  if (run.way.predicted && !encode_predicted()) return false;
  if (run.way.matched && !(run.effort == FAST ? encode_quick() : encode_matched())) return false;
  if (run.way.near && !encode_near()) return false;
  return true;
}

#endif
