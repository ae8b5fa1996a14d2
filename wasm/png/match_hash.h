// The matcher for text and graphics at level 1: a table with the last two places of each four bytes.
//
// A match waits for whether one that is worth more begins a byte later. Where nothing is found for long, places are left
// out, more and more of them.
#ifndef MATCH_HASH_H
#define MATCH_HASH_H

#include "deflate_price.h"
#include "deflate_window.h"

enum {
  HASH_BITS = 14,
  HASH_BYTES = 4,
  SKIP_AFTER = 5,
  HASH_NICE = 24,  // a match as long is not waited with
  HASH_NOTED = 4,
};

// The positions, in 16 bits, of the last bytes with that hash, the latest lowest.
static u32 hash_places[1 << HASH_BITS];

static void hash_begin(void) { fill_bytes(hash_places, 0, sizeof hash_places); }

INLINE u32 hash_of(u32 word) { return word * 0x9e3779b1u >> (32 - HASH_BITS); }

INLINE void hash_note(const u8 *at, u32 position) {
  u32 *slot = &hash_places[hash_of(load32(at))];
  *slot = *slot << 16 | (position & 0xffff);
}

// The match at `at` that is worth more than *worth, as length << 16 | distance, or 0. `at` is noted.
INLINE u32 hash_find(const u8 *at, u32 position, i32 *worth) {
  u32 word = load32(at);
  u32 *slot = &hash_places[hash_of(word)], places = *slot, found = 0;
  u32 most = min_u32((u32)(match.end - at), MAX_MATCH);
  struct literal_prices literals = {0, 0};
  *slot = places << 16 | (position & 0xffff);
  UNROLL for (u32 i = 0; i < 2; i++, places >>= 16) {
    u32 distance = (u16)(position - places);
    if (distance - 1 >= HISTORY) continue;
    const u8 *from = at - distance;
    if (load32(from) != word) continue;
    u32 length = equal_bytes(at, from, HASH_BYTES, most);
    i32 gain = match_worth(&literals, at, length, distance);
    if (gain > *worth) {
      *worth = gain;
      found = length << 16 | distance;
    }
    if (length >= HASH_NICE) break;
  }
  return found;
}

static void __attribute__((noinline)) match_hash(u8 *limit) {
  u8 *at = match.at;
  u32 position = position_of(at), tried = 0;
  // Of the last bytes of all there are too few.
  u8 *last = match.end - at < HASH_BYTES ? at : match.end - HASH_BYTES + 1;
  u8 *stop = limit < last ? limit : last;
  while (at < stop) {
    i32 worth = 0;
    u32 found = hash_find(at, position, &worth);
    if (found == 0) {
      u32 step = 1 + (tried++ >> SKIP_AFTER);
      at += step;
      position += step;
      continue;
    }
    tried = 0;
    while (found >> 16 < HASH_NICE && at + 1 < stop) {
      u32 next = hash_find(at + 1, position + 1, &worth);
      if (next == 0) break;
      found = next;
      at++;
      position++;
    }
    u32 length = found >> 16;
    put_sequence(at, match_token(length, found & 0xffff));
    // Of long matches, which are found again by where they begin, only the ends are noted.
    u8 *end = at + length;
    if (end < last) {
      u32 begins = length > 2 * HASH_NOTED ? HASH_NOTED : length - 1, ends = length > 2 * HASH_NOTED ? HASH_NOTED : 0;
      for (u32 i = 1; i <= begins; i++) hash_note(at + i, position + i);
      for (u32 i = ends; i >= 1; i--) hash_note(end - i, position + length - i);
    }
    at = end;
    position += length;
  }
  // Places beyond the limit were left out. Behind the last place the rest are literals.
  if (at > limit || stop < limit) at = match.literals > limit ? match.literals : limit;
  match.at = at;
}

#endif
