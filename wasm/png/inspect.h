// What is known of an image before it is written, and the layout that follows from it.
#ifndef INSPECT_H
#define INSPECT_H

#include "convert.h"

static struct facts {
  u32 format;
  bool gray, opaque;  // so far
  bool doubled;       // 16 bits that are a byte twice, so far
  u32 most;           // colours of a palette that would be of use, 0 where it cannot be
  bool used[256];     // indices
  u32 largest_index;  // where that is all that is to be known
  struct packing packing;  // to RGBA of the depth of the source
  struct packing halves;   // to RGBA8
  u32 scalar;
} facts;

// Begins with what the format alone tells. Where `deep` samples of 16 bits stay so.
static void facts_begin(u32 format, bool deep, u32 scalar) {
  const struct source *source = &sources[format];
  fill_bytes(&facts, 0, sizeof facts);
  facts.format = format;
  facts.scalar = scalar;
  facts.gray = facts.opaque = true;
  facts.doubled = source->sample_bytes == 2 && !deep;
  // Of up to 16 levels of gray a palette may need fewer bits than the levels; of more it has nothing to offer.
  facts.most = format == GRAY1 || deep ? 0 : source->gray && source->a == OPAQUE ? 16 : MAX_COLORS;
  facts.packing = packing_to(format, TYPE_RGBA, 8 * source->sample_bytes);
  if (source->sample_bytes == 2) {
    // Samples stay in host order here: they are only compared.
    for (u32 i = 0; i < 8; i += 2) {
      u8 high = facts.packing.order[i];
      facts.packing.order[i] = facts.packing.order[i + 1];
      facts.packing.order[i + 1] = high;
    }
    packing_prepare(&facts.packing);
  }
  facts.halves = packing_to(format, TYPE_RGBA, 8);
  colors_clear();
}

// Whether more pixels could still tell of anything to leave out.
static bool facts_open(void) {
  const struct source *source = &sources[facts.format];
  if (facts.format == GRAY1) return false;
  if (facts.format == INDEXED8) return true;
  return (facts.opaque && source->a != OPAQUE) || (facts.gray && !source->gray) || facts.doubled || facts.most > 0;
}

static void facts_of_colors(const u8 *rgba8, u32 n) {
  if (facts.most == 0) return;
  if (!colors_add(rgba8, n) || colors.count > facts.most) facts.most = 0;
}

// Adds what was found of other rows.
static void facts_add(const struct facts *other, const struct colors *more) {
  facts.gray &= other->gray;
  facts.opaque &= other->opaque;
  facts.doubled &= other->doubled;
  for (u32 i = 0; i < 256; i++) facts.used[i] |= other->used[i];
  if (other->largest_index > facts.largest_index) facts.largest_index = other->largest_index;
  if (other->most == 0) facts.most = 0;
  else if (more->count > 0) facts_of_colors((const u8 *)more->color, more->count);
}

static void facts_of_row8(const u8 *row, u32 width) {
  bool idle = packing_idle(&facts.packing);
  const struct source *source = &sources[facts.format];
  bool ask_opaque = facts.opaque && source->a != OPAQUE, ask_gray = facts.gray && !source->gray;
  for (u32 x = 0; x < width; x += BLOCK) {
    u32 n = min_u32(width - x, BLOCK);
    const u8 *rgba = row + (size_t)x * facts.packing.from_bytes;
    if (!idle) {
      pack[facts.scalar](packed, rgba, n, &facts.packing);
      rgba = packed;
    }
    if (ask_opaque && facts.opaque) facts.opaque = inspect_opaque8[facts.scalar](rgba, n);
    if (ask_gray && facts.gray) facts.gray = inspect_gray8[facts.scalar](rgba, n);
    facts_of_colors(rgba, n);
  }
}

static void facts_of_row16(const u8 *row, u32 width) {
  static u8 halves[BLOCK * 4] __attribute__((aligned(16)));
  for (u32 x = 0; x < width; x += BLOCK) {
    u32 n = min_u32(width - x, BLOCK);
    const u8 *from = row + (size_t)x * facts.packing.from_bytes;
    pack[facts.scalar](packed, from, n, &facts.packing);
    facts.opaque = facts.opaque && inspect_opaque16[facts.scalar](packed, n);
    facts.gray = facts.gray && inspect_gray16[facts.scalar](packed, n);
    if (!facts.doubled) continue;
    facts.doubled = inspect_doubled[facts.scalar](packed, n);
    if (facts.doubled) {
      pack[facts.scalar](halves, from, n, &facts.halves);
      facts_of_colors(halves, n);
    } else {
      facts.most = 0;
    }
  }
}

static void facts_of_row(const u8 *row, u32 width) {
  if (facts.format == INDEXED8)
    for (u32 x = 0; x < width; x++) facts.used[row[x]] = true;
  else if (sources[facts.format].sample_bytes == 2) facts_of_row16(row, width);
  else facts_of_row8(row, width);
}

// The colours of a palette that pixels have, for layout and `convert.table`, from index to index among them.
static void facts_of_palette(const u8 *palette) {
  colors_clear();
  for (u32 i = 0; i < 256; i++)
    if (facts.used[i]) colors_add(palette + 4 * i, 1);
  colors_sort();
  for (u32 i = 0; i < 256; i++)
    if (facts.used[i]) colors_look_up(convert.table + i, palette + 4 * i, 1);
  facts.opaque = colors_opaque();
  facts.gray = colors_gray();
  facts.most = MAX_COLORS;
}

// ---- layouts ------------------------------------------------------------------------------------

static u32 type_of(bool gray, bool opaque) {
  return gray ? (opaque ? TYPE_GRAY : TYPE_GRAYA) : opaque ? TYPE_RGB : TYPE_RGBA;
}

// The layout of the input, `depth` bits a sample or as many as it has where that is 0.
static struct layout natural_layout(u32 format, u32 depth) {
  const struct source *source = &sources[format];
  if (depth == 0) depth = format == GRAY1 ? 1 : 8u * source->sample_bytes;
  u32 type = format == INDEXED8 ? TYPE_PALETTE : type_of(source->gray, source->a == OPAQUE);
  return (struct layout){(u8)type, (u8)depth};
}

// The same without the alpha, the colour and the bits that no pixel needs; no palette yet.
static struct layout reduced_layout(u32 depth) {
  struct layout layout = natural_layout(facts.format, depth);
  layout.type = (u8)type_of(facts.gray, facts.opaque);
  if (layout.depth == 16 && facts.doubled) layout.depth = 8;
  // Levels are only known where all colours are.
  bool known = facts.most > 0 && layout.type == TYPE_GRAY && layout.depth == 8 && depth == 0;
  if (known) layout.depth = (u8)colors_gray_depth();
  return layout;
}

#endif
