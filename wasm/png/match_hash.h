// The matcher for text and graphics at the fast levels: one look into a table of the last place of each four bytes.
//
// Where nothing is found for long, places are left out, more and more of them.
#ifndef MATCH_HASH_H
#define MATCH_HASH_H

#include "deflate_window.h"

enum { HASH_BITS = 14,  SKIP_AFTER = 5 };

// The position, in 16 bits, of the last four bytes with that hash.
static u16 hash_places[1 << HASH_BITS];

static void hash_begin(void) { fill_bytes(hash_places, 0, sizeof hash_places); }

INLINE u32 hash_of(u32 word) { return word * 0x9e3779b1u >> (32 - HASH_BITS); }

static void __attribute__((noinline)) match_hash(u8 *limit) {
  u8 *at = match.at;
  u32 position = position_of(at), tried = 0;
  while (at < limit) {
    if (match.end - at < 4) {
      at = limit;
      break;
    }
    u32 word = load32(at), slot = hash_of(word);
    u32 distance = (u16)(position - hash_places[slot]);
    hash_places[slot] = (u16)position;
    if (distance - 1 >= HISTORY || load32(at - distance) != word) {
      u32 step = 1 + (tried++ >> SKIP_AFTER);
      at += step;
      position += step;
      continue;
    }
    tried = 0;
    u32 most = min_u32((u32)(match.end - at), (u32)(limit - at) + MAX_MATCH);
    u32 length = equal_bytes(at, at - distance, 4, most);
    at = put_long_match(at, length, distance);
    position += length;
    if (at < limit) hash_places[hash_of(load32(at - 1))] = (u16)(position - 1);
  }
  if (match.literals < limit && at > limit) at = limit;
  match.at = at;
}

#endif
