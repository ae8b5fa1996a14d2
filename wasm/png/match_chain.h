// The matcher of level 6: places of the last 32 kB with the same four bytes, the latest first, as a chain, and lazy evaluation:
// a match waits for whether a better one begins a byte later. Before the chain, the pixel to the left and the row above.
#ifndef MATCH_CHAIN_H
#define MATCH_CHAIN_H

#include "deflate_price.h"
#include "deflate_window.h"

enum {
  HASHED = 4,
  CHAIN_BITS = 15,
  CHAIN_BITS_3 = 12,
  // A match of three bytes further back costs as much as three literals.
  FAR_3 = 4096,
  TRIES = 64,   // places of a chain looked at; half as many for a match that begins a byte later
  NICE = 160,   // a match as long ends the search
  NOTED = 8,    // places at each end of a match longer than four times as many that are noted
};

static struct {
  u16 last[1 << CHAIN_BITS];      // position of the last four bytes with that hash
  u16 last_3[1 << CHAIN_BITS_3];  // of the last three
  u16 before[HISTORY];            // by position: that of the four bytes before with the same hash
} chain;

// Of `before` only that is read which was written: what the tables hold was noted, or is 0.
static void chain_begin(void) {
  fill_bytes(chain.last, 0, sizeof chain.last);
  fill_bytes(chain.last_3, 0, sizeof chain.last_3);
  chain.before[0] = 0;
}

INLINE u32 chain_hash(u32 word) { return word * 0x9e3779b1u >> (32 - CHAIN_BITS); }
INLINE u32 chain_hash_3(u32 word) { return (word << 8) * 0x9e3779b1u >> (32 - CHAIN_BITS_3); }

// Notes that these four bytes are at `position`; gives where they were before.
INLINE u32 chain_insert(u32 word, u32 position) {
  u32 slot = chain_hash(word), before = chain.last[slot];
  chain.before[position & (HISTORY - 1)] = (u16)before;
  chain.last[slot] = (u16)position;
  chain.last_3[chain_hash_3(word)] = (u16)position;
  return before;
}

// Whether more than `best` bytes are equal and worth more than *worth: then that is the best, *found its length << 16 | distance.
INLINE u32 chain_try(const u8 *at, u32 distance, u32 best, struct literal_prices *literals, u32 *found, i32 *worth) {
  const u8 *from = at - distance;
  if (load32(from) != load32(at) || (best >= HASHED && load32(from + best - 3) != load32(at + best - 3))) return best;
  u32 length = equal_bytes(at, from, HASHED, min_u32((u32)(match.end - at), MAX_MATCH));
  if (length <= best) return best;
  i32 gain = match_worth(literals, at, length, distance);
  if (gain <= *worth) return length >= NICE ? length : best;
  *worth = gain;
  *found = length << 16 | distance;
  return length;
}

// The match at `at` of more than `best` bytes that is worth more than *worth, as length << 16 | distance, or 0. `at` is noted.
NOINLINE u32 chain_find(const u8 *at, u32 position, u32 row, u32 best, u32 tries, i32 *worth) {
  u32 most = min_u32((u32)(match.end - at), MAX_MATCH);
  u32 word = load32(at), found = 0, slot_3 = chain_hash_3(word);
  struct literal_prices literals = {0, 0};
  if (best < MIN_MATCH) {
    u32 distance = (u16)(position - chain.last_3[slot_3]);
    if (distance - 1 < FAR_3 && (load32(at - distance) ^ word) << 8 == 0) {
      i32 gain = match_worth(&literals, at, MIN_MATCH, distance);
      if (gain > *worth) {
        *worth = gain;
        best = MIN_MATCH;
        found = best << 16 | distance;
      }
    }
  }
  u32 place = chain_insert(word, position), last = 0;
  if (best >= most) return found;
  best = chain_try(at, match.left, best, &literals, &found, worth);
  if (best < NICE && best < most) best = chain_try(at, row, best, &literals, &found, worth);
  for (; tries > 0 && best < NICE && best < most; tries--) {
    u32 distance = (u16)(position - place);
    // A chain leads back; where it does not, its rest was overwritten.
    if (distance <= last || distance > HISTORY) break;
    last = distance;
    best = chain_try(at, distance, best, &literals, &found, worth);
    place = chain.before[place & (HISTORY - 1)];
  }
  return found;
}

COLD static void match_chain(u8 *limit) {
  u8 *at = match.at, *literals = match.literals;
  u32 position = position_of(at), symbols = match.symbols;
  struct sequence *next_sequence = match.next;
  u32 row = row_above(&limit);
  for (; at < limit && at < window + match.left; at++, position++) match.part_counts[*at]++;
  // Of the last bytes of all there are too few for a hash.
  u8 *last = match.end - at < HASHED ? at : match.end - HASHED + 1;
  u8 *stop = limit < last ? limit : last;
  while (at < stop) {
    i32 worth = 0;
    u32 found = chain_find(at, position, row, MIN_MATCH - 1, TRIES, &worth);
    at++;
    position++;
    if (found == 0) {
      match.part_counts[at[-1]]++;
      continue;
    }
    u8 *begin = at - 1;
    while (found >> 16 < NICE && at < stop) {
      u32 next = chain_find(at, position, row, (found >> 16) - 1, TRIES / 2, &worth);
      at++;
      position++;
      if (next == 0) break;
      found = next;
      for (; begin < at - 1; begin++) match.part_counts[*begin]++;
    }
    token t = match_token(found >> 16, found & 0xffff);
    u32 run = (u32)(begin - literals);
    *next_sequence++ = (struct sequence){run, t};
    symbols += run + 1;
    count_match(match.part_counts, t);
    literals = begin + (found >> 16);
    u8 *end = literals < last ? literals : last;
    // Of long matches, which are found again by where they begin, only the ends are noted.
    if (end - at > 4 * NOTED) {
      for (u32 i = 0; i < NOTED; i++) chain_insert(load32(at + i), position + i);
      position += (u32)(end - NOTED - at);
      at = end - NOTED;
    }
    for (; at < end; at++, position++) chain_insert(load32(at), position);
    at = literals;
    position = position_of(at);
  }
  match.next = next_sequence;
  match.literals = literals;
  match.symbols = symbols;
  // What is counted gets a sequence.
  if (literals < at) {
    *match.next++ = (struct sequence){(u32)(at - literals), 0};
    match.symbols += (u32)(at - literals);
    match.literals = at;
  }
  match.at = at < limit ? limit : at;
}

#endif
