// The run of the encoder, and what the host calls.
//
// The host writes strips of rows to vp8l_input() and calls vp8l_rows(). With the last rows the image is encoded: where the answer
// is WANT_DRAIN the host takes the output and calls vp8l_resume(), until the answer is DONE.

#include "vp8l.h"

#include "common/heap.h"
#include "clusters.h"
#include "indexed.h"
#include "parse.h"
#include "spatial.h"
#include "survey.h"

enum {
  TARGET_STRIP_BYTES = 128 * 1024,
  INPUT_SLACK = 16,   // bytes read behind a strip
  PIXELS_SLACK = 16,  // pixels
  GROUP_BITS = 4,
  DENSE_SHARE = 87,  // of literals, in percent, that the cache has
};

enum transform { PREDICTION = 0, CROSS_COLOR = 1, SUBTRACT_GREEN = 2, INDEXING = 3 };

// What an image becomes before it is coded.
struct way {
  bool indexed, subtract_green, predicted;
  // Copies from anywhere, or from nearby; else runs of the same pixel.
  bool matched, near;
};

// What is written, in this order.
enum phase { ROWS, TRANSFORMS, PALETTE, GREEN_STEP, MODES, MODES_IMAGE, IMAGE, MAP, CODES_STEP, PIXELS, FINISHED };

static struct {
  enum phase phase;
  u32 width, height, format, flags, effort;
  u64 memory_limit;            // an address
  enum encoder_wish shortage;  // why take() gave NULL
  u64 end;                     // of the memory in use
  u8 *input;
  u32 pitch, strip_rows, rows;
  argb *pixels;
  struct way way;
  // What is written.
  u32 coded_width;           // that of the pixels
  struct image image, side;  // the pixels, and an image that tells something of them
  struct place place;
  u32 *counts, *codes;
  u32 groups, group;
  u32 side_codes[SYMBOLS];
} run;

// ---- memory -------------------------------------------------------------------------------------

static u64 aligned(u64 address) { return (address + 63) & ~(u64)63; }

// The next bytes of the memory, NULL where it may not have or does not get them.
static void *take(u64 bytes) {
  u64 start = aligned(run.end), end = start + bytes;
  run.shortage = end > run.memory_limit ? OVER_LIMIT : NO_MEMORY;
  if (end > run.memory_limit || !heap_reserve(end)) return NULL;
  run.end = end;
  return (void *)(size_t)start;
}

// ---- images beside the pixels -------------------------------------------------------------------

// Begins an image that comes without groups, section 5.
static bool begin_side(const argb *pixels, u32 width, u32 height) {
  run.side = (struct image){.pixels = pixels, .width = width, .count = width * height};
  run.place = (struct place){0, 0, 0, 0};
  static u32 counts[SYMBOLS];
  fill_bytes(counts, 0, sizeof counts);
  count_image(&run.side, counts);
  put(0, 1);  // no cache
  put_group(run.side_codes, counts, 0);
  return true;
}

// Of values in green.
static bool begin_side_of(const u8 *values, u32 width, u32 height) {
  argb *pixels = take(((u64)width * height + PIXELS_SLACK) * sizeof(argb));
  if (pixels == NULL) return false;
  for (u32 i = 0; i < width * height; i++) pixels[i] = BLACK | (u32)values[i] << GREEN_AT;
  return begin_side(pixels, width, height);
}

// ---- transforms ---------------------------------------------------------------------------------

static bool prepare_prediction(void) {
  u64 row_bytes = spatial_row_bytes(run.coded_width);
  spatial.width = run.coded_width;
  spatial.height = run.height;
  spatial.scalar = (run.flags & SCALAR) != 0;
  spatial.subtract_green = run.way.subtract_green;
  spatial.all = run.effort > FAST;
  spatial.pitch = (u32)(row_bytes / sizeof(argb));
  spatial.tiles_across = divide_up(run.coded_width, TILE_BITS);
  spatial.modes = take((u64)spatial.tiles_across * divide_up(run.height, TILE_BITS));
  spatial.rows = take((TILE + 1) * row_bytes);
  spatial.sums = take((u64)spatial.tiles_across * sizeof(u16));
  if (!spatial.modes || !spatial.rows || !spatial.sums) return false;
  fill_bytes(spatial.rows, 0, (TILE + 1) * row_bytes);
  return true;
}

