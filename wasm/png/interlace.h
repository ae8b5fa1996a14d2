// Adam7, section 8: an image as seven smaller ones, each of the pixels at every `across` columns from `left` and
// every `down` rows from `top`. A pass without columns or rows has no bytes at all.
//
// The passes are written one after the other, so all rows are there before the second one: they are kept, sorted into
// their passes as they come. (The host could show the rows of each pass anew, 1.9 times the image instead of the
// memory; a stream cannot, and one way for both is the one that is tested.)
#ifndef INTERLACE_H
#define INTERLACE_H

#include "png.h"

enum { PASSES = 7 };

static const struct pass {
  u8 left, top, across, down;
} passes[PASSES] = {
    {0, 0, 8, 8}, {4, 0, 8, 8}, {0, 4, 4, 8}, {2, 0, 4, 4}, {0, 2, 2, 4}, {1, 0, 2, 2}, {0, 1, 1, 2},
};

static u32 steps(u32 size, u32 first, u32 step) { return size > first ? (size - first - 1) / step + 1 : 0; }
static u32 pass_width(const struct pass *pass, u32 width) { return steps(width, pass->left, pass->across); }
static u32 pass_height(const struct pass *pass, u32 height) { return steps(height, pass->top, pass->down); }

// Whether row y of the image is one of the pass, and which.
static bool pass_has_row(const struct pass *pass, u32 y) { return y % pass->down == pass->top; }
static u32 pass_row(const struct pass *pass, u32 y) { return y / pass->down; }

// The pixels of a row that are the pass's.
static void pass_pick(u8 *to, const u8 *from, u32 width, u32 pixel_bytes, const struct pass *pass) {
  for (u64 x = pass->left; x < width; x += pass->across, to += pixel_bytes)
    for (u32 i = 0; i < pixel_bytes; i++) to[i] = from[x * pixel_bytes + i];
}

#endif
