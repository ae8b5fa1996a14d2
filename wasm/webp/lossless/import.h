// Rows of the host -> ARGB, and the colours that there are.
//
// The pixels of every format are four bytes picked from its own; what is picked from nowhere is 0, or opaque.
#ifndef IMPORT_H
#define IMPORT_H

#include "common/alpha8.h"
#include "vp8l.h"

enum { NOWHERE = 255, MOST_COLORS = 256, COLOR_SLOTS = 1024 };

struct source {
  u8 bytes;                     // a pixel
  u8 blue, green, red, opacity;  // where they are
};

static const struct source sources[] = {
    [GRAY8] = {1, 0, 0, 0, NOWHERE}, [GRAYA8] = {2, 0, 0, 0, 1},       [RGB8] = {3, 2, 1, 0, NOWHERE},
    [RGBA8] = {4, 2, 1, 0, 3},       [BGR8] = {3, 0, 1, 2, NOWHERE},   [BGRA8] = {4, 0, 1, 2, 3},
    [ARGB8] = {4, 3, 2, 1, 0},       [RGBX8] = {4, 2, 1, 0, NOWHERE}, [BGRX8] = {4, 0, 1, 2, NOWHERE},
};

INLINE bool importable(u32 format) { return format <= BGRX8; }

// A colour and its index + 1, 0 where there is none.
struct color_slot { argb color; u32 number; };

static struct {
  struct source source;
  argb opaque;          // what is set in each pixel
  bool clears;          // pixels of alpha 0 become 0
  bool scalar;
  u8 lanes[16] __attribute__((aligned(16)));
  // The colours so far, and with more than MOST_COLORS no longer.
  argb colors[MOST_COLORS];
  struct color_slot slots[COLOR_SLOTS];
  u32 color_count;
  argb last;
  bool transparent;  // some pixel is not opaque
} import;

INLINE u32 color_slot(argb pixel) { return pixel * 0x9e3779b1u >> 22; }

// Empty slots have a colour that goes elsewhere.
static void clear_colors(void) {
  fill_bytes(import.slots, 0, sizeof import.slots);
  import.slots[color_slot(0)].color = 1;
}

COLD static void import_prepare(u32 format, u32 flags) {
  fill_bytes(&import, 0, sizeof import);
  clear_colors();
  struct source source = sources[format];
  if (flags & ALPHA) source = (struct source){source.bytes, NOWHERE, source.opacity, NOWHERE, NOWHERE};
  import.source = source;
  import.opaque = source.opacity == NOWHERE ? BLACK : 0;
  import.clears = source.opacity != NOWHERE && !(flags & EXACT);
  import.scalar = (flags & SCALAR) != 0;
  for (u32 i = 0; i < 16; i++) {
    u32 at = (const u8[]){source.blue, source.green, source.red, source.opacity}[i & 3];
    import.lanes[i] = at == NOWHERE ? NOWHERE : (u8)(at + (i >> 2) * source.bytes);
  }
}

static void import_scalar(argb *to, const u8 *from, u32 n) {
  struct source source = import.source;
  for (u32 i = 0; i < n; i++, from += source.bytes) {
    argb pixel = import.opaque;
    if (source.blue != NOWHERE) pixel |= (u32)from[source.blue] << BLUE_AT;
    if (source.green != NOWHERE) pixel |= (u32)from[source.green] << GREEN_AT;
    if (source.red != NOWHERE) pixel |= (u32)from[source.red] << RED_AT;
    if (source.opacity != NOWHERE) pixel |= (u32)from[source.opacity] << ALPHA_AT;
    to[i] = import.clears && pixel >> ALPHA_AT == 0 ? 0 : pixel;
  }
}

// Reads up to 12 bytes behind the row.
static void import_simd(argb *to, const u8 *from, u32 n) {
  u8x16 lanes = u8x16_load(import.lanes), opaque = (u8x16)u32x4_splat(import.opaque), zero = u8x16_splat(0);
  u32x4 alpha = u32x4_splat(BLACK);
  for (; n >= 4; n -= 4, to += 4, from += 4 * import.source.bytes) {
    u8x16 v = u8x16_or(u8x16_swizzle(u8x16_load(from), lanes), opaque);
    if (import.clears) v = u8x16_select(u32x4_eq(u32x4_and((u32x4)v, alpha), (u32x4)zero), zero, v);
    u8x16_store(to, v);
  }
  import_scalar(to, from, n);
}

// The slot of a colour that is there, or the empty one for it.
INLINE struct color_slot *slot_of(argb pixel) {
  u32 slot = color_slot(pixel);
  if (import.slots[slot].color == pixel) return import.slots + slot;
  while (import.slots[slot].number > 0 && import.slots[slot].color != pixel) slot = (slot + 1) & (COLOR_SLOTS - 1);
  return import.slots + slot;
}

static void add_color(argb pixel) {
  struct color_slot *slot = slot_of(pixel);
  if (slot->number > 0) return;
  if (import.color_count < MOST_COLORS) {
    import.colors[import.color_count] = pixel;
    *slot = (struct color_slot){pixel, import.color_count + 1};
  }
  import.color_count++;
}

// Adds the colours of a row to those that there are.
NOINLINE void import_colors(const argb *row, u32 n) {
  argb last = import.last;
  for (u32 i = 0; i < n && import.color_count <= MOST_COLORS;) {
    if (i + 4 <= n && four_are(row + i, row[i])) {
      if (row[i] != last || import.color_count == 0) add_color(last = row[i]);
      i += 4;
      continue;
    }
    for (u32 end = min_u32(i + 4, n); i < end && import.color_count <= MOST_COLORS; i++)
      if (import.slots[color_slot(row[i])].color != row[i]) add_color(row[i]);
    last = row[i - 1];
  }
  import.last = last;
}

static bool import_counted(void) { return import.color_count <= MOST_COLORS; }

static void import_row(argb *to, const u8 *from, u32 n) {
  (import.scalar ? import_scalar : import_simd)(to, from, n);
  if (import_counted()) import_colors(to, n);
  if (import.opaque == 0 && !import.transparent) import.transparent = !alpha8_opaque_simd((const u8 *)to, n, 3);
}

#endif
