// Tokens of drawings in a hurry: copies of the pixel before, of the row above, and of the last places that went on alike.
#ifndef QUICK_H
#define QUICK_H

#include "match.h"

enum {
  QUICK_BITS = 12,
  QUICK_PLACES = 4,
  QUICK_NOTED = 8,  // places at most of a copy
  QUICK_GOOD = 16,   // no longer copy is looked for
};

static struct {
  const argb *pixels;
  u32 count, width;
  u32x4 places[1 << QUICK_BITS];  // by hash of LEAST_RUN pixels: where they were, + 1, the last first
} quick;

INLINE u32x4 *quick_entry(const argb *at) {
  return quick.places + ((load64(at) * 0x9e3779b97f4a7c15u + load64(at + 2)) * 0xd6e8feb86659fd93u >> (64 - QUICK_BITS));
}

// As many as a run has at least.
INLINE bool equal_begins(const argb *a, const argb *b) {
  return ((load64(a) ^ load64(b)) | (load64(a + 2) ^ load64(b + 2))) == 0;
}

INLINE void quick_note(u32x4 *entry, u32 at) { *entry = u32x4_shuffle(u32x4_splat(at + 1), *entry, 0, 4, 5, 6); }

struct quick_copy { u32 length, distance; };

// The copy of the pixel before or of the row above.
INLINE struct quick_copy quick_near(u32 at, u32 most) {
  const argb *here = quick.pixels + at;
  u32 left = at > 0 && run_begins(here, here[-1]) ? equal_pixels(here, here - 1, most) : 0;
  if (left >= QUICK_GOOD || at < quick.width || !equal_begins(here, here - quick.width)) return (struct quick_copy){left, 1};
  u32 above = equal_pixels(here, here - quick.width, most);
  return above > left ? (struct quick_copy){above, quick.width} : (struct quick_copy){left, 1};
}

// Gives how many tokens.
NOINLINE u32 quick_image(const struct image *image, u32 *tokens) {
  u32 *next = tokens, count = image->count, width = image->width;
  quick.pixels = image->pixels;
  quick.count = count;
  quick.width = width;
  fill_bytes(quick.places, 0, sizeof quick.places);
  for (u32 at = 0; at < count;) {
    const argb *here = quick.pixels + at;
    u32 most = min_u32(count - at, MAX_LENGTH);
    struct quick_copy best = quick_near(at, most);
    if (best.length < QUICK_GOOD) {
      u32x4 *entry = quick_entry(here);
      // What a distance from further away takes more.
      u32 least = best.length > 0 ? best.length + 2 : 0;
      for (u32 i = 0; i < QUICK_PLACES; i++) {
        u32 place = (*entry)[i], distance = at + 1 - place;
        if (place == 0 || distance > MAX_DISTANCE || !equal_begins(here, here - distance)) continue;
        u32 length = equal_pixels(here, here - distance, most);
        if (length <= least) continue;
        best = (struct quick_copy){length, distance};
        least = length;
      }
      quick_note(entry, at);
    }
    if (best.length < LEAST_RUN) {
      *next++ = 0;
      at++;
      continue;
    }
    *next++ = copy_token(best.length, distance_code(best.distance, width));
    if (best.distance != 1)
      for (u32 i = 1, n = min_u32(best.length, QUICK_NOTED); i < n; i++) quick_note(quick_entry(here + i), at + i);
    at += best.length;
  }
  return (u32)(next - tokens);
}

#endif
