// What a filter is worth, by trying it on a sample: a tile of the image is filtered, and the bits that deflate would need
// for it are estimated by a simple matcher and the entropy of what it leaves.
//
// Sums of absolute differences tell which filter foretells best, but not whether text repeats itself exactly, which any
// filter but none hides. On photographs the matcher finds little and filtered bytes have little entropy; on text it is the
// other way round.
#ifndef SAMPLE_H
#define SAMPLE_H

#include "convert.h"
#include "filter.h"

enum { TILE_WIDTH = 256, TILE_HEIGHT = 16, TILE_PIXELS = TILE_WIDTH * TILE_HEIGHT, TILE_TALLEST = 32 };
// A row of the tile has 16 bytes of 0 before it, and there is a row of 0 above.
enum { TILE_BYTES = (16 + TILE_WIDTH * PIXEL_BYTES) * (TILE_HEIGHT + 1) };
_Static_assert(TILE_BYTES >= (16 + 128 * PIXEL_BYTES) * (TILE_TALLEST + 1), "the highest tiles fit");
enum { SAMPLE_SLOTS = 4096, SAMPLE_MATCH = 4, SAMPLE_RUN = 8, REACH = 32768 };
// Matches of so many bytes cost less than these at a bit each, however far they go back: 9 bits and the 14 that are extra.
enum { SAMPLE_SURE = 24 };
// In 1/256 bits: of a length and the first two bits of a distance; of telling the length of a literal's code.
enum { MATCH_PRICE = 9 * 256, CODE_PRICE = 4 * 256 };

static struct {
  u8 pixels[TILE_BYTES] __attribute__((aligned(16)));
  u8 filtered[TILE_PIXELS * PIXEL_BYTES];
  u32 width, height;        // in pixels
  u32 row, bpp, pitch;      // bytes
  u32 stretch;
  u32 literals, codes;      // that the last trial left, and how many different ones
  u16 slots[SAMPLE_SLOTS];  // position + 1 of the last four bytes with this hash
  u32 counts[256], prices[256];
} sample;

// log2 in 1/256, the fraction as a straight line between powers of 2: at most 0.09 short.
INLINE u32 log2_256(u32 n) {
  u32 whole = 31 - (u32)__builtin_clz(n);
  return whole * 256 + (u32)(((u64)n << 8 >> whole) & 255);
}

// What a literal of each value costs, in 1/256 bits, by the counts: no less than one bit.
static void price_literals(void) {
  u32 literals = 0;
  for (u32 i = 0; i < 256; i++) literals += sample.counts[i];
  u32 all = literals > 0 ? log2_256(literals) : 0;
  for (u32 i = 0; i < 256; i++) {
    u32 price = sample.counts[i] > 0 ? all - log2_256(sample.counts[i]) : all;
    sample.prices[i] = price < 256 ? 256 : price;
  }
}

// Bits of the literals that were counted, and of the lengths of their codes.
static u64 literal_bits(void) {
  u64 cost = 0;
  price_literals();
  sample.codes = 0;
  for (u32 i = 0; i < 256; i++) {
    cost += (u64)sample.counts[i] * sample.prices[i];
    sample.codes += sample.counts[i] > 0;
  }
  return cost + (u64)sample.codes * CODE_PRICE;
}

static u32 matches_of(u32 length) { return (length + 257) / 258; }

// How many of at most n bytes are equal at both places.
INLINE u32 equal_run(const u8 *a, const u8 *b, u32 n) {
  u32 at = 0;
  for (; at + 8 <= n; at += 8) {
    u64 differ = load64(a + at) ^ load64(b + at);
    if (differ != 0) return at + ((u32)__builtin_ctzll(differ) >> 3);
  }
  while (at < n && a[at] == b[at]) at++;
  return at;
}

// Bits of the n bytes that were filtered, in 1/256, where nothing is sought but runs of one byte.
static u64 bits_by_runs(u32 n) {
  const u8 *bytes = sample.filtered;
  fill_bytes(sample.counts, 0, sizeof sample.counts);
  u64 cost = 0;
  for (u32 at = 0; at < n;) {
    u8 byte = bytes[at++];
    sample.counts[byte]++;
    if (at + SAMPLE_RUN > n || load64(bytes + at) != byte * 0x0101010101010101ull) continue;
    u32 length = equal_run(bytes + at, bytes + at - 1, n - at);
    cost += MATCH_PRICE * matches_of(length);
    at += length;
  }
  return cost + literal_bits();
}

