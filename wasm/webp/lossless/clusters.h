// Groups of codes for an image of tokens: each tile goes to the group whose codes take the fewest bits for it, the codes are
// made anew of what went to each, and again. All groups are tried at once, each in its lane of a vector.
#ifndef CLUSTERS_H
#define CLUSTERS_H

#include "common/simd.h"
#include "groups.h"

enum {
  PRICE_BIT = 8,  // prices are in 1/8 bit, up to 255
  MOST_TILES = 8192,
  RARE_BITS = 14,
  ROUNDS = 3,
  // Of a tile so many groups are in lanes of u32 while it is summed.
  LANES = MOST_GROUPS,
};

static u8 prices[SYMBOLS][LANES] __attribute__((aligned(16)));

static void price_code(const u32 *counts, u32 from, u32 to, u32 lane) {
  u32 all = 0, used = 0;
  for (u32 s = from; s < to; s++) {
    all += counts[s];
    used += counts[s] > 0;
  }
  u32 whole = all > 0 ? log2_fine(all) : 0;
  // Few symbols say little of those that are not among them.
  u32 rare = whole + 2 * 256 > RARE_BITS * 256 ? whole + 2 * 256 : RARE_BITS * 256;
  for (u32 s = from; s < to; s++) {
    u32 bits = counts[s] > 0 ? whole - log2_fine(counts[s]) : rare;
    if (bits < 256) bits = used == 1 ? 0 : 256;
    prices[s][lane] = (u8)min_u32((bits * PRICE_BIT + 128) >> 8, 255);
  }
}

static void price_group(const u32 *counts, u32 symbols, u32 lane) {
  price_code(counts, GREEN, symbols, lane);
  price_code(counts, RED, RED + 256, lane);
  price_code(counts, BLUE, BLUE + 256, lane);
  price_code(counts, OPACITY, OPACITY + 256, lane);
  price_code(counts, DISTANCE, DISTANCE + DISTANCES, lane);
}

struct lanes { u16x8 low, high; };

INLINE struct lanes add_price(struct lanes sum, u32 symbol) {
  u8x16 price = u8x16_load(prices[symbol]);
  return (struct lanes){u16x8_add(sum.low, u16x8_extend_low(price)), u16x8_add(sum.high, u16x8_extend_high(price))};
}

INLINE struct lanes add_token_price(struct lanes sum, u32 token, argb pixel) {
  if (token == 0) {
    sum = add_price(sum, GREEN + channel(pixel, GREEN_AT));
    sum = add_price(sum, RED + channel(pixel, RED_AT));
    sum = add_price(sum, BLUE + channel(pixel, BLUE_AT));
    return add_price(sum, OPACITY + channel(pixel, ALPHA_AT));
  }
  if (!is_copy(token)) return add_price(sum, CACHED + (token & 0xffff));
  return add_price(add_price(sum, LENGTH + prefix_of(copy_length(token)).symbol), DISTANCE + prefix_of(copy_code(token)).symbol);
}

INLINE void widen(u32 *to, struct lanes sum) {
  u32x4_store(to, u32x4_add(u32x4_load(to), u32x4_extend_low(sum.low)));
  u32x4_store(to + 4, u32x4_add(u32x4_load(to + 4), u32x4_extend_high(sum.low)));
  u32x4_store(to + 8, u32x4_add(u32x4_load(to + 8), u32x4_extend_low(sum.high)));
  u32x4_store(to + 12, u32x4_add(u32x4_load(to + 12), u32x4_extend_high(sum.high)));
}

enum { WIDEN_AFTER = 64 };
_Static_assert(WIDEN_AFTER * 4 * 255 <= 65535, "prices of 64 pixels fit 16 bits");

// Adds what the tokens that begin in a row take to the sums of their tiles, LANES of each.
#define WIDEN()                                           \
  do {                                                    \
    widen(to, sum);                                       \
    sum = (struct lanes){u16x8_splat(0), u16x8_splat(0)}; \
    summed = 0;                                           \
  } while (0)
#define OF_TILE(x) \
  WIDEN();         \
  to = sums + (x >> image->tile_bits) * LANES
#define PRICE(token, pixel)                   \
  sum = add_token_price(sum, token, pixel);   \
  if (++summed == WIDEN_AFTER) WIDEN()
NOINLINE void price_row(const struct image *image, u32 *sums, struct place *place) {
  struct lanes sum = {u16x8_splat(0), u16x8_splat(0)};
  u32 *to = sums, summed = 0;
  EACH_TOKEN(image, place, false, OF_TILE, PRICE);
  widen(to, sum);
}
#undef PRICE
#undef OF_TILE
#undef WIDEN

