// Whether two parts of the stream are better two blocks than one: by the entropy of their symbols, and what one more header
// costs.
#ifndef DEFLATE_SPLIT_H
#define DEFLATE_SPLIT_H

#include "deflate_token.h"

enum {
  BIT = 256,  // of entropies
  // A header: the kind of block, the code of code lengths, then a length for each symbol in use.
  HEADER_BASE = 70 * BIT,
  HEADER_SYMBOL = 4 * BIT,
};

// n log2(n), in 1 / BIT. A parabola between powers of 2 is at most 0.008 off log2.
INLINE u64 n_log_n(u32 n) {
  if (n < 2) return 0;
  u32 whole = 31 - (u32)__builtin_clz(n), fraction = (u32)(((u64)n << 8 >> whole) & 255);
  return (u64)n * (whole * 256 + fraction + (fraction * (256 - fraction) * 88 >> 16));
}

struct entropy {
  u64 bits, sum;
  u32 used;
};

INLINE void add_symbol(struct entropy *e, u32 count) {
  e->bits += n_log_n(count);
  e->sum += count;
  e->used += count > 0;
}
INLINE u64 total_bits(const struct entropy *e) { return n_log_n((u32)e->sum) - e->bits + e->used * HEADER_SYMBOL; }

static bool split_pays(const u32 a[SYMBOLS], const u32 b[SYMBOLS]) {
  u64 apart = HEADER_BASE, joined = 0;
  for (u32 from = 0, to = LITERALS; from < SYMBOLS; from = to, to = SYMBOLS) {
    struct entropy first = {0}, second = {0}, both = {0};
    for (u32 s = from; s < to; s++) {
      add_symbol(&first, a[s]);
      add_symbol(&second, b[s]);
      add_symbol(&both, a[s] + b[s]);
    }
    apart += total_bits(&first) + total_bits(&second);
    joined += total_bits(&both);
  }
  return apart < joined;
}

#endif