static bool take_groups(u32 sets, u32 bits) {
  run.image.tile_bits = bits;
  run.image.tiles_across = divide_up(run.coded_width, bits);
  run.image.map = take((u64)run.image.tiles_across * divide_up(run.height, bits));
  run.counts = take((u64)sets * SYMBOLS * sizeof(u32));
  run.codes = take((u64)MOST_GROUPS * SYMBOLS * sizeof(u32));
  if (!run.image.map || !run.counts || !run.codes) return false;
  fill_bytes(run.counts, 0, sets * SYMBOLS * sizeof(u32));
  return true;
}

// Prediction, and groups by how much is left of the pixels of each tile.
static bool encode_predicted(void) {
  u32 width = run.coded_width, height = run.height;
  if (!prepare_prediction()) return false;
  u32 *sums = NULL;
  if (!run.way.matched && !run.way.near) {
    if (!take_groups(ACTIVITIES, GROUP_BITS)) return false;
    sums = take((u64)run.image.tiles_across * sizeof(u32));
    if (!sums) return false;
    fill_bytes(sums, 0, run.image.tiles_across * sizeof(u32));
  }
  for (u32 y = 0; y < height; y += TILE) {
    u32 rows = min_u32(TILE, height - y);
    spatial_rows(run.pixels + (size_t)y * width, y, rows);
    if (run.way.matched || run.way.near) continue;
    for (u32 t = 0; t < spatial.tiles_across; t++) sums[t >> (GROUP_BITS - TILE_BITS)] += spatial.sums[t];
    u32 end = y + rows, side = 1 << GROUP_BITS;
    if (end < height && end % side != 0) continue;
    u32 group_y = y >> GROUP_BITS, group_rows = end - group_y * side;
    for (u32 t = 0; t < run.image.tiles_across; t++) {
      u32 area = group_rows * min_u32(side, width - t * side);
      // 16 times the mean, from 1 on.
      u32 mean = (u32)((u64)sums[t] * 16 / area) + 1;
      run.image.map[group_y * run.image.tiles_across + t] = (u8)min_u32(log2_fine(mean) * 3 >> 8, ACTIVITIES - 1);
      sums[t] = 0;
    }
  }
  if (run.way.matched || run.way.near) return true;
  count_image(&run.image, run.counts);
  u8 to_group[ACTIVITIES];
  run.groups = merge_neighbours(run.counts, ACTIVITIES, symbols_of(0), MOST_GROUPS, to_group);
  u32 tiles = run.image.tiles_across * divide_up(height, GROUP_BITS);
  for (u32 i = 0; i < tiles; i++) run.image.map[i] = to_group[run.image.map[i]];
  return true;
}

static void subtract_green_all(void) {
  argb *pixels = run.pixels;
  (run.flags & SCALAR ? subtract_green_scalar : subtract_green_simd)(pixels, pixels, run.width * run.height);
}

static bool take_clusters(void **memory, u32 least_bits) {
  u32 bits = cluster_bits(run.coded_width, run.height, least_bits);
  if (!take_groups(MOST_GROUPS, bits)) return false;
  u32 tiles = run.image.tiles_across * divide_up(run.height, bits);
  fill_bytes(run.image.map, 0, tiles);
  *memory = take(clusters_bytes(tiles, run.image.tiles_across));
  return *memory != NULL;
}

// Prices by the tokens as they are.
static void price_image(void) {
  fill_bytes(run.image.map, 0, run.image.tiles_across * divide_up(run.height, run.image.tile_bits));
  fill_bytes(run.counts, 0, SYMBOLS * sizeof(u32));
  count_image(&run.image, run.counts);
  price_by_counts(run.counts, run.image.cache_bits);
}

static void cluster_image(void *memory) { run.groups = clusters_find(&run.image, run.counts, memory, run.effort == FAST ? 1 : 3); }

