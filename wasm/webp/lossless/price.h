// What tokens take, by what their symbols took in the tokens of a pass before.
#ifndef PRICE_H
#define PRICE_H

#include "groups.h"

enum {
  PRICE_UNIT = 16,  // prices are in 1/16 bit
  RARE_PRICE = 16 * PRICE_UNIT,
};

struct prices {
  u32 symbols[SYMBOLS];
  u32 lengths[MAX_LENGTH + 1];  // with the bits behind the symbol
  u32 distances[DISTANCES];     // likewise
};

static struct prices prices_of_all, *price = &prices_of_all;

// Where each group has prices of its own, they are these, and the image has a map.
static struct {
  struct prices *sets;
  const struct image *image;  // NULL: prices are the same everywhere
} by_group;

NOINLINE void price_group_at(u32 at) {
  const struct image *image = by_group.image;
  price = by_group.sets + image->map[tile_of(image, at % image->width, at / image->width)];
}
// Has `price` be the prices of a place.
INLINE void price_place(u32 at) {
  if (by_group.image) price_group_at(at);
}

static void price_everywhere(void) {
  by_group.image = NULL;
  price = &prices_of_all;
}

NOINLINE void price_symbols(const u32 *counts, u32 from, u32 n) {
  u32 all = 0, used = 0;
  for (u32 s = from; s < from + n; s++) {
    all += counts[s];
    used += counts[s] > 0;
  }
  u32 whole = all > 0 ? log2_fine(all) : 0;
  for (u32 s = from; s < from + n; s++) {
    u32 bits = counts[s] > 0 ? ((whole - log2_fine(counts[s])) * PRICE_UNIT + 128) >> 8 : RARE_PRICE;
    price->symbols[s] = used < 2 && counts[s] > 0 ? 0 : bits < PRICE_UNIT ? PRICE_UNIT : bits;
  }
}

NOINLINE void price_by_counts(const u32 *counts, u32 cache_bits) {
  price_symbols(counts, GREEN, symbols_of(cache_bits) - GREEN);
  price_symbols(counts, RED, 256);
  price_symbols(counts, BLUE, 256);
  price_symbols(counts, OPACITY, 256);
  price_symbols(counts, DISTANCE, DISTANCES);
  for (u32 length = 1; length <= MAX_LENGTH; length++) {
    struct prefixed p = prefix_of(length);
    price->lengths[length] = price->symbols[LENGTH + p.symbol] + p.extra_bits * PRICE_UNIT;
  }
  for (u32 s = 0; s < DISTANCES; s++) price->distances[s] = price->symbols[DISTANCE + s] + extra_bits_of(s) * PRICE_UNIT;
}

// Prices by the counts of each group of an image.
COLD static void price_groups(const struct image *image, const u32 *counts, u32 groups, struct prices *sets) {
  for (u32 g = 0; g < groups; g++) {
    price = sets + g;
    price_by_counts(counts + g * SYMBOLS, image->cache_bits);
  }
  by_group.sets = sets;
  by_group.image = image;
}

INLINE u32 literal_price(argb pixel) {
  return price->symbols[GREEN + channel(pixel, GREEN_AT)] + price->symbols[RED + channel(pixel, RED_AT)] +
         price->symbols[BLUE + channel(pixel, BLUE_AT)] + price->symbols[OPACITY + channel(pixel, ALPHA_AT)];
}

#endif
