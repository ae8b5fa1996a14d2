// The colour indexing transform, section 4.4: a palette, and pixels as indices, of which several share one where few bits do.
#ifndef INDEXED_H
#define INDEXED_H

#include "import.h"

// log2 of the indices in a pixel.
INLINE u32 bundle_bits(u32 colors) { return colors <= 2 ? 3 : colors <= 4 ? 2 : colors <= 16 ? 1 : 0; }

// In ascending order, so that the differences between neighbours, which are what is written, are small.
COLD static void indexed_sort(void) {
  for (u32 i = 1; i < import.color_count; i++) {
    argb color = import.colors[i];
    u32 j = i;
    for (; j > 0 && import.colors[j - 1] > color; j--) import.colors[j] = import.colors[j - 1];
    import.colors[j] = color;
  }
  fill_bytes(import.slots, 0, sizeof import.slots);
  for (u32 i = 0; i < import.color_count; i++) {
    u32 slot = color_slot(import.colors[i]);
    while (import.slots[slot] > 0) slot = (slot + 1) & (COLOR_SLOTS - 1);
    import.slots[slot] = (u16)(i + 1);
  }
}

INLINE u32 index_of(argb color) {
  u32 slot = color_slot(color);
  while (import.colors[import.slots[slot] - 1] != color) slot = (slot + 1) & (COLOR_SLOTS - 1);
  return import.slots[slot] - 1;
}

// Pixels to indices in green, in place; gives the width in pixels that hold them.
NOINLINE u32 indexed_pack(argb *pixels, u32 width, u32 height) {
  u32 bundle = bundle_bits(import.color_count), bits = 8 >> bundle, packed = divide_up(width, bundle);
  argb last = 0, *to = pixels;
  u32 index = 0;
  bool known = false;
  for (u32 y = 0; y < height; y++) {
    const argb *row = pixels + (size_t)y * width;
    for (u32 x = 0; x < width;) {
      u32 indices = 0;
      for (u32 i = 0; i < 1u << bundle && x < width; i++, x++) {
        if (!known || row[x] != last) {
          last = row[x];
          index = index_of(last);
          known = true;
        }
        indices |= index << (i * bits);
      }
      *to++ = BLACK | indices << GREEN_AT;
    }
  }
  return packed;
}

#endif