// What the image takes as it is grouped, in 1/256 bits.
static u64 cost_of_image(void) {
  u64 cost = 0;
  for (u32 g = 0; g < run.groups; g++) cost += cost_of_counts(run.counts + g * SYMBOLS, symbols_of(run.image.cache_bits));
  return cost;
}

static void match_again(void *places, u32 tries) {
  match_begin(places, run.pixels, run.image.count, run.coded_width);
  match.tries = tries;
  match.nice = 64;
  match.literal_bits = (run.way.indexed ? 4 : run.way.predicted ? 8 : 12) * 256;
}

// Tokens by the prices of those that there are.
static u32 parse_again(u32 *tokens, void *places, struct step *steps, u32 tries) {
  price_image();
  match_again(places, tries);
  u32 token_count = parse_image(tokens, steps, run.image.cache_bits);
  if (run.image.cache_bits > 0) cache_tokens(tokens, token_count, run.pixels, run.image.cache_bits, true);
  return token_count;
}

// Tokens of residuals with copies from nearby, with a cache or without one, by prices where there are `steps`; and their groups.
static void near_tokens(u32 *tokens, void *memory, bool cached, void *places, struct step *steps) {
  u32 token_count = near_image(&run.image, tokens);
  run.image.cache_bits = cached ? MOST_CACHE_BITS : 0;
  if (cached) cache_tokens(tokens, token_count, run.pixels, MOST_CACHE_BITS, false);
  if (steps) {
    parse_again(tokens, places, steps, 0);
  } else if (cached) {
    price_image();
    cache_tokens(tokens, token_count, run.pixels, MOST_CACHE_BITS, true);
  }
  cluster_image(memory);
}

static bool encode_near(void) {
  static const u8 sizes[] = {0, MOST_CACHE_BITS};
  u32 *tokens = take((u64)run.image.count * sizeof(u32));
  void *memory, *places = NULL;
  struct step *steps = NULL;
  if (!tokens || !take_clusters(&memory, 3)) return false;
  u32 token_count = near_image(&run.image, tokens);
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
  near_tokens(tokens, memory, cached, places, steps);
  if (!smallest) return true;
  u64 cost = cost_of_image();
  near_tokens(tokens, memory, !cached, places, steps);
  if (cost < cost_of_image()) near_tokens(tokens, memory, cached, places, steps);
  return true;
}

// What the tokens as they are take with one group.
static u64 cost_of_tokens(void) {
  price_image();
  return cost_of_counts(run.counts, symbols_of(run.image.cache_bits));
}

static bool encode_matched(void) {
  static const u8 sizes[] = {0, 5, 8, 10};
  u32 *tokens = take((u64)run.image.count * sizeof(u32));
  void *places = take(match_bytes(run.image.count)), *memory;
  if (!tokens || !places || !take_clusters(&memory, 4)) return false;
  bool fast = run.effort == FAST, smallest = run.effort == SMALLEST;
  match_again(places, fast ? 2 : 8);
  u32 token_count = match_image(tokens);
  run.image.tokens = tokens;
  if (fast) {
    if (!run.way.indexed) {
      run.image.cache_bits = MOST_CACHE_BITS;
      cache_tokens(tokens, token_count, run.pixels, run.image.cache_bits, false);
    }
    cluster_image(memory);
    return true;
  }
  // Copies from nearby have short codes for their distances where there are no others, which is worth more in flat drawings.
  u64 cost = cost_of_tokens();
  token_count = near_image(&run.image, tokens);
  bool near = cost_of_tokens() < cost;
  if (!near) {
    match_again(places, 8);
    token_count = match_image(tokens);
  }
  u32 best = choose_cache(&run.image, tokens, token_count, sizes, sizeof sizes, run.counts);
  if (best > 0 && best < MOST_CACHE_BITS) cache_tokens(tokens, token_count, run.pixels, best, false);
  if (best == 0) uncache_tokens(tokens, token_count);
  run.image.cache_bits = best;
  struct step *steps = take(PARSE_BYTES);
  if (!steps) return false;
  for (u32 pass = 0; pass < (smallest ? 3 : 1); pass++) parse_again(tokens, places, steps, near ? 0 : smallest ? 64 : 16);
  cluster_image(memory);
  return true;
}

static void put_transform(enum transform transform) { put(1 | transform << 1, 3); }

