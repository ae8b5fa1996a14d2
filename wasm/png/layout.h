// The layouts of pixels on both sides: what the host hands over and what is written, and how the one becomes the
// other.
#ifndef LAYOUT_H
#define LAYOUT_H

#include "pack.h"
#include "png.h"

// Which sample of a pixel is what; `a` is OPAQUE where there is none. Bits are unpacked to bytes first, and a palette has
// one sample, the index.
struct source {
  u8 samples, sample_bytes;
  u8 r, g, b, a;
  bool gray;
};

static const struct source sources[PIXEL_FORMATS] = {
    [GRAY8] = {1, 1, 0, 0, 0, OPAQUE, true},    [GRAYA8] = {2, 1, 0, 0, 0, 1, true},
    [RGB8] = {3, 1, 0, 1, 2, OPAQUE, false},    [RGBA8] = {4, 1, 0, 1, 2, 3, false},
    [BGR8] = {3, 1, 2, 1, 0, OPAQUE, false},    [BGRA8] = {4, 1, 2, 1, 0, 3, false},
    [ARGB8] = {4, 1, 1, 2, 3, 0, false},        [RGBX8] = {4, 1, 0, 1, 2, OPAQUE, false},
    [BGRX8] = {4, 1, 2, 1, 0, OPAQUE, false},   [GRAY16] = {1, 2, 0, 0, 0, OPAQUE, true},
    [GRAYA16] = {2, 2, 0, 0, 0, 1, true},       [RGB16] = {3, 2, 0, 1, 2, OPAQUE, false},
    [RGBA16] = {4, 2, 0, 1, 2, 3, false},       [GRAY1] = {1, 1, 0, 0, 0, OPAQUE, true},
    [INDEXED8] = {1, 1, 0, 0, 0, OPAQUE, false},
};

// Bytes of a row as the host has it.
static u64 source_row(u32 format, u32 width) {
  if (format == GRAY1) return ((u64)width + 7) / 8;
  return (u64)width * sources[format].samples * sources[format].sample_bytes;
}

// What is written: section 11.2.1, table 12.
struct layout {
  u8 type, depth;  // enum color_type, bits a sample
};

static u32 channels_of(u32 type) {
  return type == TYPE_RGBA ? 4 : type == TYPE_RGB ? 3 : type == TYPE_GRAYA ? 2 : 1;
}
static u32 pixel_bits(struct layout layout) { return channels_of(layout.type) * layout.depth; }
static u64 row_bytes(struct layout layout, u32 width) { return ((u64)width * pixel_bits(layout) + 7) / 8; }
// Bytes to the one that foretells: of the pixel before, or of the byte before where pixels are smaller.
static u32 filter_distance(struct layout layout) { return pixel_bits(layout) < 8 ? 1 : pixel_bits(layout) / 8; }

static void put_sample(struct packing *p, const struct source *source, u32 sample, u32 depth) {
  for (u32 i = 0; i < depth / 8; i++) {
    // The high byte first, which lies behind; both are the same where a byte becomes two.
    u32 byte = source->sample_bytes == 1 ? sample : 2 * sample + 1 - i;
    p->order[p->to_bytes++] = sample == OPAQUE ? OPAQUE : (u8)byte;
  }
}

// How pixels become those of gray, colour, and with alpha, `depth` bits a sample, 8 or 16. Of 16 bits the high byte makes 8.
COLD static struct packing packing_to(u32 format, u32 type, u32 depth) {
  const struct source *source = &sources[format];
  struct packing p = {.from_bytes = (u8)(source->samples * source->sample_bytes)};
  put_sample(&p, source, source->r, depth);
  if (type == TYPE_RGB || type == TYPE_RGBA) {
    put_sample(&p, source, source->g, depth);
    put_sample(&p, source, source->b, depth);
  }
  if (type == TYPE_GRAYA || type == TYPE_RGBA) put_sample(&p, source, source->a, depth);
  packing_prepare(&p);
  return p;
}

// Whether it changes nothing.
static bool packing_idle(const struct packing *p) {
  for (u32 i = 0; i < p->to_bytes; i++)
    if (p->order[i] != i) return false;
  return p->from_bytes == p->to_bytes;
}

#endif
