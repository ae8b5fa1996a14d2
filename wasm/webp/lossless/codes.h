// The prefix codes of a group of symbols, section 6.2.1: made of counts, and how they are written.
#ifndef CODES_H
#define CODES_H

#include "common/canonical_code.h"
#include "out.h"
#include "symbols.h"

enum { LONGEST = 15, LONGEST_OF_LENGTHS = 7, LENGTH_SYMBOLS = 19, REPEAT = 16, ZEROS = 17, MANY_ZEROS = 18 };

// The lengths of a code as they are written: symbols with the bits behind them.
static struct {
  u32 count, counts[LENGTH_SYMBOLS];
  u8 symbols[GREENS], extra[GREENS];
} plan;

INLINE u32 plan_extra_bits(u32 symbol) { return symbol == MANY_ZEROS ? 7 : symbol == ZEROS ? 3 : symbol == REPEAT ? 2 : 0; }

static void plan_put(u32 symbol, u32 extra) {
  plan.symbols[plan.count] = (u8)symbol;
  plan.extra[plan.count++] = (u8)extra;
  plan.counts[symbol]++;
}

// Unlike in deflate, what is repeated is the last length that is not 0, and 8 before there is one.
COLD static void plan_lengths(const u8 *lengths, u32 n) {
  plan.count = 0;
  fill_bytes(plan.counts, 0, sizeof plan.counts);
  u32 last = 8;
  for (u32 at = 0, end; at < n; at = end) {
    u32 length = lengths[at];
    for (end = at + 1; end < n && lengths[end] == length;) end++;
    u32 run = end - at;
    if (length == 0) {
      for (; run >= 11; run -= min_u32(run, 138)) plan_put(MANY_ZEROS, min_u32(run, 138) - 11);
      if (run >= 3) {
        plan_put(ZEROS, run - 3);
        run = 0;
      }
    } else {
      if (length != last) {
        plan_put(length, 0);
        run--;
      }
      last = length;
      for (u32 part; run >= 3; run -= part) {
        part = run == 7 ? 4 : min_u32(run, 6);
        plan_put(REPEAT, part - 3);
      }
    }
    for (; run > 0; run--) plan_put(length, 0);
  }
}

COLD static void put_planned(void) {
  static const u8 order[LENGTH_SYMBOLS] = {17, 18, 0, 1, 2, 3, 4, 5, 16, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  u8 lengths[LENGTH_SYMBOLS];
  u32 codes[LENGTH_SYMBOLS], used = 0, written = LENGTH_SYMBOLS;
  code_lengths(lengths, plan.counts, LENGTH_SYMBOLS, LONGEST_OF_LENGTHS);
  make_codes(codes, lengths, LENGTH_SYMBOLS);
  for (u32 s = 0; s < LENGTH_SYMBOLS; s++) used += plan.counts[s] > 0;
  // A code of one symbol takes no bits.
  if (used == 1)
    for (u32 s = 0; s < LENGTH_SYMBOLS; s++) {
      lengths[s] = plan.counts[s] > 0;
      codes[s] = 0;
    }
  while (written > 4 && lengths[order[written - 1]] == 0) written--;
  put(written - 4, 4);
  for (u32 i = 0; i < written; i++) put(lengths[order[i]], 3);

  // Zeros at the end may be left out, where to tell how many symbols come costs less.
  u32 kept = plan.count, saved = 0;
  while (kept > 0 && (plan.symbols[kept - 1] == 0 || plan.symbols[kept - 1] >= ZEROS)) {
    kept--;
    saved += (codes[plan.symbols[kept]] & 255) + plan_extra_bits(plan.symbols[kept]);
  }
  u32 pairs = 1;
  while (kept >= 2 && (kept - 2) >> (2 * pairs) > 0) pairs++;
  bool trimmed = kept >= 2 && saved > 3 + 2 * pairs;
  put(trimmed, 1);
  if (trimmed) {
    put(pairs - 1, 3);
    put(kept - 2, 2 * pairs);
  }
  u32 count = trimmed ? kept : plan.count;
  for (u32 i = 0; i < count; i++) {
    u32 symbol = plan.symbols[i], code = codes[symbol], length = code & 255;
    put(code >> 8 | (u32)plan.extra[i] << length, length + plan_extra_bits(symbol));
  }
}

// Writes the code for n symbols by their counts, and makes it: codes[s] is the code << 8 | its length. Both may be the same array.
COLD static void put_code(u32 *codes, const u32 *counts, u32 n) {
  static u8 lengths[GREENS];
  u32 used = 0, symbols[2] = {0, 0};
  for (u32 s = 0; s < n; s++)
    if (counts[s] > 0) {
      if (used < 2) symbols[used] = s;
      used++;
    }
  if (used <= 2 && symbols[0] < 256 && symbols[1] < 256) {
    for (u32 s = 0; s < n; s++) codes[s] = 0;
    if (used == 2) {
      codes[symbols[0]] = 1;
      codes[symbols[1]] = 1 << 8 | 1;
    }
    bool wide = symbols[0] > 1;
    put(1 | (used == 2) << 1 | wide << 2, 3);
    put(symbols[0], wide ? 8 : 1);
    if (used == 2) put(symbols[1], 8);
    return;
  }
  code_lengths(lengths, counts, n, LONGEST);
  if (used == 1) {
    for (u32 s = 0; s < n; s++) lengths[s] = counts[s] > 0;
    for (u32 s = 0; s < n; s++) codes[s] = 0;
  } else {
    make_codes(codes, lengths, n);
  }
  put(0, 1);
  plan_lengths(lengths, n);
  put_planned();
}

// The five codes of a group, in the order of section 6.2.2.
COLD static void put_group(u32 *codes, const u32 *counts, u32 cache_bits) {
  put_code(codes + GREEN, counts + GREEN, symbols_of(cache_bits) - GREEN);
  put_code(codes + RED, counts + RED, 256);
  put_code(codes + BLUE, counts + BLUE, 256);
  put_code(codes + OPACITY, counts + OPACITY, 256);
  put_code(codes + DISTANCE, counts + DISTANCE, DISTANCES);
}

#endif
