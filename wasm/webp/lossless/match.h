// Pixels that were there before: places that begin with the same three pixels, or a run of the same pixel that is as long, as a
// chain, the latest first.
//
// What a copy is worth is told in bits, by what literals take on average and what its distance takes: the parser with its
// prices (parse.h) comes after this, where there is time for it.
#ifndef MATCH_H
#define MATCH_H

#include "common/log2.h"
#include "common/simd.h"
#include "coded.h"

enum {
  MOST_HASH_BITS = 16,
  // Within a run of one pixel only its last places are noted, as a match that begins further before its end goes no further.
  NOTED_OF_RUN = 32,
  NO_PLACE = 0,
};

static struct {
  const argb *pixels;
  u32 count, width;
  u32 *last;    // by hash: the last place + 1
  u32 *before;  // by place, a ring: the one before with the same hash, + 1
  u32 hash_bits, ring;
  u32 noted;    // places before it are
  u32 run_end;  // of the run of one pixel that the last place noted is in
  u32 tries, nice;
  u32 carried_tries;  // of the parser, where a copy that was found before goes on
  u32 literal_bits;  // of a pixel, on average, in 1/256
} match;

struct copy { u32 length, distance; i32 worth; };

static u32 hash_bits_of(u32 count) {
  u32 bits = count > 1 ? 32 - (u32)__builtin_clz(count - 1) : 1;
  return bits < 8 ? 8 : min_u32(bits, MOST_HASH_BITS);
}
static u32 ring_of(u32 count) { return count >= 1 << 20 ? 1 << 20 : 1u << (count > 1 ? 32 - (u32)__builtin_clz(count - 1) : 0); }

// Bytes that match_begin() wants for an image of so many pixels.
static u64 match_bytes(u32 count) { return ((u64)(1u << hash_bits_of(count)) + ring_of(count)) * sizeof(u32); }

COLD static void match_begin(void *memory, const argb *pixels, u32 count, u32 width) {
  match.pixels = pixels;
  match.count = count;
  match.width = width;
  match.hash_bits = hash_bits_of(count);
  match.ring = ring_of(count) - 1;
  match.last = memory;
  match.before = match.last + (1u << match.hash_bits);
  match.noted = match.run_end = 0;
  fill_bytes(match.last, NO_PLACE, sizeof(u32) << match.hash_bits);
}

// Pixels that are equal, of at most `most`.
INLINE u32 equal_pixels(const argb *a, const argb *b, u32 most) {
  u32 i = 0;
  for (; i + 4 <= most; i += 4) {
    u32 differ = u8x16_bitmask(u8x16_not(u32x4_eq((u32x4)u8x16_load(a + i), (u32x4)u8x16_load(b + i))));
    if (differ != 0) return i + ((u32)__builtin_ctz(differ) >> 2);
  }
  while (i < most && a[i] == b[i]) i++;
  return i;
}

INLINE u32 pair_hash(argb first, u32 second) {
  return (u32)(((u64)second << 32 | first) * 0x9e3779b97f4a7c15u >> 32) >> (32 - match.hash_bits);
}

// The end of the run of one pixel that begins at `at`.
INLINE u32 run_end_at(u32 at) {
  const argb *pixels = match.pixels;
  if (at + 1 >= match.count || pixels[at + 1] != pixels[at]) return at + 1;
  return at + 1 + equal_pixels(pixels + at + 1, pixels + at, match.count - at - 1);
}

// What is alike at places that go on alike for three pixels, or in runs that are as long; the run ends at `run_end`.
INLINE u32 hash_at(u32 at, u32 run_end) {
  const argb *pixels = match.pixels + at;
  u32 left = run_end - at;
  return pair_hash(pixels[0], left > 1 ? left * 0x01000193u : pixels[1] * 3 + (at + 2 < match.count ? pixels[2] : 0) * 0x85ebca6bu);
}

// Notes all places before `end`.
NOINLINE void match_note(u32 end) {
  u32 at = match.noted, run_end = match.run_end;
  if (match.count < 2) return;
  end = min_u32(end, match.count - 1);
  for (; at < end; at++) {
    if (at >= run_end) run_end = run_end_at(at);
    if (run_end - at > NOTED_OF_RUN && at > 0 && match.pixels[at - 1] == match.pixels[at]) {
      at = min_u32(run_end - NOTED_OF_RUN, end) - 1;
      continue;
    }
    u32 hash = hash_at(at, run_end);
    match.before[at & match.ring] = match.last[hash];
    match.last[hash] = at + 1;
  }
  if (at > match.noted) match.noted = at;
  match.run_end = run_end;
}

