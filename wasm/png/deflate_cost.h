// What tokens cost: the entropy of their symbols, as code lengths in fractions of a bit.
//
// The parser goes by these and not by whole bits: a symbol that becomes a little rarer becomes a little dearer, so
// that passes converge on better codes, by 0.2 to 0.3 % on photographs.
#ifndef DEFLATE_COST_H
#define DEFLATE_COST_H

#include "common/log2.h"
#include "deflate_token.h"

enum { COST_BIT = 16 };

struct costs {
  u32 literal[256];
  u32 length[MAX_MATCH + 1];  // with the bits behind the code
  u32 distance[32];           // by its symbol, likewise
};

// Bits of a symbol that is not there, of the three kinds: as if the next code had a place for it.
enum { RARE_LITERAL = 14, RARE_LENGTH = 13, RARE_DISTANCE = 10 };

INLINE u32 symbol_cost(u32 count, u32 all_log2, u32 rare) {
  if (count == 0) return rare * COST_BIT;
  u32 bits = all_log2 - log2_fine(count);
  if (bits < 256) bits = 256;
  if (bits > 15 * 256) bits = 15 * 256;
  return (bits * COST_BIT + 128) >> 8;
}

NOINLINE void costs_of_lengths(struct costs *costs, const u32 slots[LITERALS - LENGTHS]) {
  for (u32 length = MIN_MATCH; length <= MAX_MATCH; length++) {
    u32 slot = length_slots[length];
    costs->length[length] = slots[slot] + length_extra[slot] * COST_BIT;
  }
}

// By counts, of tokens with the end of the block or without.
NOINLINE void costs_of_counts(struct costs *costs, const u32 counts[SYMBOLS]) {
  u32 literals = 1, distances = 0, slots[LITERALS - LENGTHS];
  for (u32 s = 0; s < LITERALS; s++) literals += counts[s];
  for (u32 s = LITERALS; s < SYMBOLS; s++) distances += counts[s];
  u32 literals_log2 = log2_fine(literals), distances_log2 = log2_fine(distances);
  for (u32 s = 0; s < 256; s++) costs->literal[s] = symbol_cost(counts[s], literals_log2, RARE_LITERAL);
  for (u32 s = 0; s < LITERALS - LENGTHS; s++)
    slots[s] = symbol_cost(counts[LENGTHS + s], literals_log2, RARE_LENGTH);
  costs_of_lengths(costs, slots);
  for (u32 s = 0; s < DISTANCES; s++)
    costs->distance[s] = symbol_cost(counts[LITERALS + s], distances_log2, RARE_DISTANCE) + distance_extra(s) * COST_BIT;
}

#endif
