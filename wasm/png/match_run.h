// The matcher for filtered photographs at the fast levels: literals, and runs of one byte, which are matches one byte back.
//
// Filtered photographs repeat themselves by chance only. What a search of strings finds there costs as much as the literals
// that it stands for, and takes many times as long.
#ifndef MATCH_RUN_H
#define MATCH_RUN_H

#include "deflate_window.h"

// Shorter runs cost less as literals: the byte that is repeated has a short code.
enum { MIN_RUN = 8 };

// Bit i is whether at[i] equals at[i - 1], of 64 bytes.
INLINE u64 repeats_x64(const u8 *at) {
  u64 bits = 0;
  UNROLL for (u32 i = 0; i < 64; i += 16)
    bits |= (u64)u8x16_bitmask(u8x16_eq(u8x16_load(at + i), u8x16_load(at + i - 1))) << i;
  return bits;
}

// Bit i of the result is whether bits i to i + MIN_RUN - 1 are set.
INLINE u64 runs_of(u64 repeats) {
  _Static_assert(MIN_RUN == 8, "three doublings");
  repeats &= repeats >> 1;
  repeats &= repeats >> 2;
  return repeats & repeats >> 4;
}

static void __attribute__((noinline)) match_runs(u8 *limit) {
  u8 *at = match.at;
  // The first byte of all repeats none.
  if (at == window && match.moved == 0 && at < limit) at++;
  while (at < limit) {
    u64 runs = runs_of(repeats_x64(at));
    if (runs == 0) {
      at += 64 - MIN_RUN + 1;
      continue;
    }
    at += __builtin_ctzll(runs);
    if (at >= limit) break;
    u32 length = equal_bytes(at, at - 1, MIN_RUN, min_u32((u32)(match.end - at), (u32)(limit - at) + MAX_MATCH));
    if (length < MIN_RUN) {
      at = limit;
      break;
    }
    at = put_long_match(at, length, 1);
  }
  // What is not in a sequence may be looked at again.
  if (at > limit && match.literals < at) at = match.literals > limit ? match.literals : limit;
  match.at = at;
}

#endif