// Bits in 1/256 of a copy besides its pixels: length and distance.
INLINE i32 copy_bits(u32 length, u32 distance) {
  u32 code = distance_code(distance, match.width);
  struct prefixed l = prefix_of(length), d = prefix_of(code);
  u32 symbols = code == LEFT_CODE || code == ABOVE_CODE ? 6 : code <= 120 ? 8 : 10;
  return (i32)(symbols + l.extra_bits + d.extra_bits) * 256;
}

INLINE void match_try(u32 at, u32 distance, u32 most, struct copy *best) {
  const argb *a = match.pixels + at, *b = a - distance;
  if (b[0] != a[0] || (best->length > 0 && (best->length >= most || b[best->length] != a[best->length]))) return;
  u32 length = equal_pixels(a, b, most);
  i32 worth = (i32)(length * match.literal_bits) - copy_bits(length, distance);
  if (worth > best->worth) *best = (struct copy){length, distance, worth};
}

// The best copy at a place that is worth more than `worth`. All places before it are noted.
NOINLINE struct copy match_find(u32 at, i32 worth, u32 tries) {
  struct copy best = {0, 0, worth};
  u32 most = min_u32(match.count - at, MAX_LENGTH);
  if (at >= match.width) match_try(at, match.width, most, &best);
  if (at >= 1) match_try(at, 1, most, &best);
  if (best.length >= match.nice || at + 1 >= match.count) return best;
  u32 run_end = at < match.run_end ? match.run_end : run_end_at(at);
  u32 place = match.last[hash_at(at, run_end)];
  for (u32 last = at + 1; tries > 0 && place != NO_PLACE && place < last; tries--) {
    u32 distance = at + 1 - place;
    if (distance > MAX_DISTANCE || distance > match.ring) break;
    match_try(at, distance, most, &best);
    if (best.length >= match.nice) break;
    last = place;
    place = match.before[(place - 1) & match.ring];
  }
  return best;
}

// Tokens of an image of residuals, whose copies are those of the pixel before and of the row above: copies from further away keep
// literals from having short codes, and files get larger by it. What begins at places from `at` on and before `end`; gives how many tokens,
// of at most `room`.
NOINLINE u32 near_tokens(const struct image *image, u32 *tokens, u32 room, u32 at, u32 end) {
  const argb *pixels = image->pixels;
  u32 *next = tokens, count = image->count, width = image->width;
  while (at < end) {
    if ((u32)(next - tokens) == room) return TOO_MANY;
    u32 left = at > 0 && run_begins(pixels + at, pixels[at - 1]) ? run_at(image, at) : 0;
    u32 above = 0;
    if (at >= width && four_equal(pixels + at, pixels + at - width))
      above = equal_pixels(pixels + at, pixels + at - width, min_u32(count - at, MAX_LENGTH));
    u32 length = left > above ? left : above;
    if (length < LEAST_RUN) {
      *next++ = 0;
      at++;
      continue;
    }
    *next++ = copy_token(length, left >= above ? LEFT_CODE : ABOVE_CODE);
    at += length;
  }
  return (u32)(next - tokens);
}

static u32 near_image(const struct image *image, u32 *tokens, u32 room) { return near_tokens(image, tokens, room, 0, image->count); }

// Tokens of the whole image; gives how many they are, of at most `room`.
NOINLINE u32 match_image(u32 *tokens, u32 room) {
  u32 *next = tokens, *end = tokens + room, at = 0, count = match.count;
  while (at < count) {
    if (next == end) return TOO_MANY;
    match_note(at);
    struct copy found = match_find(at, 0, match.tries);
    if (found.length == 0) {
      *next++ = 0;
      at++;
      continue;
    }
    while (found.length < match.nice && at + 1 < count) {
      match_note(at + 1);
      struct copy later = match_find(at + 1, found.worth + (i32)match.literal_bits / 2, match.tries / 2);
      if (later.length == 0) break;
      *next++ = 0;
      if (next == end) return TOO_MANY;
      at++;
      found = later;
    }
    *next++ = copy_token(found.length, distance_code(found.distance, match.width));
    at += found.length;
  }
  return (u32)(next - tokens);
}

#endif
