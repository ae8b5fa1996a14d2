// Samples that nobody sees, where alpha is 0: they become what takes the fewest bits. What is seen of an image without them stays
// as it is.
//
//   all of a macroblock    the mean of the macroblock to the left, or above
//   some of it             the mean of what is seen of it; of chroma where none of its four pixels is seen
#ifndef TRANSPARENT_H
#define TRANSPARENT_H

#include "yuv.h"

enum { PIXELS = 256 };

// Whether any pixel of a macroblock has alpha 0, as in yuv.h. `at`: where alpha is in a pixel.
static bool any_unseen_scalar(const u8 *from, size_t pitch, u32 bytes, u32 at) {
  for (u32 y = 0; y < 16; y++)
    for (u32 x = 0; x < 16; x++)
      if (from[y * pitch + x * bytes + at] == 0) return true;
  return false;
}

INLINE bool any_unseen_simd(const u8 *from, size_t pitch, u32 bytes, u32 at) {
  // 255 in the lanes that are no alpha.
  const u8x16 others = bytes == 2 ? (u8x16)u16x8_splat(255) : u8x16_not((u8x16)u32x4_splat(0xffu << (8 * at)));
  u8x16 least = u8x16_splat(255);
  for (u32 y = 0; y < 16; y++)
    for (u32 i = 0; i < 16 * bytes; i += 16) least = u8x16_min(least, u8x16_or(u8x16_load(from + y * pitch + i), others));
  return !u8x16_all_true(least);
}

NOINLINE bool any_unseen(const u8 *from, size_t pitch, u32 bytes, u32 at, bool scalar) {
  return scalar ? any_unseen_scalar(from, pitch, bytes, at) : any_unseen_simd(from, pitch, bytes, at);
}

// The mean of n samples, of those that `unseen` does not name.
static u32 mean_seen(const u8 *samples, const bool *unseen, u32 n) {
  u32 sum = 0, count = 0;
  for (u32 i = 0; i < n; i++)
    if (!unseen[i]) {
      sum += samples[i];
      count++;
    }
  return count == 0 ? 128 : (sum + count / 2) / count;
}

static void fill_unseen(u8 *samples, const bool *unseen, u32 n, u32 value) {
  for (u32 i = 0; i < n; i++)
    if (unseen[i]) samples[i] = (u8)value;
}

// `beside`: the samples of a macroblock that is done, NULL without any.
COLD static void fill_transparent(u8 *samples, const u8 *beside, const u8 *from, size_t pitch, u32 bytes, u32 at) {
  static bool luma[PIXELS], chroma[4 * BLOCK];
  u32 count = 0;
  fill_bytes(chroma, true, sizeof chroma);
  for (u32 y = 0; y < 16; y++)
    for (u32 x = 0; x < 16; x++) {
      bool unseen = from[y * pitch + x * bytes + at] == 0;
      luma[luma_at(x, y)] = unseen;
      if (!unseen) chroma[chroma_at(x >> 1, y >> 1) - CB_BLOCK * BLOCK] = false;
      count += unseen;
    }
  static const bool all_seen[PIXELS];
  bool whole = count == PIXELS && beside != NULL;
  const u8 *source = whole ? beside : samples;
  fill_unseen(samples, luma, PIXELS, mean_seen(source, whole ? all_seen : luma, PIXELS));
  for (u32 plane = CB_BLOCK * BLOCK; plane < SAMPLES; plane += 4 * BLOCK)
    fill_unseen(samples + plane, chroma, 4 * BLOCK, mean_seen(source + plane, whole ? all_seen : chroma, 4 * BLOCK));
}

#endif