// The same of a row of tiles.
static void price_tiles(const struct image *image, u32 *sums, struct place *place, u32 tile_y) {
  fill_bytes(sums, 0, image->tiles_across * LANES * sizeof(u32));
  while (place->y >> image->tile_bits == tile_y && place->at < image->count) {
    if (image->find) image->find(image, place);
    price_row(image, sums, place);
  }
}

// Bits of groups, by what was counted: to tiles that were priced, those of the fewest.
NOINLINE void assign_tiles(struct image *image, u32 *sums, u32 groups) {
  u32 height = image->count / image->width, side = 1u << image->tile_bits;
  struct place place = {0, 0, 0, 0};
  for (u32 tile_y = 0; tile_y * side < height; tile_y++) {
    price_tiles(image, sums, &place, tile_y);
    u8 *map = image->map + tile_y * image->tiles_across;
    for (u32 t = 0; t < image->tiles_across; t++) {
      const u32 *of = sums + t * LANES;
      // The group of the tile before where it does as well: the map takes fewer bits.
      u32 best = t > 0 ? map[t - 1] : 0;
      for (u32 g = 0; g < groups; g++)
        if (of[g] + PRICE_BIT < of[best]) best = g;
      map[t] = (u8)best;
    }
  }
}

// The first groups: tiles by what they take with one code for all, in LANES parts of as many tiles.
NOINLINE u32 first_groups(struct image *image, u32 *sums, u16 *activity, u32 most) {
  u32 height = image->count / image->width, side = 1u << image->tile_bits, tiles = 0;
  static u32 histogram[1024];
  fill_bytes(histogram, 0, sizeof histogram);
  struct place place = {0, 0, 0, 0};
  for (u32 tile_y = 0; tile_y * side < height; tile_y++) {
    price_tiles(image, sums, &place, tile_y);
    for (u32 t = 0; t < image->tiles_across; t++, tiles++) {
      activity[tiles] = (u16)min_u32(log2_fine(sums[t * LANES] + 1) >> 3, 1023);
      histogram[activity[tiles]]++;
    }
  }
  u32 part = 0, before = 0;
  for (u32 a = 0; a < 1024; a++) {
    u32 count = histogram[a];
    histogram[a] = part;
    before += count;
    if (count > 0 && before * most >= (part + 1) * tiles && part + 1 < most) part++;
  }
  for (u32 t = 0; t < tiles; t++) image->map[t] = (u8)histogram[activity[t]];
  return part + 1;
}

// What the code of n symbols takes in the file more than cost_of_code() says, in bits: what is not used between others is written as
// well. Of 682 codes the sum of both was off by a seventh, without this by a third.
NOINLINE i32 cost_of_gaps(const u32 *counts, u32 n) {
  u32 used = 0, gaps = 0;
  bool last = true;
  for (u32 s = 0; s < n; s++) {
    bool is = counts[s] > 0;
    used += is;
    gaps += is && !last;
    last = is;
  }
  return used > 2 ? 20 + (i32)(gaps * 15 / 2) - (i32)used * 2 : 0;
}

NOINLINE u64 cost_of_group(const u32 *counts, u32 symbols) {
  i32 gaps = cost_of_gaps(counts + GREEN, symbols - GREEN) + cost_of_gaps(counts + RED, 256) + cost_of_gaps(counts + BLUE, 256) +
             cost_of_gaps(counts + OPACITY, 256) + cost_of_gaps(counts + DISTANCE, DISTANCES);
  return (u64)((i64)cost_of_counts(counts, symbols) + gaps * 256);
}

NOINLINE u64 cost_of_both(const u32 *a, const u32 *b, u32 symbols) {
  for (u32 s = 0; s < symbols; s++) merged[s] = a[s] + b[s];
  return cost_of_group(merged, symbols);
}

static u64 entropy_part(u32 count) { return count > 0 ? (u64)count * log2_fine(count) : 0; }

// What the map takes fewer bits where two groups of so many tiles are one. As neighbours are often of one group, it is less than its entropy.
NOINLINE i64 map_gain(u32 a, u32 b) { return (i64)(entropy_part(a + b) - entropy_part(a) - entropy_part(b)) * 3 / 4; }

