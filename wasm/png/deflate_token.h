// What matchers make of bytes: literals and matches, and the symbols of RFC 1951 section 3.2.5 that they are.
//
// A token is a word: a literal its value, 0 to 255; a match length << 16 | (distance - 1), of 3 to 258 bytes
// that lie 1 to 32768 bytes back.
#ifndef DEFLATE_TOKEN_H
#define DEFLATE_TOKEN_H

#include "common/kernel.h"

enum { MIN_MATCH = 3, MAX_MATCH = 258, HISTORY = 32768 };

// Symbols in counts and codes: literals, the end of the block, lengths, then distances.
enum { END_OF_BLOCK = 256, LENGTHS = 257, LITERALS = 286, DISTANCES = 30, SYMBOLS = LITERALS + DISTANCES };

typedef u32 token;

INLINE token match_token(u32 length, u32 distance) { return length << 16 | (distance - 1); }
INLINE bool is_literal(token t) { return t < 256; }
INLINE u32 token_length(token t) { return t >> 16; }
INLINE u32 token_distance(token t) { return (t & 0xffff) + 1; }

// The symbol of a length less LENGTHS; made by tokens_prepare.
static u8 length_slots[MAX_MATCH + 1];
static const u8 length_extra[LITERALS - LENGTHS] = {0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2,
                                                    2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0};

static void tokens_prepare(void) {
  if (length_slots[MAX_MATCH] != 0) return;
  u32 length = MIN_MATCH;
  for (u32 slot = 0; length < MAX_MATCH; slot++)
    for (u32 i = 0; i < 1u << length_extra[slot] && length < MAX_MATCH; i++) length_slots[length++] = (u8)slot;
  length_slots[MAX_MATCH] = LITERALS - LENGTHS - 1;
}

// From distance 5 on each power of two has two symbols.
INLINE u32 distance_slot(u32 distance) {
  u32 d = distance - 1, bits = 31 - (u32)__builtin_clz(d | 2);
  return d < 2 ? d : 2 * bits + (d >> (bits - 1) & 1);
}
INLINE u32 distance_extra(u32 slot) { return slot < 4 ? 0 : (slot >> 1) - 1; }

INLINE void count_match(u32 *counts, token t) {
  counts[LENGTHS + length_slots[token_length(t)]]++;
  counts[LITERALS + distance_slot(token_distance(t))]++;
}

// Adds what the tokens use.
static inline void count_tokens(const token *tokens, u32 n, u32 counts[SYMBOLS]) {
  for (const token *end = tokens + n; tokens < end; tokens++) {
    if (is_literal(*tokens)) counts[*tokens]++;
    else count_match(counts, *tokens);
  }
}

#endif
