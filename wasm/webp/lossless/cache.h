// The cache of colours, section 5.2.3: which literals are found in it, and how large it is to be.
#ifndef CACHE_H
#define CACHE_H

#include "price.h"

static argb cache[1 << MOST_CACHE_BITS];

static void cache_clear(u32 bits) { fill_bytes(cache, 0, sizeof(argb) << bits); }

// Has literals as indices where their colour is in the cache as it is, of so many bits, and where `priced` only where that takes less; the
// others are literals again. Where prices are those of groups, the first token is the first of the image.
NOINLINE void cache_next_tokens(u32 *tokens, u32 token_count, const argb *pixels, u32 bits, bool priced) {
  const argb *first = pixels;
  for (u32 t = 0; t < token_count; t++) {
    u32 token = tokens[t];
    if (is_copy(token)) {
      u32 length = copy_length(token);
      // The pixel before is there already.
      if (copy_code(token) != LEFT_CODE)
        for (u32 i = 0; i < length; i++) cache[cache_slot(pixels[i], bits)] = pixels[i];
      pixels += length;
    } else {
      argb pixel = *pixels++;
      u32 slot = cache_slot(pixel, bits);
      bool found = cache[slot] == pixel;
      if (found && priced) {
        price_place((u32)(pixels - 1 - first));
        found = price->symbols[CACHED + slot] < literal_price(pixel);
      }
      tokens[t] = found ? TOKEN_CACHED | slot : 0;
      cache[slot] = pixel;
    }
  }
}

// The same of all tokens of an image, with 0 bits for no cache.
static void cache_tokens(u32 *tokens, u32 token_count, const argb *pixels, u32 bits, bool priced) {
  if (bits > 0) {
    cache_clear(bits);
    cache_next_tokens(tokens, token_count, pixels, bits, priced);
    return;
  }
  for (u32 t = 0; t < token_count; t++)
    if (!is_copy(tokens[t])) tokens[t] = 0;
}

// Of the literals, in percent, those that are in the cache.
static u32 cache_share(const u32 *tokens, u32 token_count) {
  u32 literals = 0, cached = 0;
  for (u32 t = 0; t < token_count; t++)
    if (!is_copy(tokens[t])) {
      literals++;
      cached += tokens[t] != 0;
    }
  return literals == 0 ? 0 : (u32)((u64)cached * 100 / literals);
}

// The size of the cache with which tokens take the fewest bits; leaves them as they are with the last. `counts` of one group are
// overwritten.
COLD static u32 choose_cache(struct image *image, u32 *tokens, u32 token_count, const u8 *sizes, u32 size_count, u32 *counts) {
  u32 best = 0;
  u64 best_cost = ~(u64)0;
  for (u32 i = 0; i < size_count; i++) {
    u32 bits = sizes[i], symbols = symbols_of(bits);
    cache_tokens(tokens, token_count, image->pixels, bits, false);
    fill_bytes(counts, 0, symbols * sizeof(u32));
    count_image(image, counts);
    u64 cost = cost_of_counts(counts, symbols);
    if (cost < best_cost) {
      best_cost = cost;
      best = bits;
    }
  }
  return best;
}

#endif
