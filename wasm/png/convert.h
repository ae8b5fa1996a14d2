// Pixels of the host -> pixels as they are written, each in whole bytes: samples of less than a byte are packed when the
// row is complete.
#ifndef CONVERT_H
#define CONVERT_H

#include "layout.h"
#include "reduce.h"

enum { BLOCK = 512 };  // pixels; a multiple of 8, so that a block of bits begins at a byte

enum way {
  AS_IT_IS,  // the bytes are the same
  PACK,      // other bytes of a pixel
  MAP,       // one byte through the table
  PACK_MAP,  // one byte of a pixel, then the table
  LOOK_UP,   // the index of a colour
};

static struct {
  u32 format, pixel_bytes;  // of the host, 0 for bits
  enum way way;
  struct packing packing;
  u8 table[256];
  u32 scalar;  // 1: the routines that define the others
} convert;

static u8 unpacked[BLOCK], packed[BLOCK * PIXEL_BYTES] __attribute__((aligned(16)));

// Levels of gray from 8 bits, rounded as 16 bits are to 8; exact where they are multiples.
static void convert_gray_table(u32 depth) {
  u32 max = (1u << depth) - 1;
  for (u32 v = 0; v < 256; v++) convert.table[v] = (u8)((v * max + 127) / 255);
}

// Prepares for a layout. For a palette all colours have been added; for INDEXED8 the table has been filled where
// `mapped`.
COLD static void convert_prepare(u32 format, struct layout layout, bool mapped) {
  convert.format = format;
  convert.pixel_bytes = format == GRAY1 ? 0 : sources[format].samples * sources[format].sample_bytes;
  if (format == INDEXED8) {
    convert.way = mapped ? MAP : AS_IT_IS;
  } else if (layout.type == TYPE_PALETTE) {
    convert.packing = packing_to(format, TYPE_RGBA, 8);
    convert.way = LOOK_UP;
  } else if (layout.depth < 8) {
    convert.packing = packing_to(format, TYPE_GRAY, 8);
    convert_gray_table(layout.depth);
    convert.way = packing_idle(&convert.packing) ? MAP : PACK_MAP;
  } else {
    convert.packing = packing_to(format, layout.type, layout.depth);
    convert.way = packing_idle(&convert.packing) ? AS_IT_IS : PACK;
  }
}

// n pixels from x on, for bits a multiple of 8, of a row. `to` gets whole bytes a pixel.
static void convert_pixels(u8 *to, const u8 *row, u32 x, u32 n) {
  u32 to_bytes = convert.way == AS_IT_IS ? convert.pixel_bytes : convert.way == PACK ? convert.packing.to_bytes : 1;
  if (convert.format == GRAY1 && convert.way == AS_IT_IS) to_bytes = 1;
  while (n > 0) {
    u32 block = convert.format == GRAY1 || convert.way >= PACK_MAP ? min_u32(n, BLOCK) : n;
    const u8 *from = row + (size_t)x * convert.pixel_bytes;
    if (convert.format == GRAY1) {
      unpack_gray1(unpacked, row + x / 8, block);
      from = unpacked;
    }
    switch (convert.way) {
      case AS_IT_IS:
        copy_bytes(to, from, (size_t)block * to_bytes);
        break;
      case PACK:
        pack[convert.scalar](to, from, block, &convert.packing);
        break;
      case MAP:
        map(to, from, block, convert.table);
        break;
      case PACK_MAP:
        pack[convert.scalar](packed, from, block, &convert.packing);
        map(to, packed, block, convert.table);
        break;
      case LOOK_UP:
        if (!packing_idle(&convert.packing)) {
          pack[convert.scalar](packed, from, block, &convert.packing);
          from = packed;
        }
        colors_look_up(to, from, block);
        break;
    }
    to += (size_t)block * to_bytes;
    x += block;
    n -= block;
  }
}

#endif
