// The matcher for `balanced`: all places of the last 32 kB with the same four bytes, the latest first, as a chain, and lazy
// evaluation: a match waits for whether a better one begins a byte later.
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
};

static struct {
  u16 last[1 << CHAIN_BITS];      // position of the last four bytes with that hash
  u16 last_3[1 << CHAIN_BITS_3];  // of the last three
  u16 before[HISTORY];            // by position: that of the four bytes before with the same hash
} chain;

struct chain_effort {
  u32 tries;      // places of a chain looked at
  u32 few_tries;  // where most of what came last were literals
  u32 nice;       // a match as long ends the search
  u32 noted;      // places at each end of a long match that are noted
};

static struct {
  struct chain_effort effort;
  u32 tries;
} chain_search;

// Of `before` only that is read which was written: what the tables hold was noted, or is 0.
static void chain_begin(struct chain_effort effort) {
  fill_bytes(chain.last, 0, sizeof chain.last);
  fill_bytes(chain.last_3, 0, sizeof chain.last_3);
  chain.before[0] = 0;
  chain_search.effort = effort;
  chain_search.tries = effort.tries;
}

// After a part of so many bytes and literals.
static void chain_adapt(u32 bytes, u32 literals) {
  chain_search.tries = literals > bytes / 2 ? chain_search.effort.few_tries : chain_search.effort.tries;
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

// The match at `at` of more than `best` bytes that is worth more than *worth, as length << 16 | distance, or 0. `at` is noted.
INLINE u32 chain_find(const u8 *at, u32 position, u32 best, u32 tries, u32 nice, i32 *worth) {
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
  for (; tries > 0; tries--) {
    u32 distance = (u16)(position - place);
    // A chain leads back; where it does not, its rest was overwritten.
    if (distance <= last || distance > HISTORY) break;
    last = distance;
    const u8 *from = at - distance;
    if (load32(from) == word && (best < HASHED || load32(from + best - 3) == load32(at + best - 3))) {
      u32 length = equal_bytes(at, from, HASHED, most);
      if (length > best) {
        i32 gain = match_worth(&literals, at, length, distance);
        if (gain > *worth) {
          *worth = gain;
          best = length;
          found = length << 16 | distance;
        }
        if (length >= nice) break;
      }
    }
    place = chain.before[place & (HISTORY - 1)];
  }
  return found;
}

static void __attribute__((noinline)) match_chain(u8 *limit) {
  u8 *at = match.at, *literals = match.literals;
  u32 position = position_of(at), symbols = match.symbols;
  const struct chain_effort effort = chain_search.effort;
  u32 tries = chain_search.tries;
  struct sequence *next_sequence = match.next;
  // Of the last bytes of all there are too few for a hash.
  u8 *last = match.end - at < HASHED ? at : match.end - HASHED + 1;
  u8 *stop = limit < last ? limit : last;
  while (at < stop) {
    i32 worth = 0;
    u32 found = chain_find(at, position, MIN_MATCH - 1, tries, effort.nice, &worth);
    at++;
    position++;
    if (found == 0) {
      match.part_counts[at[-1]]++;
      continue;
    }
    u8 *begin = at - 1;
    while (found >> 16 < effort.nice && at < stop) {
      u32 next = chain_find(at, position, (found >> 16) - 1, tries >> 1, effort.nice, &worth);
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
    u32 noted = effort.noted;
    if (end - at > (i32)(4 * noted)) {
      for (u32 i = 0; i < noted; i++) chain_insert(load32(at + i), position + i);
      position += (u32)(end - noted - at);
      at = end - noted;
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
