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
  clear_colors();
  for (u32 i = 0; i < import.color_count; i++) *slot_of(import.colors[i]) = (struct color_slot){import.colors[i], i + 1};
}

// What a pixel becomes.
INLINE argb index_of(argb color) { return BLACK | (slot_of(color)->number - 1) << GREEN_AT; }

// Pixels to indices in green.
NOINLINE void indexed_map(argb *pixels, u32 count) {
  argb last = ~pixels[0], index = 0;
  for (u32 i = 0; i < count;) {
    if (i + 4 <= count && four_are(pixels + i, pixels[i])) {
      if (pixels[i] != last) index = index_of(last = pixels[i]);
      u8x16_store(pixels + i, (u8x16)u32x4_splat(index));
      i += 4;
      continue;
    }
    last = pixels[min_u32(i + 4, count) - 1];
    for (u32 end = min_u32(i + 4, count); i < end; i++) pixels[i] = index_of(pixels[i]);
    index = pixels[i - 1];
  }
}

// Bundles of 1 << bundle indices; gives where the next pixel goes.
INLINE argb *pack_row(argb *to, const argb *row, u32 width, u32 bundle) {
  u32 bits = 8 >> bundle, most = 1u << bundle, x = 0;
  for (; x + most <= width; x += most) {
    argb indices = row[x];
    UNROLL for (u32 i = 1; i < most; i++) indices |= (row[x + i] & 0xff00) << i * bits;
    *to++ = indices;
  }
  if (x == width) return to;
  argb indices = row[x];
  for (u32 i = 1; x + i < width; i++) indices |= (row[x + i] & 0xff00) << i * bits;
  *to++ = indices;
  return to;
}

// Pixels to indices in place, as many in one as there are bits for; gives the width in pixels that hold them.
NOINLINE u32 indexed_pack(argb *pixels, u32 width, u32 height) {
  u32 bundle = bundle_bits(import.color_count);
  indexed_map(pixels, width * height);
  if (bundle == 0) return width;
  argb *to = pixels;
  for (u32 y = 0; y < height; y++) {
    const argb *row = pixels + (size_t)y * width;
    to = bundle == 1 ? pack_row(to, row, width, 1) : bundle == 2 ? pack_row(to, row, width, 2) : pack_row(to, row, width, 3);
  }
  return divide_up(width, bundle);
}

#endif
