// Groups of codes, section 6.2.2: tiles whose pixels are distributed alike share one.
#ifndef GROUPS_H
#define GROUPS_H

#include "coded.h"
#include "common/log2.h"

enum {
  MOST_GROUPS = 16,
  // About what a code takes in the file, in bits: itself and each of its symbols.
  CODE_BITS = 30,
  SYMBOL_BITS = 4,
};

// Bits in 1/256 that n symbols take with the best codes, and for these. No code is shorter than a bit, so that of a symbol that is
// more than half of all wastes some, and the others share what is behind the other bit.
static u64 cost_of_code(const u32 *counts, u32 n) {
  u64 cost = 0;
  u32 all = 0, used = 0, most = 0;
  for (u32 s = 0; s < n; s++) {
    u32 count = counts[s];
    if (count == 0) continue;
    all += count;
    used++;
    cost += (u64)count * log2_fine(count);
    if (count > most) most = count;
  }
  if (used < 2) return 4 * 256;
  u64 code = (CODE_BITS + used * SYMBOL_BITS) * 256;
  if (most <= all - most) return code + (u64)all * log2_fine(all) - cost;
  u32 rest = all - most;
  return code + (u64)all * 256 + (u64)rest * log2_fine(rest) - (cost - (u64)most * log2_fine(most));
}

// The bits behind the symbols of copies.
static u64 cost_of_extra(const u32 *counts) {
  u64 bits = 0;
  for (u32 s = 4; s < LENGTHS; s++) bits += (u64)counts[LENGTH + s] * extra_bits_of(s);
  for (u32 s = 4; s < DISTANCES; s++) bits += (u64)counts[DISTANCE + s] * extra_bits_of(s);
  return bits * 256;
}

static u64 cost_of_counts(const u32 *counts, u32 symbols) {
  return cost_of_extra(counts) + cost_of_code(counts + GREEN, symbols - GREEN) + cost_of_code(counts + RED, 256) + cost_of_code(counts + BLUE, 256) +
         cost_of_code(counts + OPACITY, 256) + cost_of_code(counts + DISTANCE, DISTANCES);
}

static void add_counts(u32 *to, const u32 *from, u32 symbols) {
  for (u32 s = 0; s < symbols; s++) to[s] += from[s];
}

static u32 merged[SYMBOLS];

// What two groups take fewer bits as one.
static i64 gain_of_merging(const u32 *a, u64 cost_a, const u32 *b, u64 cost_b, u32 symbols) {
  for (u32 s = 0; s < symbols; s++) merged[s] = a[s] + b[s];
  return (i64)(cost_a + cost_b) - (i64)cost_of_counts(merged, symbols);
}

// Merges neighbours in a list of counts, as long as it pays or there are more than `most`. to_group[i] is where i went; the
// counts of the groups come first then. Gives how many they are.
static u32 merge_neighbours(u32 *counts, u32 n, u32 symbols, u32 most, u8 *to_group) {
  static u64 costs[64];
  static i64 gains[64];
  static u8 begins[64 + 1];
  u32 groups = 0;
  for (u32 i = 0; i < n; i++) {
    u32 *own = counts + i * SYMBOLS;
    u32 pixels = 0;
    for (u32 s = GREEN; s < symbols; s++) pixels |= own[s];
    if (pixels == 0 && groups > 0) continue;
    if (i != groups) copy_bytes(counts + groups * SYMBOLS, own, symbols * sizeof(u32));
    begins[groups++] = (u8)(pixels == 0 ? 0 : i);
  }
  begins[0] = 0;
  for (u32 g = 0; g < groups; g++) costs[g] = cost_of_counts(counts + g * SYMBOLS, symbols);
#define GAIN(g) gain_of_merging(counts + (g) * SYMBOLS, costs[g], counts + ((g) + 1) * SYMBOLS, costs[(g) + 1], symbols)
  for (u32 g = 0; g + 1 < groups; g++) gains[g] = GAIN(g);
  while (groups > 1) {
    u32 best = 0;
    for (u32 g = 1; g + 1 < groups; g++)
      if (gains[g] > gains[best]) best = g;
    if (gains[best] <= 0 && groups <= most) break;
    add_counts(counts + best * SYMBOLS, counts + (best + 1) * SYMBOLS, symbols);
    costs[best] = cost_of_counts(counts + best * SYMBOLS, symbols);
    for (u32 g = best + 1; g + 1 < groups; g++) {
      copy_bytes(counts + g * SYMBOLS, counts + (g + 1) * SYMBOLS, symbols * sizeof(u32));
      costs[g] = costs[g + 1];
      gains[g] = gains[g + 1];
      begins[g] = begins[g + 1];
    }
    groups--;
    if (best > 0) gains[best - 1] = GAIN(best - 1);
    if (best + 1 < groups) gains[best] = GAIN(best);
  }
#undef GAIN
  for (u32 i = 0, g = 0; i < n; i++) {
    while (g + 1 < groups && begins[g + 1] <= i) g++;
    to_group[i] = (u8)g;
  }
  return groups;
}

#endif
