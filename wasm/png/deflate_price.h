// What literals and matches are likely to cost, by the codes that the part before would have had: whether a match pays.
//
// Where literals are cheap, as on filtered photographs, a short match far back costs more than what it stands for. A match
// is worth what its literals cost, less its own price.
#ifndef DEFLATE_PRICE_H
#define DEFLATE_PRICE_H

#include "deflate_split.h"

enum {
  PRICE_BIT = 8,  // one bit
  PRICE_MOST = 15 * PRICE_BIT,
  // The literals of longer matches are not looked at one by one.
  PRICED = 24,
};

static struct {
  u8 literals[256];
  u8 lengths[MAX_MATCH + 1];  // with the bits behind the code
  u8 distances[DISTANCES];    // likewise
  u32 average;                // of literals
} price;

// Of a symbol, from n log n of its count.
INLINE u8 price_of(u32 count, u32 total_log) {
  if (count == 0) return PRICE_MOST;
  i32 bits = (i32)(total_log - (u32)(n_log_n(count) / count)) * PRICE_BIT / BIT;
  return (u8)(bits < PRICE_BIT ? PRICE_BIT : bits > PRICE_MOST ? PRICE_MOST : bits);
}

INLINE u32 sum_counts(const u32 *counts, u32 n) {
  u32 sum = 0;
  for (u32 i = 0; i < n; i++) sum += counts[i];
  return sum;
}

static void price_lengths(const u8 slots[LITERALS - LENGTHS]) {
  for (u32 n = MIN_MATCH; n <= MAX_MATCH; n++)
    price.lengths[n] = (u8)(slots[length_slots[n]] + length_extra[length_slots[n]] * PRICE_BIT);
}

// Before anything is known.
static void price_begin(u32 literal_bits) {
  u8 slots[LITERALS - LENGTHS];
  fill_bytes(price.literals, (u8)(literal_bits * PRICE_BIT), sizeof price.literals);
  fill_bytes(slots, 6 * PRICE_BIT, sizeof slots);
  price_lengths(slots);
  for (u32 s = 0; s < DISTANCES; s++) price.distances[s] = (u8)((4 + distance_extra(s)) * PRICE_BIT);
  price.average = literal_bits * PRICE_BIT;
}

COLD static void price_update(const u32 counts[SYMBOLS]) {
  u8 slots[LITERALS - LENGTHS];
  u32 all = sum_counts(counts, LITERALS) + 1, literals = sum_counts(counts, 256), matches = sum_counts(counts + LITERALS, DISTANCES);
  u32 all_log = (u32)(n_log_n(all) / all), match_log = matches < 2 ? 0 : (u32)(n_log_n(matches) / matches);
  u64 sum = 0;
  for (u32 i = 0; i < 256; i++) {
    price.literals[i] = price_of(counts[i], all_log);
    sum += (u64)price.literals[i] * counts[i];
  }
  if (literals > 0) price.average = (u32)(sum / literals);
  // With few matches their codes say little.
  if (matches < 32) return;
  for (u32 i = 0; i < sizeof slots; i++) slots[i] = price_of(counts[LENGTHS + i] + 1, all_log + BIT / 2);
  price_lengths(slots);
  for (u32 i = 0; i < DISTANCES; i++)
    price.distances[i] = (u8)(price_of(counts[LITERALS + i] + 1, match_log + BIT / 2) + distance_extra(i) * PRICE_BIT);
}

// What literals from `at` on cost, summed up as far as they were asked for.
struct literal_prices {
  u32 sum, n;
};

INLINE i32 match_worth(struct literal_prices *literals, const u8 *at, u32 length, u32 distance) {
  u32 priced = min_u32(length, PRICED);
  for (; literals->n < priced; literals->n++) literals->sum += price.literals[at[literals->n]];
  return (i32)(literals->sum + (length - priced) * price.average) - price.lengths[length] -
         price.distances[distance_slot(distance)];
}

#endif
