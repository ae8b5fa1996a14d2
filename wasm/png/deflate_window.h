// What matchers share: the window, the sequences and counts that they fill, and how far bytes are equal.
//
// The window holds the last 32 kB that were compressed, the block in the making and what is still to be matched, in
// one piece. When there is no room behind, all of it moves to the front. Tables of positions have 16 bits for each, which
// count on over moves and wrap: a position of the past is a distance to now, and one above 32 kB is no distance. One that
// wrapped round looks nearer than it is, but what it finds is compared like everything else.
#ifndef DEFLATE_WINDOW_H
#define DEFLATE_WINDOW_H

#include "common/simd.h"
#include "deflate_block.h"

enum {
  // Bytes that a block of sequences may stand for. What repeats itself takes few bits, and a header for each block is dear there.
  BLOCK_BYTES = 1024 * 1024,
  WINDOW_BYTES = HISTORY + BLOCK_BYTES,
  READ_AHEAD = 64,  // what is read at once
  // Not matched before there is more, so that no match ends for want of bytes and no search looks beyond them.
  MARGIN = MAX_MATCH + READ_AHEAD,
  // Literals and matches between two decisions on whether a block ends, and the bytes they may stand for.
  PART_SYMBOLS = 16384,
  PART_BYTES = 256 * 1024,
  MAX_SEQUENCES = 3 * PART_SYMBOLS,
};

// In bytes: literals, those of a part more included, have at most 14 bits, matches with what is behind their codes 47.
enum { LARGEST_BLOCK = (MOST_LITERALS + 2 * PART_SYMBOLS) / 8 * LONGEST_LITERAL + MAX_SEQUENCES / 8 * 47 };
_Static_assert(LARGEST_BLOCK < OUTPUT_BYTES - 1024, "a block fits the output");

static u8 window[WINDOW_BYTES + READ_AHEAD] __attribute__((aligned(16)));
static struct sequence sequences[MAX_SEQUENCES];

static struct {
  u8 *start;       // of the block
  u8 *part;        // of the part in the making, behind those that are sure to be in the block
  u8 *literals;    // that are in no sequence yet; up to `at`
  u8 *at;          // what is not matched yet
  u8 *end;         // of what is there
  u32 left, row;   // how far back the pixel to the left and the row above are; row 0 where there are no rows
  u32 rows_from;   // position where a row begins
  u32 moved;       // position of the first byte of the window; wraps
  u32 symbols;     // of the part, less the literals that are in no sequence
  struct sequence *part_sequences, *next;
  u32 block_counts[SYMBOLS], part_counts[SYMBOLS];
} match;

INLINE u32 position_of(const u8 *at) { return (u32)(at - window) + match.moved; }

// How far back the row above is, from match.at up to *limit, which comes nearer where the first row of all ends; where there is
// no such row, or not within reach, the pixel to the left has to do.
INLINE u32 row_above(u8 **limit) {
  if (match.row < match.left || match.row > HISTORY) return match.left;
  if (match.at >= window + match.row) return match.row;
  if (*limit > window + match.row) *limit = window + match.row;
  return match.left;
}

// ---- equal bytes --------------------------------------------------------------------------------

// How many bytes are equal at both places, of at most `most`, where the first `n` are known to be. Reads less than 16
// bytes further.
INLINE u32 equal_bytes(const u8 *a, const u8 *b, u32 n, u32 most) {
  for (; n + 64 <= most; n += 64) {
    u8x16 equal = u8x16_eq(u8x16_load(a + n), u8x16_load(b + n));
    UNROLL for (u32 i = 16; i < 64; i += 16)
      equal = u8x16_and(equal, u8x16_eq(u8x16_load(a + n + i), u8x16_load(b + n + i)));
    if (!u8x16_all_true(equal)) break;
  }
  for (; n < most; n += 16) {
    u32 equal = u8x16_bitmask(u8x16_eq(u8x16_load(a + n), u8x16_load(b + n)));
    if (equal != 0xffff) {
      n += (u32)__builtin_ctz(~equal);
      break;
    }
  }
  return min_u32(n, most);
}

// ---- literals -----------------------------------------------------------------------------------

// Four tables, as one would wait for itself wherever a byte is repeated.
static u32 literal_counts[4][256];

static void __attribute__((noinline)) count_literals(const u8 *bytes, u32 n) {
  for (; n >= 8; n -= 8, bytes += 8) {
    u64 v = load64(bytes);
    literal_counts[0][v & 255]++;
    literal_counts[1][v >> 8 & 255]++;
    literal_counts[2][v >> 16 & 255]++;
    literal_counts[3][v >> 24 & 255]++;
    literal_counts[0][v >> 32 & 255]++;
    literal_counts[1][v >> 40 & 255]++;
    literal_counts[2][v >> 48 & 255]++;
    literal_counts[3][v >> 56]++;
  }
  for (; n > 0; n--) literal_counts[0][*bytes++]++;
}

// To the counts of the part.
static void gather_literals(void) {
  for (u32 i = 0; i < 256; i++) {
    match.part_counts[i] +=
        literal_counts[0][i] + literal_counts[1][i] + literal_counts[2][i] + literal_counts[3][i];
    literal_counts[0][i] = literal_counts[1][i] = literal_counts[2][i] = literal_counts[3][i] = 0;
  }
}

// ---- sequences ----------------------------------------------------------------------------------

// The bytes up to `to` are literals, those behind it a match; `to` may be the end of a part, and there is none.
NOINLINE void put_sequence(const u8 *to, token t) {
  u32 literals = (u32)(to - match.literals);
  if (literals < 16) for (const u8 *byte = match.literals; byte < to; byte++) match.part_counts[*byte]++;
  else count_literals(match.literals, literals);
  *match.next++ = (struct sequence){literals, t};
  match.symbols += literals + (t != 0);
  match.literals += literals + token_length(t);
  if (t != 0) count_match(match.part_counts, t);
}

// A match of any length, as several.
INLINE u8 *put_long_match(u8 *at, u32 length, u32 distance) {
  while (length > MAX_MATCH) {
    // None of the parts may be too short.
    u32 part = length < MAX_MATCH + MIN_MATCH ? MAX_MATCH - MIN_MATCH : MAX_MATCH;
    put_sequence(at, match_token(part, distance));
    at += part;
    length -= part;
  }
  put_sequence(at, match_token(length, distance));
  return at + length;
}

#endif
