// Tokens of images that are too large to keep them: copies of the pixel before and of the row above, which are found again whenever they
// are needed, row by row, and literals of which a bit for each pixel tells whether they come from the cache of colours.
#ifndef AGAIN_H
#define AGAIN_H

#include "cache.h"
#include "match.h"

static struct {
  u32 *tokens;  // of a row
  u8 *cached;   // a bit for each pixel
} again;

static u64 again_bytes(u32 count) { return (u64)count / 8 + 1; }

// As many as begin in the rest of the row of a place.
INLINE u32 again_near(const struct image *image, const struct place *place) {
  u32 end = place->at - place->x + image->width;
  return near_tokens(image, again.tokens, image->width, place->at, end);
}

// struct image.find
static void again_find(const struct image *image, struct place *place) {
  u32 count = again_near(image, place), at = place->at;
  place->token = 0;
  if (image->cache_bits == 0) return;
  for (u32 t = 0; t < count; at += token_length(again.tokens[t++]))
    if (again.tokens[t] == 0 && again.cached[at >> 3] >> (at & 7) & 1)
      again.tokens[t] = TOKEN_CACHED | cache_slot(image->pixels[at], image->cache_bits);
}

// Tells by the cache which literals come from it, and where `priced` only of those that take less so.
static void again_cache(const struct image *image, bool priced) {
  fill_bytes(again.cached, 0, again_bytes(image->count));
  cache_clear(image->cache_bits);
  for (struct place place = {0, 0, 0, 0}; place.at < image->count; wrap(&place, image->width)) {
    u32 count = again_near(image, &place), at = place.at;
    cache_next_tokens(again.tokens, count, image->pixels + at, image->cache_bits, priced);
    for (u32 t = 0; t < count; at += token_length(again.tokens[t++]))
      if (is_cached(again.tokens[t])) again.cached[at >> 3] |= (u8)(1 << (at & 7));
    place.x += at - place.at;
    place.at = at;
  }
}

#endif
