// The codes of a block: RFC 1951, sections 3.2.2 and 3.2.5 to 3.2.7.
//
// From the counts of its symbols a block gets the best code lengths, those get the cheapest way of writing them, and
// only then the codes, as the lengths already tell what the block costs to the bit.
#ifndef HUFFMAN_H
#define HUFFMAN_H

#include "bits.h"
#include "common/canonical_code.h"
#include "deflate_token.h"

enum {
  // The format has 15 bits. One less costs nothing that could be measured, and four literals then fit 64 bits
  // behind up to 7 that wait (deflate_block.h).
  LONGEST_LITERAL = 14,
  LONGEST_DISTANCE = 15,
  LONGEST_LENGTH = 7,  // of codes for code lengths
  LENGTH_CODES = 19,
};

// ---- the header of a block ----------------------------------------------------------------------

// Lengths as they are written: a symbol and the value of the bits behind it.
struct block_codes {
  u8 lengths[SYMBOLS];
  u32 literals, distances;  // how many of them are written: HLIT, HDIST
  u32 count;
  u8 symbols[SYMBOLS], extra[SYMBOLS];
  u8 symbol_lengths[LENGTH_CODES];
  u32 symbol_count;  // HCLEN
  u32 header_bits;   // without the three that tell the kind of block
};

// Section 3.2.7: 16 repeats a length 3 to 6 times, 17 and 18 are 3 to 10 and 11 to 138 zeros.
static const u8 header_order[LENGTH_CODES] = {16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15};
INLINE u32 header_extra(u32 symbol) { return symbol == 18 ? 7 : symbol == 17 ? 3 : symbol == 16 ? 2 : 0; }

INLINE void header_symbol(struct block_codes *c, u32 *counts, u32 symbol, u32 extra) {
  c->symbols[c->count] = (u8)symbol;
  c->extra[c->count++] = (u8)extra;
  counts[symbol]++;
}

static void header_run(struct block_codes *c, u32 *counts, u32 length, u32 run) {
  if (length == 0) {
    for (; run >= 11; run -= min_u32(run, 138)) header_symbol(c, counts, 18, min_u32(run, 138) - 11);
    if (run >= 3) {
      header_symbol(c, counts, 17, run - 3);
      return;
    }
  } else {
    header_symbol(c, counts, length, 0);
    // 7 more are better 4 and 3 than 6 and one.
    for (run--; run >= 3;) {
      u32 part = run == 7 ? 4 : min_u32(run, 6);
      header_symbol(c, counts, 16, part - 3);
      run -= part;
    }
  }
  for (; run > 0; run--) header_symbol(c, counts, length, 0);
}

// How the lengths are written.
static void plan_header(struct block_codes *c) {
  u32 counts[LENGTH_CODES] = {0};
  u8 all[SYMBOLS];
  c->literals = LITERALS;
  while (c->lengths[c->literals - 1] == 0) c->literals--;
  if (c->literals < LENGTHS) c->literals = LENGTHS;
  c->distances = DISTANCES;
  while (c->distances > 1 && c->lengths[LITERALS + c->distances - 1] == 0) c->distances--;
  // One sequence of lengths: a run may go from the one code to the other.
  copy_bytes(all, c->lengths, c->literals);
  copy_bytes(all + c->literals, c->lengths + LITERALS, c->distances);
  c->count = 0;
  for (u32 at = 0, end, n = c->literals + c->distances; at < n; at = end) {
    for (end = at + 1; end < n && all[end] == all[at];) end++;
    header_run(c, counts, all[at], end - at);
  }
  code_lengths(c->symbol_lengths, counts, LENGTH_CODES, LONGEST_LENGTH);
  c->symbol_count = LENGTH_CODES;
  while (c->symbol_count > 4 && c->symbol_lengths[header_order[c->symbol_count - 1]] == 0) c->symbol_count--;
  c->header_bits = 5 + 5 + 4 + 3 * c->symbol_count;
  for (u32 s = 0; s < LENGTH_CODES; s++) c->header_bits += counts[s] * (c->symbol_lengths[s] + header_extra(s));
}

static void write_header(const struct block_codes *c) {
  u32 codes[LENGTH_CODES];
  put_bits(&out, (c->literals - 257) | (c->distances - 1) << 5 | (c->symbol_count - 4) << 10, 14);
  for (u32 i = 0; i < c->symbol_count; i++) put_bits(&out, c->symbol_lengths[header_order[i]], 3);
  make_codes(codes, c->symbol_lengths, LENGTH_CODES);
  for (u32 i = 0; i < c->count; i++) {
    u32 code = codes[c->symbols[i]], length = code & 255;
    put_bits(&out, code >> 8 | (u32)c->extra[i] << length, length + header_extra(c->symbols[i]));
  }
}

// The codes of section 3.2.6, for blocks too short for their own.
static void fixed_lengths(u8 lengths[SYMBOLS]) {
  fill_bytes(lengths, 8, 144);
  fill_bytes(lengths + 144, 9, 256 - 144);
  fill_bytes(lengths + 256, 7, 280 - 256);
  fill_bytes(lengths + 280, 8, LITERALS - 280);
  fill_bytes(lengths + LITERALS, 5, DISTANCES);
}

#endif
