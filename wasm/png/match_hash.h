// The matcher for text and graphics at level 1: the first match is taken that one look into a table of the last place of each
// four bytes gives.
//
// Where nothing is found for long, places are left out, more and more of them.
#ifndef MATCH_HASH_H
#define MATCH_HASH_H

#include "deflate_window.h"

enum {
  HASH_BITS = 14,
  HASH_BYTES = 4,
  SKIP_AFTER = 5,
  HASH_NOTED = 4,  // places at each end of a match that are noted; of all of them would be 1 % smaller and half as fast
};

// The position, in 16 bits, of the last four bytes with that hash.
static u16 hash_places[1 << HASH_BITS];

static void hash_begin(void) { fill_bytes(hash_places, 0, sizeof hash_places); }

INLINE u16 *hash_place(const u8 *at) { return &hash_places[load32(at) * 0x9e3779b1u >> (32 - HASH_BITS)]; }

static void __attribute__((noinline)) match_hash(u8 *limit) {
  u8 *at = match.at;
  u32 position = position_of(at), tried = 0;
  // Of the last bytes of all there are too few.
  u8 *last = match.end - at < HASH_BYTES ? at : match.end - HASH_BYTES + 1;
  u8 *stop = limit < last ? limit : last;
  while (at < stop) {
    u16 *place = hash_place(at);
    u32 distance = (u16)(position - *place);
    *place = (u16)position;
    if (distance - 1 >= HISTORY || load32(at - distance) != load32(at)) {
      u32 step = 1 + (tried++ >> SKIP_AFTER);
      at += step;
      position += step;
      continue;
    }
    tried = 0;
    u32 length = equal_bytes(at, at - distance, HASH_BYTES, min_u32((u32)(match.end - at), MAX_MATCH));
    put_sequence(at, match_token(length, distance));
    u8 *end = at + length;
    u32 noted = length > HASH_NOTED ? HASH_NOTED : length - 1;
    if (end < last)
      for (u32 i = 1; i <= noted; i++) {
        *hash_place(at + i) = (u16)(position + i);
        *hash_place(end - i) = (u16)(position + length - i);
      }
    at = end;
    position += length;
  }
  // Places beyond the limit were left out. Behind the last place the rest are literals.
  if (at > limit || stop < limit) at = match.literals > limit ? match.literals : limit;
  match.at = at;
}

#endif