// ---- the run ------------------------------------------------------------------------------------

static bool write_side(void) { return write_image(&run.side, run.side_codes, &run.place); }

static bool begin_palette(void) {
  static argb differences[MOST_COLORS + PIXELS_SLACK];
  for (u32 i = 0; i < import.color_count; i++) differences[i] = argb_sub(import.colors[i], i > 0 ? import.colors[i - 1] : 0);
  put_transform(INDEXING);
  put(import.color_count - 1, 8);
  return begin_side(differences, import.color_count, 1);
}

static enum encoder_wish advance(void) {
  for (;;) {
    if (!out_room()) return WANT_DRAIN;
    switch (run.phase) {
      case TRANSFORMS:
        run.phase = run.way.indexed ? PALETTE : GREEN_STEP;
        if (run.way.indexed && !begin_palette()) return run.shortage;
        break;
      case PALETTE:
        if (!write_side()) return WANT_DRAIN;
        run.phase = GREEN_STEP;
        break;
      case GREEN_STEP:
        if (run.way.subtract_green) put_transform(SUBTRACT_GREEN);
        run.phase = MODES;
        break;
      case MODES:
        run.phase = IMAGE;
        if (!run.way.predicted) break;
        put_transform(PREDICTION);
        put(TILE_BITS - 2, 3);
        if (!begin_side_of(spatial.modes, spatial.tiles_across, divide_up(run.height, TILE_BITS))) return run.shortage;
        run.phase = MODES_IMAGE;
        break;
      case MODES_IMAGE:
        if (!write_side()) return WANT_DRAIN;
        run.phase = IMAGE;
        break;
      case IMAGE:
        put(0, 1);  // no more transforms
        put(run.image.cache_bits > 0, 1);
        if (run.image.cache_bits > 0) put(run.image.cache_bits, 4);
        put(run.groups > 1, 1);
        run.phase = run.groups > 1 ? MAP : CODES_STEP;
        if (run.groups == 1) {
          run.image.map = NULL;
          break;
        }
        put(run.image.tile_bits - 2, 3);
        if (!begin_side_of(run.image.map, run.image.tiles_across, divide_up(run.height, run.image.tile_bits))) return run.shortage;
        break;
      case MAP:
        if (!write_side()) return WANT_DRAIN;
        run.phase = CODES_STEP;
        break;
      case CODES_STEP:
        if (run.group < run.groups) {
          put_group(run.codes + run.group * SYMBOLS, run.counts + run.group * SYMBOLS, run.image.cache_bits);
          run.group++;
          break;
        }
        run.phase = PIXELS;
        run.place = (struct place){0, 0, 0, 0};
        break;
      case PIXELS:
        if (!write_image(&run.image, run.codes, &run.place)) return WANT_DRAIN;
        out_end();
        run.phase = FINISHED;
        return DONE;
      default:
        return DONE;
    }
  }
}

// What is to become of the image, told of some of its rows.
static struct way choose_way(void) {
  const struct way indexed = {.indexed = true, .matched = true};
  // Of alpha there are few levels always, but soft edges are foretold better than repeated.
  bool alpha = (run.flags & ALPHA) != 0;
  if (import_counted() && !(alpha && bundle_bits(import.color_count) == 0)) return indexed;
  survey_image(run.pixels, run.width, run.height);
  u64 direct = (cost_of_counts(survey.direct, symbols_of(0)) >> 8) + survey.copies * COPY_BITS;
  u64 residual = (cost_of_counts(survey.residual, symbols_of(0)) >> 8) + survey.residual_copies * COPY_BITS;
  // Rows far apart hide how much of a drawing comes again.
  if (survey.fresh * 8 < survey.pixels) residual += survey.fresh * 20 < survey.pixels ? residual : residual / 2;
  struct way way = {.subtract_green = !alpha};
  way.predicted = survey.fresh * 3 > survey.pixels || direct > residual;
  if (alpha && !way.predicted) return indexed;
  way.matched = !way.predicted || survey.residual_fresh * 16 < survey.pixels;
  way.near = !way.matched && run.effort > FAST;
  return way;
}

