// Samples that nobody sees, where alpha is 0: they become what takes the fewest bits.
//
//   all of a macroblock    the mean of the macroblock to the left, or above; it is not coded at all
//   some of it             what is seen goes on, and on its way becomes smooth
//
// Chroma of which some pixels are seen is of these alone.
#ifndef TRANSPARENT_H
#define TRANSPARENT_H

#include "yuv.h"

enum { PIXELS = 256 };

// Whether any pixel of a macroblock has alpha 0, as in yuv.h. `at`: where alpha is in a pixel.
COLD static bool any_unseen_scalar(const u8 *from, size_t pitch, u32 bytes, u32 at) {
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

// Of the pixels of a macroblock, or of their chroma: rows of `side`.
struct plane { u8 values[PIXELS]; bool known[PIXELS]; };

// Lets what is known go on: along rows and columns forward, then backward.
COLD static void spread(struct plane *plane, u32 side) {
  u32 n = side * side;
  static bool reached[PIXELS];
  copy_bytes(reached, plane->known, n);
  for (u32 pass = 0; pass < 2; pass++)
    for (u32 i = 0; i < n; i++) {
      u32 at = pass == 0 ? i : n - 1 - i, x = at % side, y = at / side;
      if (reached[at]) continue;
      bool beside = pass == 0 ? x > 0 : x + 1 < side, over = pass == 0 ? y > 0 : y + 1 < side;
      u32 a = pass == 0 ? at - 1 : at + 1, b = pass == 0 ? at - side : at + side;
      beside = beside && reached[a];
      over = over && reached[b];
      if (!beside && !over) continue;
      plane->values[at] = beside && over ? (u8)((plane->values[a] + plane->values[b] + 1) >> 1) : plane->values[beside ? a : b];
      reached[at] = true;
    }
}

COLD static void smooth(struct plane *plane, u32 side) {
  enum { ROUNDS = 4 };
  for (u32 round = 0; round < ROUNDS; round++)
    for (u32 at = 0; at < side * side; at++) {
      if (plane->known[at]) continue;
      u32 x = at % side, y = at / side;
      u32 sum = plane->values[x > 0 ? at - 1 : at] + plane->values[x + 1 < side ? at + 1 : at];
      sum += plane->values[y > 0 ? at - side : at] + plane->values[y + 1 < side ? at + side : at];
      plane->values[at] = (u8)((sum + 2) >> 2);
    }
}

static u32 mean_of(const u8 *samples, u32 n) {
  u32 sum = 0;
  for (u32 i = 0; i < n; i++) sum += samples[i];
  return (sum + n / 2) / n;
}

// Chroma of those of four pixels that are seen, if any.
COLD static bool seen_chroma(u8 *cb, u8 *cr, const u8 *from, size_t pitch, u32 at) {
  u32 sums[3] = {0}, seen = 0;
  for (u32 i = 0; i < 4; i++) {
    const u8 *pixel = from + (i >> 1) * pitch + (i & 1) * layout_of.bytes;
    if (pixel[at] == 0) continue;
    seen++;
    for (u32 c = 0; c < 3; c++) sums[c] += pixel[layout_of.places[c]];
  }
  if (seen == 0) return false;
  i32 b = CHROMA_BIAS, r = CHROMA_BIAS;
  for (u32 c = 0; c < 3; c++) {
    i32 four = (i32)((sums[c] * 4 + seen / 2) / seen);
    b += cb_weights[c] * four;
    r += cr_weights[c] * four;
  }
  *cb = (u8)(b >> 18);
  *cr = (u8)(r >> 18);
  return true;
}

// `beside`: the samples of a macroblock that is done, NULL without any. Whether nothing of it is seen.
COLD static bool fill_transparent(u8 *samples, const u8 *beside, const u8 *from, size_t pitch, u32 bytes, u32 at) {
  static struct plane luma, cb, cr;
  u32 seen = 0;
  for (u32 i = 0; i < PIXELS; i++) {
    luma.known[i] = from[(i >> 4) * pitch + (i & 15) * bytes + at] != 0;
    seen += luma.known[i];
  }
  if (seen == 0) {
    fill_bytes(samples, beside == NULL ? 128 : (u8)mean_of(beside, PIXELS), PIXELS);
    for (u32 plane = CB_BLOCK * BLOCK; plane < SAMPLES; plane += 4 * BLOCK)
      fill_bytes(samples + plane, beside == NULL ? 128 : (u8)mean_of(beside + plane, 4 * BLOCK), 4 * BLOCK);
    return true;
  }
  for (u32 i = 0; i < PIXELS; i++) luma.values[i] = samples[luma_at(i & 15, i >> 4)];
  for (u32 i = 0; i < PIXELS / 4; i++)
    cb.known[i] = cr.known[i] = seen_chroma(&cb.values[i], &cr.values[i], from + (i >> 3) * 2 * pitch + (i & 7) * 2 * bytes, pitch, at);
  struct plane *const planes[] = {&luma, &cb, &cr};
  for (u32 i = 0; i < 3; i++) {
    spread(planes[i], i == 0 ? 16 : 8);
    smooth(planes[i], i == 0 ? 16 : 8);
  }
  for (u32 i = 0; i < PIXELS; i++) samples[luma_at(i & 15, i >> 4)] = luma.values[i];
  for (u32 i = 0; i < PIXELS / 4; i++) {
    u32 to = chroma_at(i & 7, i >> 3);
    samples[to] = cb.values[i];
    samples[to + 4 * BLOCK] = cr.values[i];
  }
  return false;
}

#endif
