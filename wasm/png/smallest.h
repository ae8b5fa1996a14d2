// `smallest`, from rows to a zlib stream: rows are kept until they make a strip, its filters are searched
// (filter_search.h), and the strip is compressed as well as it can be (deflate_optimal.h).
//
// Where strips compress well, by matches more than by codes, the prices of the search are a weak judge: there the best ways of
// filtering are all compressed in earnest, and the smallest stays. On photographs the prices decide.
//
// Memory is that of a strip, whatever the image: about 6 MB.
#ifndef SMALLEST_H
#define SMALLEST_H

#include "checksum.h"
#include "deflate_optimal.h"
#include "filter_search.h"

enum {
  // Rows have as many bytes of 0 before them, for pixels to the left of the first one.
  ROW_FRONT = 16,
  MOST_STRIP_ROWS = SEGMENT / 2,
  // Bits a byte, in 1 / COST_BIT, below which ways of filtering are compressed in earnest.
  TRIAL_BITS = 40,
};

static struct smallest {
  struct search search;
  struct optimal optimal;
  struct tree tree;  // of before a trial
  u32 adler;
  u32 filter;  // enum png_filter
  bool scalar;
  u32 bpp, pitch, strip_bytes;
  u8 types[MOST_STRIP_ROWS];  // filters of the rows
  // The strip. The first row lies above it.
  u8 *rows;
  u32 row_bytes, row_count;
  // The window: what is compressed, up to `done`, and what is filtered, up to `end`.
  u8 *window;
  u32 done, end;
  bool filtered;  // the strip is in the window
} *smallest;

static u32 aligned_16(u32 n) { return (n + 15) & ~15u; }

// A strip has at least one row.
static u32 smallest_strip_bytes(u32 longest_row) {
  return longest_row + 1 > SEGMENT - OPTIMAL_MARGIN ? longest_row + 1 : SEGMENT - OPTIMAL_MARGIN;
}
// Of the rows of a strip, whatever their length: those of at least a byte take 32 at most.
static u64 smallest_rows_bytes(u32 longest_row) {
  return (u64)smallest_strip_bytes(longest_row) + 3 * (u64)ROW_FRONT * MOST_STRIP_ROWS + 2 * (u64)longest_row + 64;
}

#endif