static enum encoder_wish encode(void) {
  fill_bytes(run.pixels + (size_t)run.width * run.height, 0, PIXELS_SLACK * sizeof(argb));
  if (!(run.flags & ALPHA)) {
    put(0x2f, 8);
    put((run.width - 1) | (run.height - 1) << 14, 28);
    put(import.transparent, 1);
    put(0, 3);  // version
  }
  run.way = choose_way();
  run.coded_width = run.width;
  if (run.way.indexed) {
    indexed_sort();
    run.coded_width = indexed_pack(run.pixels, run.width, run.height);
  }
  u32 count = run.coded_width * run.height;
  fill_bytes(run.pixels + count, 0, PIXELS_SLACK * sizeof(argb));
  run.image = (struct image){.pixels = run.pixels, .width = run.coded_width, .count = count, .opaque = !import.transparent};
  if (run.way.subtract_green && !run.way.predicted) subtract_green_all();
  if (run.way.predicted && !encode_predicted()) return run.shortage;
  if (run.way.matched && !encode_matched()) return run.shortage;
  if (run.way.near && !encode_near()) return run.shortage;
  run.phase = TRANSFORMS;
  return advance();
}

// ---- what the host calls ------------------------------------------------------------------------

// Where a strip is written to, after vp8l_begin, and how many rows it may have.
EXPORT(vp8l_input) u8 *vp8l_input(void) { return run.input; }
EXPORT(vp8l_strip_rows) u32 vp8l_strip_rows(void) { return run.strip_rows; }

// Output to be taken after each answer of WANT_DRAIN and DONE, and its bytes.
EXPORT(vp8l_output) u8 *vp8l_output(void) { return output; }
EXPORT(vp8l_output_bytes) u32 vp8l_output_bytes(void) { return out_bytes(); }

// Begins an image, whatever became of the one before. `pitch`: bytes from row to row of a strip, at least a row of pixels.
// `memory_limit`: bytes the memory may have. Answers WANT_ROWS, OVER_LIMIT or NO_MEMORY.
EXPORT(vp8l_begin)
u32 vp8l_begin(u32 width, u32 height, u32 format, u32 effort, u32 flags, u32 pitch, u32 memory_limit) {
  if (!importable(format) || effort > SMALLEST) __builtin_trap();
  if (width < 1 || width > MAX_SIDE || height < 1 || height > MAX_SIDE || pitch < width * sources[format].bytes) __builtin_trap();
  fill_bytes(&run, 0, sizeof run);
  fill_bytes(&spatial, 0, sizeof spatial);
  run.width = width;
  run.height = height;
  run.format = format;
  run.effort = effort;
  run.flags = flags;
  run.pitch = pitch;
#ifdef __wasm__
  run.memory_limit = memory_limit;
#else
  run.memory_limit = (u64)(size_t)native_heap + memory_limit;
#endif
  out_begin();
  near_prepare();
  import_prepare(format, flags);
  u32 most = TARGET_STRIP_BYTES / pitch;
  run.strip_rows = min_u32(most > 0 ? most : 1, height);
  run.end = (u64)(size_t)heap_start();
  run.input = take((u64)pitch * run.strip_rows + INPUT_SLACK);
  run.pixels = take(((u64)width * height + PIXELS_SLACK) * sizeof(argb));
  if (run.input == NULL || run.pixels == NULL) return run.shortage;
  fill_bytes(run.input, 0, (size_t)pitch * run.strip_rows + INPUT_SLACK);
  return WANT_ROWS;
}

// Takes the next `rows` rows from the input.
EXPORT(vp8l_rows)
u32 vp8l_rows(u32 rows) {
  if (run.phase != ROWS || rows == 0 || rows > run.strip_rows || rows > run.height - run.rows) __builtin_trap();
  for (u32 y = 0; y < rows; y++)
    import_row(run.pixels + (size_t)(run.rows + y) * run.width, run.input + (size_t)y * run.pitch, run.width);
  run.rows += rows;
  return run.rows < run.height ? WANT_ROWS : encode();
}

// Goes on after WANT_DRAIN.
EXPORT(vp8l_resume)
u32 vp8l_resume(void) {
  out_taken();
  return advance();
}
