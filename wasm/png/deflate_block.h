// A block of the stream, RFC 1951 section 3.2.3: what it costs as each kind, then the cheapest.
//
// From counts to bits:
//
//   plan_block(counts, bytes)    chooses the kind and knows what it costs, to the bit
//   block_fits()                 whether the output has room for it; if not, it is drained first
//   begin_block(last)            header and codes
//   write_tokens / write_sequences, once or in parts
//   end_block()
//
// or, where the plan is STORED, write_stored alone. As a block that is not stored is smaller than one that is, its
// bytes are what the output must have room for: MAX_BLOCK.
#ifndef DEFLATE_BLOCK_H
#define DEFLATE_BLOCK_H

#include "huffman.h"

enum {
  MAX_BLOCK = OUTPUT_BYTES - 1024,  // bytes that a block may stand for
  MAX_STORED = 65535,               // of one stored block; longer ones are several
  // Literals of a block. Nothing in RFC 1951 bounds them, but an inflater in wide use, fflate's for streams, makes room for
  // so many bytes at the beginning of a block and at each match, and loses what is more.
  MOST_LITERALS = 1 << 17,
};

enum block_kind { STORED = 0, FIXED = 1, DYNAMIC = 2 };

static struct {
  struct block_codes codes;
  enum block_kind kind;
  u64 bits;  // with the three that tell the kind
  // code << 8 | its length, of literals and the end of the block;
  u32 literals[LENGTHS];
  // of a length with the bits behind it, by the length;
  u32 lengths[MAX_MATCH + 1];
  // of the symbol of a distance, without.
  u32 distances[DISTANCES];
} block;

// ---- cost ---------------------------------------------------------------------------------------

// Bits behind the codes of lengths and distances.
static u64 extra_bits(const u32 counts[SYMBOLS]) {
  u64 bits = 0;
  for (u32 i = 8; i < LITERALS - LENGTHS; i++) bits += (u64)counts[LENGTHS + i] * length_extra[i];
  for (u32 i = 4; i < DISTANCES; i++) bits += (u64)counts[LITERALS + i] * distance_extra(i);
  return bits;
}

static u64 code_bits(const u32 counts[SYMBOLS], const u8 lengths[SYMBOLS]) {
  u64 bits = 0;
  for (u32 s = 0; s < SYMBOLS; s++) bits += (u64)counts[s] * lengths[s];
  return bits;
}

// Bits of a stored block, from where the output is now.
static u64 stored_bits(u32 bytes) {
  u32 parts = bytes == 0 ? 1 : (bytes + MAX_STORED - 1) / MAX_STORED;
  return (u64)bytes * 8 + (u64)parts * (3 + 32) + (-(out.used + 3) & 7) + (parts - 1) * 5;
}

static void plan_stored(u32 bytes) {
  block.kind = STORED;
  block.bits = stored_bits(bytes);
}

// Of a block that stands for so many bytes, at most MAX_BLOCK; the end of the block is counted here.
static void plan_block(u32 counts[SYMBOLS], u32 bytes) {
  counts[END_OF_BLOCK] = 1;
  code_lengths(block.codes.lengths, counts, LITERALS, LONGEST_LITERAL);
  code_lengths(block.codes.lengths + LITERALS, counts + LITERALS, DISTANCES, LONGEST_DISTANCE);
  plan_header(&block.codes);
  u64 extra = 3 + extra_bits(counts);
  block.kind = DYNAMIC;
  block.bits = extra + block.codes.header_bits + code_bits(counts, block.codes.lengths);
  u8 lengths[SYMBOLS];
  fixed_lengths(lengths);
  u64 fixed = extra + code_bits(counts, lengths);
  if (fixed <= block.bits) {
    block.kind = FIXED;
    block.bits = fixed;
  }
  if (stored_bits(bytes) <= block.bits) plan_stored(bytes);
}

static bool block_fits(void) { return block.bits / 8 + 1 <= output_room(); }

// ---- codes --------------------------------------------------------------------------------------

static void prepare_codes(const u32 *codes) {
  copy_bytes(block.literals, codes, sizeof block.literals);
  for (u32 length = MIN_MATCH, slot = 0; slot < LITERALS - LENGTHS; slot++) {
    u32 code = codes[LENGTHS + slot] >> 8, bits = codes[LENGTHS + slot] & 255, extra = length_extra[slot];
    // The last length of all has a symbol of its own, though that before it could have it as well.
    for (u32 i = 0; i < 1u << extra && (length < MAX_MATCH || extra == 0); i++)
      block.lengths[length++] = (code | i << bits) << 8 | (bits + extra);
  }
}

