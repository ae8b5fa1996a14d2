// The filters of a strip of rows, for `smallest`: several ways of choosing are tried, and what each leaves is priced by a
// quick but real compression. The cheapest is taken.
//
// One filter for all rows is best where rows repeat (text, flat graphics: mostly none), a filter for each row where they
// change. The price of a row is that of its cheapest tokens, from matches of a hash table and costs by the tokens of the rows
// before, of which older ones count less and less. So a filter is preferred that leaves what the codes of the
// neighbourhood are good at, and what the window already has.
#ifndef FILTER_SEARCH_H
#define FILTER_SEARCH_H

#include "deflate_cost.h"
#include "filter.h"
#include "match_tree.h"

enum {
  SEARCH_HASH_BITS = 15,
  SEARCH_ROW_BITS = 12,
  SEARCH_MATCH = 4,    // bytes of the shortest match that is looked for
  SEARCH_LONG = 32,    // a match of which is taken without a look at what begins within
  SEARCH_PIECE = 4096, // bytes priced at once
  // Counts are kept in sixteenths, and costs are made anew after so many bytes.
  SEARCH_COUNT = 16,
  SEARCH_RENEW = 512,
};

// How the filter of a row is chosen: one for all, or the cheapest for each.
enum way_of_filtering { FOR_EACH_ROW = FILTERS, WAYS };

// What the tokens of the rows so far used, and cost.
struct search_costs {
  u32 counts[SYMBOLS];
  struct costs costs;
  u32 since;  // bytes, since the costs were made
};

struct search {
  struct search_costs at_start, now, best;  // of the strip; of the way that is tried; behind the best one
  u32 counts[SYMBOLS], best_counts[SYMBOLS];  // of a row
  u32 slots[1 << SEARCH_HASH_BITS];     // position + 1, of rows that are settled
  u32 row_slots[1 << SEARCH_ROW_BITS];  // likewise, of any row that was tried: a place to look at, no more
  u32 ways[SEARCH_PIECE + 1];
  found_match matches[SEARCH_PIECE];
};

static void search_begin(struct search *s) {
  tokens_prepare();
  struct search_costs *costs = &s->at_start;
  for (u32 i = 0; i < SYMBOLS; i++) {
    // Small differences are likely.
    u32 size = i < 128 ? i : 256 - i;
    costs->counts[i] = (i < 256 ? 100 * SEARCH_COUNT / (1 + size) : i < LITERALS ? 8 * SEARCH_COUNT : 4 * SEARCH_COUNT) + 8;
  }
  costs_of_counts(&costs->costs, costs->counts);
  costs->since = 0;
}

INLINE u32 search_hash(const u8 *at) { return load32(at) * 0x9e3779b1u; }

// Settles window[from..to) as what later rows may match.
NOINLINE void search_settle(struct search *s, const u8 *window, u32 from, u32 to) {
  for (u32 i = from; i < to; i++) s->slots[search_hash(window + i) >> (32 - SEARCH_HASH_BITS)] = i + 1;
}

INLINE u32 longer_match(const u8 *window, u32 at, u32 slot, u32 length, u32 limit, found_match *match) {
  u32 distance = at + 1 - slot;
  // A slot may hold a position ahead: of another filter.
  if (slot == 0 || slot > at || distance >= HISTORY || load32(window + slot - 1) != load32(window + at)) return length;
  u32 equal = tree_equal(window + slot - 1, window + at, SEARCH_MATCH, limit);
  if (equal <= length) return length;
  *match = found_of(equal, distance);
  return equal;
}

