// Codes whose lengths tell them: RFC 1951, section 3.2.2, and section 3.7.2 of the WebP lossless bitstream.
#ifndef CANONICAL_CODE_H
#define CANONICAL_CODE_H

#include "prefix_code.h"

// The best lengths for counts[0..n), 0 for what does not occur. Two symbols get a code in any case: decoders may ask
// for a complete code, and one symbol has none.
static void code_lengths(u8 *lengths, const u32 *counts, u32 n, u32 longest) {
  static u64 keys[MOST_SYMBOLS];
  u32 used = 0, depths[DEEPEST + 1];
  for (u32 s = 0; s < n; s++) {
    lengths[s] = 0;
    if (counts[s] > 0) keys[used++] = (u64)counts[s] << 16 | s;
  }
  if (used < 2) {
    u32 first = used == 1 ? (u32)(keys[0] & 0xffff) : 0;
    lengths[first] = 1;
    lengths[first == 0 ? 1 : 0] = 1;
    return;
  }
  sort_keys(keys, used);
  code_depths(keys, used, depths);
  limit_depths(depths, longest);
  for (u32 length = longest, i = 0; length > 0; length--)
    for (u32 k = depths[length]; k > 0; k--) lengths[keys[i++] & 0xffff] = (u8)length;
}

// Codes of one length are consecutive, in the order of symbols, their highest bit written first.
// codes[s] is the code << 8 | its length.
static void make_codes(u32 *codes, const u8 *lengths, u32 n) {
  u32 next[16], counts[16] = {0};
  for (u32 s = 0; s < n; s++) counts[lengths[s]]++;
  counts[0] = 0;
  next[0] = 0;
  for (u32 i = 1; i < 16; i++) next[i] = (next[i - 1] + counts[i - 1]) << 1;
  for (u32 s = 0; s < n; s++) {
    u32 length = lengths[s];
    codes[s] = length == 0 ? 0 : (u32)(__builtin_bitreverse16((u16)next[length]++) >> (16 - length)) << 8 | length;
  }
}

#endif