COLD static void begin_block(bool last) {
  put_bits(&out, (u32)last | (u32)block.kind << 1, 3);
  // The fixed code has two symbols more, which are never used but have their place.
  u32 codes[LITERALS + 2];
  if (block.kind == FIXED) {
    u8 lengths[SYMBOLS];
    fixed_lengths(lengths);
    fill_bytes(lengths + LITERALS, 8, 2);
    make_codes(codes, lengths, LITERALS + 2);
    fill_bytes(lengths, 5, DISTANCES);
    make_codes(block.distances, lengths, DISTANCES);
  } else {
    write_header(&block.codes);
    make_codes(codes, block.codes.lengths, LITERALS);
    make_codes(block.distances, block.codes.lengths + LITERALS, DISTANCES);
  }
  prepare_codes(codes);
}

static void end_block(void) { put_bits(&out, block.literals[END_OF_BLOCK] >> 8, block.literals[END_OF_BLOCK] & 255); }

// ---- contents -----------------------------------------------------------------------------------

// Behind at most 7 bits a match is at most 14 + 5 + 15 + 13 bits.
INLINE void put_match(struct bit_writer *w, token match) {
  u32 length = block.lengths[token_length(match)], distance = token_distance(match), slot = distance_slot(distance);
  u32 code = block.distances[slot], extra = distance_extra(slot), mask = (1u << extra) - 1;
  add_bits(w, length >> 8, length & 255);
  // From distance 5 on, the extra bits are the low ones of distance - 1.
  add_bits(w, code >> 8 | (u64)((distance - 1) & mask) << (code & 255), (code & 255) + extra);
  store_bits(w);
}

INLINE void put_literal(struct bit_writer *w, u8 byte) {
  add_bits(w, block.literals[byte] >> 8, block.literals[byte] & 255);
}

// Two codes as one.
INLINE u64 join_codes(u32 a, u32 b) { return (a >> 8) | (u64)(b >> 8) << (a & 63); }

// Four literals: at most 56 bits. The lengths add up in the lowest byte of the sum of the entries.
INLINE void put_literals_x4(struct bit_writer *w, const u8 *bytes) {
  u32 a = block.literals[bytes[0]], b = block.literals[bytes[1]];
  u32 c = block.literals[bytes[2]], d = block.literals[bytes[3]];
  add_bits(w, join_codes(a, b) | join_codes(c, d) << ((a + b) & 63), (a + b + c + d) & 63);
  store_bits(w);
}

static inline void __attribute__((noinline)) write_tokens(const token *tokens, u32 n) {
  struct bit_writer w = out;
  for (const token *end = tokens + n; tokens < end; tokens++) {
    if (is_literal(*tokens)) {
      put_literal(&w, (u8)*tokens);
      store_bits(&w);
    } else {
      put_match(&w, *tokens);
    }
  }
  out = w;
}

// Literals, as they lie in the window, and the match behind them; none where it is 0.
struct sequence {
  u32 literals;
  token match;
};

// Gives the end of the bytes that were written.
static const u8 *__attribute__((noinline)) write_sequences(const struct sequence *from, u32 n, const u8 *bytes) {
  struct bit_writer w = out;
  for (const struct sequence *end = from + n; from < end; from++) {
    u32 literals = from->literals;
    for (; literals >= 4; literals -= 4, bytes += 4) put_literals_x4(&w, bytes);
    if (literals > 0) {
      put_literal(&w, *bytes++);
      if (literals > 1) put_literal(&w, *bytes++);
      if (literals > 2) put_literal(&w, *bytes++);
      store_bits(&w);
    }
    if (from->match != 0) {
      put_match(&w, from->match);
      bytes += token_length(from->match);
    }
  }
  out = w;
  return bytes;
}

// Section 3.2.4, in as many blocks as it takes; none of them need be the last.
static void write_stored(const u8 *bytes, u32 n, bool last) {
  do {
    u32 part = min_u32(n, MAX_STORED);
    n -= part;
    put_bits(&out, last && n == 0, 3);
    align_bits();
    put_bits(&out, part | (~part & 0xffff) << 16, 32);
    copy_bytes(out.next, bytes, part);
    out.next += part;
    bytes += part;
  } while (n > 0);
}

#endif