// Bits of window[at..at + n), in 1 / COST_BIT; s->counts gets what is used. n is at most SEARCH_PIECE.
NOINLINE u32 search_price(struct search *s, const u8 *window, u32 at, u32 n) {
  const struct costs *costs = &s->now.costs;
  u32 skip = 0;
  for (u32 i = 0; i < n; i++) {
    u32 limit = min_u32(n - i, MAX_MATCH), hash = search_hash(window + at + i), length = SEARCH_MATCH - 1;
    found_match match = 0;
    if (skip > 0) {
      skip--;
    } else if (limit >= SEARCH_MATCH) {
      u32 *row_slot = &s->row_slots[hash >> (32 - SEARCH_ROW_BITS)];
      length = longer_match(window, at + i, *row_slot, length, limit, &match);
      length = longer_match(window, at + i, s->slots[hash >> (32 - SEARCH_HASH_BITS)], length, limit, &match);
      if (length >= SEARCH_LONG) skip = length - 1;
      *row_slot = at + i + 1;
    }
    s->matches[i] = match;
  }
  s->ways[n] = 0;
  for (u32 i = n; i-- > 0;) {
    u32 best = s->ways[i + 1] + costs->literal[window[at + i]];
    found_match match = s->matches[i];
    if (match != 0) {
      u32 length = found_length(match);
      u32 way = costs->length[length] + costs->distance[found_slot(match)] + s->ways[i + length];
      if (way < best) best = way;
      else s->matches[i] = 0;
    }
    s->ways[i] = best;
  }
  for (u32 i = 0; i < n;) {
    found_match match = s->matches[i];
    if (match == 0) {
      s->counts[window[at + i++]]++;
    } else {
      s->counts[LENGTHS + length_slots[found_length(match)]]++;
      s->counts[LITERALS + found_slot(match)]++;
      i += found_length(match);
    }
  }
  return s->ways[0];
}

// Writes a row with its filter to window + at, and gives what it costs.
NOINLINE u64 search_row(struct search *s, u8 *window, u32 at, const u8 *row, const u8 *above, u32 bytes, u32 bpp, u32 filter, bool scalar) {
  window[at] = (u8)filter;
  filters[filter][scalar](window + at + 1, row, above, bytes, bpp);
  fill_bytes(s->counts, 0, sizeof s->counts);
  u64 cost = 0;
  for (u32 from = 0; from <= bytes; from += SEARCH_PIECE)
    cost += search_price(s, window, at + from, min_u32(bytes + 1 - from, SEARCH_PIECE));
  return cost;
}

// Takes in what a row used.
NOINLINE void search_learn(struct search_costs *costs, const u32 counts[SYMBOLS], u32 bytes) {
  for (u32 i = 0; i < SYMBOLS; i++) costs->counts[i] += counts[i] * SEARCH_COUNT;
  costs->since += bytes;
  if (costs->since < SEARCH_RENEW) return;
  costs->since = 0;
  costs_of_counts(&costs->costs, costs->counts);
  for (u32 i = 0; i < SYMBOLS; i++) costs->counts[i] -= costs->counts[i] / 5;
}

// Rows of `bytes` bytes, `pitch` from one to the next; those before the first lies above it.
struct strip {
  const u8 *rows;
  u32 count, bytes, pitch, bpp;
  bool scalar;
};

// Writes the strip to window + at, filtered in a way; of what was written before, `history` bytes count. Gives what it costs.
static u64 search_strip(struct search *s, u8 *window, u32 at, u32 history, const struct strip *strip, u32 way) {
  s->now = s->at_start;
  fill_bytes(s->slots, 0, sizeof s->slots);
  fill_bytes(s->row_slots, 0, sizeof s->row_slots);
  // The last three wait here too: what lies behind them is of another way, or of an earlier image.
  search_settle(s, window, at - min_u32(history, HISTORY), at > 3 ? at - 3 : 0);
  u64 all = 0;
  for (u32 y = 0; y < strip->count; y++, at += strip->bytes + 1) {
    const u8 *row = strip->rows + (size_t)y * strip->pitch, *above = row - strip->pitch;
    u32 best_filter = way, n = strip->bytes;
    u64 best = ~(u64)0;
    if (way < FILTERS) {
      best = search_row(s, window, at, row, above, n, strip->bpp, way, strip->scalar);
      search_learn(&s->now, s->counts, n + 1);
    } else {
      for (u32 filter = 0; filter < FILTERS; filter++) {
        u64 cost = search_row(s, window, at, row, above, n, strip->bpp, filter, strip->scalar);
        if (cost >= best) continue;
        best = cost;
        best_filter = filter;
        copy_bytes(s->best_counts, s->counts, sizeof s->counts);
      }
      window[at] = (u8)best_filter;
      filters[best_filter][strip->scalar](window + at + 1, row, above, n, strip->bpp);
      search_learn(&s->now, s->best_counts, n + 1);
    }
    // Four bytes make a place to look at: the last three of a row wait for the next.
    u32 to = at + n + 1;
    search_settle(s, window, at > 3 ? at - 3 : 0, to > 3 ? to - 3 : 0);
    all += best;
  }
  return all;
}

#endif