// The same with matches of strings, of those that cost less than their literals would by how often each byte occurs. A match that
// goes back a row or more goes back `stretch` / 256 as far in the image, whose rows are longer than those of the tile; one that
// leaves the window there does not exist.
static u64 bits_by_strings(u32 n) {
  const u8 *bytes = sample.filtered;
  fill_bytes(sample.slots, 0, sizeof sample.slots);
  fill_bytes(sample.counts, 0, sizeof sample.counts);
  // By one byte of five, which are all bytes of a pixel in turn.
  for (u32 i = 0; i < n; i += 5) sample.counts[bytes[i]]++;
  price_literals();
  fill_bytes(sample.counts, 0, sizeof sample.counts);
  u64 cost = 0;
  u32 at = 0, missed = 0, matched = 0;
  while (at + SAMPLE_MATCH <= n) {
    u32 word = load32(bytes + at), slot = word * 0x9e3779b1u >> 20;
    u32 from = sample.slots[slot];
    sample.slots[slot] = (u16)(at + 1);
    if (from != 0 && load32(bytes + from - 1) == word) {
      u32 distance = at - (from - 1), far = distance < sample.row ? distance : (u32)((u64)distance * sample.stretch >> 8);
      if (far <= REACH) {
        // All bits of the distance but the first two are extra.
        u32 bits = log2_256(far), price = MATCH_PRICE + (bits > 256 ? bits - 256 : 0), saved = 0;
        u32 length = equal_run(bytes + at, bytes + at - distance, n - at);
        // No literal costs less than a bit.
        for (u32 i = 0; i < length && saved <= price && length < SAMPLE_SURE; i++) saved += sample.prices[bytes[at + i]];
        if (length >= SAMPLE_SURE || saved > price) {
          cost += (u64)price * matches_of(length);
          at += length;
          matched += length;
          missed = 0;
          continue;
        }
      }
    }
    // Where nothing is found for long, less is sought, as matchers do.
    u32 next = min_u32(at + 1 + (missed++ >> 5), n);
    while (at < next) sample.counts[bytes[at++]]++;
  }
  for (; at < n; at++) sample.counts[bytes[at]]++;
  sample.literals = n - matched;
  return cost + literal_bits();
}

// Cuts a tile from `rows` rows, `pitch` bytes apart, in the layout that the conversion is prepared for. Where in the rows
// changes with `turn`, evenly: by the golden ratio.
static void sample_cut(const u8 *from, u32 pitch, u32 width, u32 rows, struct layout layout, u32 turn) {
  sample.width = min_u32(width, TILE_WIDTH);
  // Narrow images have higher ones.
  sample.height = min_u32(min_u32(rows, TILE_TALLEST), TILE_PIXELS / sample.width);
  sample.row = (u32)row_bytes(layout, sample.width);
  sample.bpp = filter_distance(layout);
  u64 stretch = (row_bytes(layout, width) << 8) / sample.row;
  sample.stretch = stretch > 0xffffffff ? 0xffffffff : (u32)stretch;
  u32 place = (turn * 40503 + 32768) & 0xffff;
  u32 x = (u32)((u64)(width - sample.width) * place >> 16) & ~7u;
  from += (size_t)((rows - sample.height) / 2) * pitch;
  sample.pitch = 16 + sample.width * PIXEL_BYTES;
  fill_bytes(sample.pixels, 0, sample.pitch);
  for (u32 y = 0; y < sample.height; y++, from += pitch) {
    u8 *row = sample.pixels + (y + 1) * sample.pitch + 16;
    fill_bytes(row - 16, 0, 16);
    convert_pixels(row, from, x, sample.width);
    if (layout.depth < 8) bits[convert.scalar](row, row, sample.width, layout.depth);
  }
}

// The filter of a row that leaves the smallest sum of absolute values, of the four that foretell. That of the row before is
// kept unless another is clearly better: rows that are filtered alike repeat each other more often.
static u32 best_filter(const u8 *row, const u8 *above, u32 n, u32 bpp, u32 step, u32 before) {
  u32 scores[4], best = 0;
  score[convert.scalar](scores, row, above, n, bpp, step);
  if (before != NONE) scores[before - SUB] -= scores[before - SUB] / 32;
  for (u32 i = 1; i < 4; i++)
    if (scores[i] < scores[best]) best = i;
  return SUB + best;
}

// Filters the tile, each row by its own where it is AUTO; gives its bytes.
static u32 sample_filter(u32 filter) {
  u8 *to = sample.filtered;
  u32 before = NONE;
  for (u32 y = 1; y <= sample.height; y++, to += sample.row) {
    const u8 *row = sample.pixels + y * sample.pitch + 16, *above = row - sample.pitch;
    u32 type = filter != AUTO ? filter : best_filter(row, above, sample.row, sample.bpp, 16, before);
    before = type;
    filters[type][convert.scalar](to, row, above, sample.row, sample.bpp);
  }
  return (u32)(to - sample.filtered);
}

#endif