// Merges the two groups that lose least by it, as long as that is less than nothing. Gives how many are left, with their counts.
// `tiles`: of each group.
NOINLINE u32 merge_groups(u32 *counts, u32 *tiles, u32 groups, u32 symbols, u8 *to_group) {
  static u64 costs[MOST_GROUPS];
  static i64 gains[MOST_GROUPS][MOST_GROUPS];
  for (u32 g = 0; g < groups; g++) {
    to_group[g] = (u8)g;
    costs[g] = cost_of_group(counts + g * SYMBOLS, symbols);
  }
#define GAIN(a, b)                                                                                                  \
  (map_gain(tiles[a], tiles[b]) + (i64)(costs[a] + costs[b]) -                                                      \
   (i64)cost_of_both(counts + (a) * SYMBOLS, counts + (b) * SYMBOLS, symbols))
  for (u32 a = 0; a < groups; a++)
    for (u32 b = a + 1; b < groups; b++) gains[a][b] = GAIN(a, b);
  u32 all = groups;
  while (groups > 1) {
    u32 at = 0, with = 1;
    for (u32 a = 0; a < groups; a++)
      for (u32 b = a + 1; b < groups; b++)
        if (gains[a][b] > gains[at][with]) {
          at = a;
          with = b;
        }
    if (gains[at][with] <= 0) break;
    add_counts(counts + at * SYMBOLS, counts + with * SYMBOLS, symbols);
    costs[at] = cost_of_group(counts + at * SYMBOLS, symbols);
    tiles[at] += tiles[with];
    // The last group takes the place that is free.
    groups--;
    tiles[with] = tiles[groups];
    if (with != groups) {
      copy_bytes(counts + with * SYMBOLS, counts + groups * SYMBOLS, symbols * sizeof(u32));
      costs[with] = costs[groups];
    }
    for (u32 i = 0; i < all; i++) {
      if (to_group[i] == with) to_group[i] = (u8)at;
      else if (to_group[i] == groups) to_group[i] = (u8)with;
    }
    for (u32 a = 0; a < groups; a++)
      for (u32 b = a + 1; b < groups; b++) {
        if (a == at || b == at) gains[a][b] = GAIN(a, b);
        else if (a == with || b == with) gains[a][b] = a == with ? gains[b][groups] : gains[a][groups];
      }
  }
#undef GAIN
  return groups;
}

// Bytes that clusters_find() wants besides the map.
static u64 clusters_bytes(u32 tiles, u32 across) { return (u64)across * LANES * sizeof(u32) + (u64)tiles * sizeof(u16); }

static u32 cluster_bits(u32 width, u32 height, u32 least) {
  u32 bits = least;
  while (bits < 9 && (u64)divide_up(width, bits) * divide_up(height, bits) > MOST_TILES) bits++;
  return bits;
}

// What all groups take as one.
static u64 cost_of_one(const u32 *counts, u32 groups, u32 symbols) {
  for (u32 s = 0; s < symbols; s++) {
    merged[s] = 0;
    for (u32 g = 0; g < groups; g++) merged[s] += counts[g * SYMBOLS + s];
  }
  return cost_of_group(merged, symbols);
}

// Finds groups for an image with a map, and their counts. Gives how many there are.
COLD static u32 clusters_find(struct image *image, u32 *counts, void *memory) {
  u32 symbols = symbols_of(image->cache_bits), tiles = image->tiles_across * divide_up(image->count / image->width, image->tile_bits);
  u32 *sums = memory;
  u16 *activity = (u16 *)(sums + image->tiles_across * LANES);
  u8 to_group[MOST_GROUPS];
  fill_bytes(image->map, 0, tiles);
  fill_bytes(counts, 0, SYMBOLS * sizeof(u32));
  count_image(image, counts);
  if (tiles < 2) return 1;
  price_group(counts, symbols, 0);
  u32 groups = first_groups(image, sums, activity, min_u32(MOST_GROUPS, tiles / 24 + 2));
  for (u32 round = 0;; round++) {
    fill_bytes(counts, 0, groups * SYMBOLS * sizeof(u32));
    count_image(image, counts);
    if (round == ROUNDS || groups < 2) break;
    for (u32 g = 0; g < groups; g++) price_group(counts + g * SYMBOLS, symbols, g);
    assign_tiles(image, sums, groups);
  }
  u64 one = cost_of_one(counts, groups, symbols);
  u32 tiles_of[MOST_GROUPS] = {0};
  for (u32 t = 0; t < tiles; t++) tiles_of[image->map[t]]++;
  groups = merge_groups(counts, tiles_of, groups, symbols, to_group);
  u64 several = (u64)tiles * log2_fine(groups) * 3 / 4;
  for (u32 g = 0; g < groups; g++) several += cost_of_group(counts + g * SYMBOLS, symbols);
  if (one <= several) {
    for (u32 g = 1; g < groups; g++) add_counts(counts, counts + g * SYMBOLS, symbols);
    return 1;
  }
  for (u32 t = 0; t < tiles; t++) image->map[t] = to_group[image->map[t]];
  return groups;
}

#endif
