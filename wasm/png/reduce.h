// What an image does not need of its layout: alpha that is opaque everywhere, colour that is gray, more than 8
// bits where all samples are a byte twice, more than a palette. Nothing of it changes a pixel as it is decoded;
// colour under zero alpha counts.
//
// inspect_doubled asks whether samples of 16 bits are a byte twice, of n pixels of RGBA16.
// Colours are counted up to 256 in a hash table that then serves to look up their indices.
#ifndef REDUCE_H
#define REDUCE_H

#include "common/inspect_pixels.h"
#include "png.h"

// ---- questions ----------------------------------------------------------------------------------

static bool inspect_doubled_scalar(const u8 *from, u32 n) {
  for (u32 i = 0; i < 8 * n; i += 2)
    if (from[i] != from[i + 1]) return false;
  return true;
}

static bool inspect_doubled_simd(const u8 *from, u32 n) {
  u8x16 any = u8x16_splat(0);
  for (; n >= 2; n -= 2, from += 16) {
    u8x16 v = u8x16_load(from);
    any = u8x16_or(any, u8x16_xor(v, u8x16_shuffle(v, v, 1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14)));
  }
  return !u8x16_any_true(any) && inspect_doubled_scalar(from, n);
}

// { SIMD, scalar }
static const inspect_op inspect_opaque8[2] = {inspect_opaque8_simd, inspect_opaque8_scalar};
static const inspect_op inspect_gray8[2] = {inspect_gray8_simd, inspect_gray8_scalar};
static const inspect_op inspect_opaque16[2] = {inspect_opaque16_simd, inspect_opaque16_scalar};
static const inspect_op inspect_gray16[2] = {inspect_gray16_simd, inspect_gray16_scalar};
static const inspect_op inspect_doubled[2] = {inspect_doubled_simd, inspect_doubled_scalar};

// ---- colours ------------------------------------------------------------------------------------

enum { MAX_COLORS = 256, COLOR_SLOTS = 1024 };

static struct colors {
  u32 count;             // MAX_COLORS + 1: too many
  u32 color[MAX_COLORS]; // RGBA as loaded, in the order of their indices
  u32 keys[COLOR_SLOTS];   // the colour
  u16 slots[COLOR_SLOTS];  // index + 1, 0 where free; at most a quarter is taken, so a search ends soon
} colors;

static void colors_clear(void) {
  fill_bytes(&colors, 0, sizeof colors);
  // So that no free slot has the key of a colour that belongs there: 0 belongs to the first.
  colors.keys[0] = 1;
}

// By Fibonacci hashing: 2^32 over the golden ratio.
INLINE u32 color_home(u32 color) { return color * 0x9e3779b1u >> 22; }

// Where a colour is or would be put.
NOINLINE u32 color_slot(u32 color) {
  u32 slot = color_home(color);
  while (colors.slots[slot] != 0 && colors.keys[slot] != color) slot = (slot + 1) % COLOR_SLOTS;
  return slot;
}

// False where there are too many.
NOINLINE bool color_new(u32 color) {
  u32 slot = color_slot(color);
  if (colors.slots[slot] != 0) return true;
  if (colors.count >= MAX_COLORS) {
    colors.count = MAX_COLORS + 1;
    return false;
  }
  colors.color[colors.count++] = colors.keys[slot] = color;
  colors.slots[slot] = (u16)colors.count;
  return true;
}

INLINE bool color_add(u32 color) { return colors.keys[color_home(color)] == color || color_new(color); }

INLINE u8 color_index(u32 color) {
  u32 slot = color_home(color);
  if (colors.keys[slot] != color) slot = color_slot(color);
  return (u8)(colors.slots[slot] - 1);
}

// Whether four pixels have that colour. By two pairs, which is faster in vp8l, palettes take up to 6 % longer here.
INLINE bool four_are(const u8 *from, u32 color) { return u8x16_all_true(u8x16_eq(u8x16_load(from), (u8x16)u32x4_splat(color))); }

// Adds the colours of n pixels of RGBA8. Neighbours are often equal.
static bool colors_add(const u8 *from, u32 n) {
  for (; n >= 4; n -= 4, from += 16) {
    u32 first = load32(from);
    if (!color_add(first)) return false;
    if (four_are(from, first)) continue;
    if (!color_add(load32(from + 4)) || !color_add(load32(from + 8)) || !color_add(load32(from + 12))) return false;
  }
  for (; n > 0; n--, from += 4)
    if (!color_add(load32(from))) return false;
  return true;
}

// Indices of n pixels of RGBA8 whose colours were all added.
static void colors_look_up(u8 *to, const u8 *from, u32 n) {
  for (; n >= 4; n -= 4, from += 16, to += 4) {
    u32 first = load32(from), index = color_index(first);
    store32(to, index * 0x01010101u);
    if (four_are(from, first)) continue;
    for (u32 i = 1; i < 4; i++) to[i] = color_index(load32(from + 4 * i));
  }
  for (; n > 0; n--, from += 4) *to++ = color_index(load32(from));
}

INLINE bool color_opaque(u32 color) { return color >> 24 == 255; }
INLINE bool color_gray(u32 color) { return (color & 0xff) == (color >> 8 & 0xff) && (color & 0xff) == (color >> 16 & 0xff); }

static bool colors_opaque(void) {
  for (u32 i = 0; i < colors.count; i++)
    if (!color_opaque(colors.color[i])) return false;
  return true;
}
static bool colors_gray(void) {
  for (u32 i = 0; i < colors.count; i++)
    if (!color_gray(colors.color[i])) return false;
  return true;
}

// Puts transparent colours first, as tRNS ends with the last of them (section 11.3.1.1), otherwise in the order they came.
static void colors_sort(void) {
  u32 sorted[MAX_COLORS], n = 0;
  for (u32 opaque = 0; opaque < 2; opaque++)
    for (u32 i = 0; i < colors.count; i++)
      if (color_opaque(colors.color[i]) == (opaque == 1)) sorted[n++] = colors.color[i];
  colors_clear();
  if (n > 0) colors_add((const u8 *)sorted, n);
}

// The depth at which all colours, gray and opaque, are levels of gray: section 13.12 takes v (2^8 - 1) / (2^depth - 1).
static u32 colors_gray_depth(void) {
  u32 depth = 1;
  for (u32 i = 0; i < colors.count; i++) {
    u32 v = colors.color[i] & 0xff;
    if (depth == 1 && v % 255 != 0) depth = 2;
    if (depth == 2 && v % 85 != 0) depth = 4;
    if (depth == 4 && v % 17 != 0) return 8;
  }
  return depth;
}

static u32 palette_depth(u32 count) { return count <= 2 ? 1 : count <= 4 ? 2 : count <= 16 ? 4 : 8; }

#endif
