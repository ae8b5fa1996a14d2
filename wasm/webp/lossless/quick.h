// Tokens of drawings in a hurry: copies of the pixel before, of the row above, and of the last places that went on alike.
#ifndef QUICK_H
#define QUICK_H

#include "match.h"

enum {
  QUICK_BITS = 12,
  QUICK_NOTED = 8,  // places at most of a copy
  QUICK_GOOD = 16,   // no longer copy is looked for
};

static struct {
  const argb *pixels;
  u32 count, width;
  // By hash of LEAST_RUN pixels: where they were, + 1, the last first, and more of their hashes, as most are others.
  struct quick_bucket { u32 places[4], tags[4]; } buckets[1 << QUICK_BITS];
} quick;

INLINE u64 quick_hash(const argb *at) { return (load64(at) * 0x9e3779b97f4a7c15u + load64(at + 2)) * 0xd6e8feb86659fd93u; }
INLINE struct quick_bucket *quick_bucket(u64 hash) { return quick.buckets + (hash >> (64 - QUICK_BITS)); }
INLINE u32 quick_tag(u64 hash) { return (u32)(hash >> (32 - QUICK_BITS)); }

// The others move on by one.
INLINE void push_first(u32 *four, u32 first) { u8x16_store(four, (u8x16)u32x4_shuffle(u32x4_splat(first), u32x4_load(four), 0, 4, 5, 6)); }

INLINE void quick_note(u64 hash, u32 at) {
  struct quick_bucket *bucket = quick_bucket(hash);
  push_first(bucket->places, at + 1);
  push_first(bucket->tags, quick_tag(hash));
}

struct quick_copy { u32 length, distance; };

// The copy of the pixel before or of the row above.
INLINE struct quick_copy quick_near(u32 at, u32 most) {
  const argb *here = quick.pixels + at;
  u32 left = at > 0 && run_begins(here, here[-1]) ? equal_pixels(here, here - 1, most) : 0;
  if (left >= QUICK_GOOD || at < quick.width || !four_equal(here, here - quick.width)) return (struct quick_copy){left, 1};
  u32 above = equal_pixels(here, here - quick.width, most);
  return above > left ? (struct quick_copy){above, quick.width} : (struct quick_copy){left, 1};
}

// Gives how many tokens, of at most `room`.
NOINLINE u32 quick_image(const struct image *image, u32 *tokens, u32 room) {
  u32 *next = tokens, *end = tokens + room, count = image->count, width = image->width;
  quick.pixels = image->pixels;
  quick.count = count;
  quick.width = width;
  fill_bytes(quick.buckets, 0, sizeof quick.buckets);
  for (u32 at = 0; at < count;) {
    if (next == end) return TOO_MANY;
    const argb *here = quick.pixels + at;
    u32 most = min_u32(count - at, MAX_LENGTH);
    struct quick_copy best = quick_near(at, most);
    if (best.length < QUICK_GOOD) {
      u64 hash = quick_hash(here);
      const struct quick_bucket *bucket = quick_bucket(hash);
      u32 alike = u32x4_bitmask((u32x4)u32x4_eq(u32x4_load(bucket->tags), u32x4_splat(quick_tag(hash))));
      // What a distance from further away takes more.
      u32 least = best.length > 0 ? best.length + 2 : 0;
      for (; alike != 0; alike &= alike - 1) {
        u32 place = bucket->places[__builtin_ctz(alike)], distance = at + 1 - place;
        if (place == 0 || distance > MAX_DISTANCE) continue;
        u32 length = equal_pixels(here, here - distance, most);
        if (length <= least || length < LEAST_RUN) continue;
        best = (struct quick_copy){length, distance};
        least = length;
      }
      quick_note(hash, at);
    }
    if (best.length < LEAST_RUN) {
      *next++ = 0;
      at++;
      continue;
    }
    *next++ = copy_token(best.length, distance_code(best.distance, width));
    if (best.distance != 1)
      for (u32 i = 1, n = min_u32(best.length, QUICK_NOTED); i < n; i++) quick_note(quick_hash(here + i), at + i);
    at += best.length;
  }
  return (u32)(next - tokens);
}

#endif
