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

enum { TILE_WIDTH = 256, TILE_HEIGHT = 16 };
// A row of the tile has 16 bytes of 0 before it, and there is a row of 0 above.
enum { TILE_PITCH = 16 + TILE_WIDTH * PIXEL_BYTES };
enum { SAMPLE_SLOTS = 4096, SAMPLE_MATCH = 4, REACH = 32768 };

static struct {
  u8 pixels[TILE_PITCH * (1 + TILE_HEIGHT)] __attribute__((aligned(16)));
  u8 filtered[TILE_WIDTH * TILE_HEIGHT * PIXEL_BYTES];
  u32 width, height;        // in pixels
  u32 row, bpp;             // bytes
  u32 stretch;
  u32 literals;             // that the last trial left
  u16 slots[SAMPLE_SLOTS];  // position + 1 of the last four bytes with this hash
  u32 counts[256];
} sample;

// log2 in 1/256, the fraction as a straight line between powers of 2: at most 0.09 short.
INLINE u32 log2_256(u32 n) {
  u32 whole = 31 - (u32)__builtin_clz(n);
  return whole * 256 + (u32)(((u64)n << 8 >> whole) & 255);
}

// Bits of n bytes, in 1/256. A match that goes back a row or more goes back `stretch` / 256 as far in the image, whose rows
// are longer than those of the tile; one that leaves the window there does not exist.
static u64 sample_bits(const u8 *bytes, u32 n, u32 row, u32 stretch) {
  fill_bytes(sample.slots, 0, sizeof sample.slots);
  fill_bytes(sample.counts, 0, sizeof sample.counts);
  u64 cost = 0;
  u32 literals = 0, at = 0;
  while (at + SAMPLE_MATCH <= n) {
    u32 word = load32(bytes + at), slot = word * 0x9e3779b1u >> 20;
    u32 from = sample.slots[slot];
    sample.slots[slot] = (u16)(at + 1);
    if (from != 0 && load32(bytes + from - 1) == word) {
      u32 distance = at - (from - 1), far = distance < row ? distance : (u32)((u64)distance * stretch >> 8);
      if (far <= REACH) {
        u32 length = SAMPLE_MATCH;
        while (at + length < n && length < 258 && bytes[at + length] == bytes[at + length - distance]) length++;
        // A length of some six bits, a distance of some four and all but its first two bits.
        u32 bits = log2_256(far);
        cost += 10 * 256 + (bits > 256 ? bits - 256 : 0);
        at += length;
        continue;
      }
    }
    sample.counts[bytes[at++]]++;
    literals++;
  }
  for (; at < n; at++, literals++) sample.counts[bytes[at]]++;
  sample.literals = literals;
  if (literals == 0) return cost;
  u32 all = log2_256(literals);
  for (u32 i = 0; i < 256; i++) {
    u32 count = sample.counts[i];
    // A symbol that occurs also has to be told the length of, in some four bits.
    if (count > 0) cost += (u64)count * (all - log2_256(count)) + 4 * 256;
  }
  return cost;
}

// Cuts a tile from `rows` rows, `pitch` bytes apart, in the layout that the conversion is prepared for. Where in the rows
// changes with `turn`, evenly: by the golden ratio.
static void sample_cut(const u8 *from, u32 pitch, u32 width, u32 rows, struct layout layout, u32 turn) {
  sample.width = min_u32(width, TILE_WIDTH);
  sample.height = min_u32(rows, TILE_HEIGHT);
  sample.row = (u32)row_bytes(layout, sample.width);
  sample.bpp = filter_distance(layout);
  u64 stretch = (row_bytes(layout, width) << 8) / sample.row;
  sample.stretch = stretch > 0xffffffff ? 0xffffffff : (u32)stretch;
  u32 place = (turn * 40503 + 32768) & 0xffff;
  u32 x = (u32)((u64)(width - sample.width) * place >> 16) & ~7u;
  from += (size_t)((rows - sample.height) / 2) * pitch;
  fill_bytes(sample.pixels, 0, TILE_PITCH);
  for (u32 y = 0; y < sample.height; y++, from += pitch) {
    u8 *row = sample.pixels + (y + 1) * TILE_PITCH + 16;
    fill_bytes(row - 16, 0, 16);
    convert_pixels(row, from, x, sample.width);
    if (layout.depth < 8) bits[convert.scalar](row, row, sample.width, layout.depth);
  }
}

// The filter of a row that leaves the smallest sum of absolute values, of the four that foretell.
static u32 best_filter(const u8 *row, const u8 *above, u32 n, u32 bpp, u32 step) {
  u32 scores[4], best = 0;
  score[convert.scalar](scores, row, above, n, bpp, step);
  for (u32 i = 1; i < 4; i++)
    if (scores[i] < scores[best]) best = i;
  return SUB + best;
}

// Bits for the tile with a filter, or with that of each row where it is AUTO, in 1/256.
static u64 sample_cost(u32 filter) {
  u8 *to = sample.filtered;
  for (u32 y = 1; y <= sample.height; y++, to += sample.row) {
    const u8 *row = sample.pixels + y * TILE_PITCH + 16, *above = row - TILE_PITCH;
    u32 type = filter != AUTO ? filter : best_filter(row, above, sample.row, sample.bpp, 16);
    filters[type][convert.scalar](to, row, above, sample.row, sample.bpp);
  }
  return sample_bits(sample.filtered, (u32)(to - sample.filtered), sample.row, sample.stretch);
}

#endif
