// Alpha in fewer levels, so that the sum of the squares of what is lost is the least there can be.
//
// A cluster is a run of the levels that there are, and all of it becomes its mean. The cheapest clusters of the first levels are
// known when one more cluster is added: that begins no earlier than with a cluster less, and no later than with a level more, so
// that of each level few places are looked at. 0 and 255 stay what they are: they count so much that the mean of theirs is they.
#ifndef ALPHA_LEVELS_H
#define ALPHA_LEVELS_H

#include "import.h"
#include "run.h"

enum { ALPHAS = 256, EXACT_WEIGHT_BITS = 40 };

static struct {
  u8 to[ALPHAS];   // what becomes of each level
  // Those that there are, and sums over the ones before each: how many pixels, of levels, of their squares.
  u8 level[ALPHAS];
  u32 count;
  u64 pixels[ALPHAS + 1], sum[ALPHAS + 1], squares[ALPHAS + 1];
} alphas;

static void alpha_sums(const u32 histogram[ALPHAS]) {
  alphas.count = 0;
  for (u32 level = 0; level < ALPHAS; level++) {
    if (histogram[level] == 0) continue;
    u32 i = alphas.count++;
    u64 pixels = level == 0 || level == 255 ? (u64)1 << EXACT_WEIGHT_BITS : histogram[level];
    alphas.level[i] = (u8)level;
    alphas.pixels[i + 1] = alphas.pixels[i] + pixels;
    alphas.sum[i + 1] = alphas.sum[i] + pixels * level;
    alphas.squares[i + 1] = alphas.squares[i] + pixels * level * level;
  }
}

// Of the levels from `from` on and before `end`.
static u32 alpha_mean(u32 from, u32 end) {
  u64 pixels = alphas.pixels[end] - alphas.pixels[from];
  return (u32)((alphas.sum[end] - alphas.sum[from] + pixels / 2) / pixels);
}

static u64 alpha_error(u32 from, u32 end) {
  u64 mean = alpha_mean(from, end), pixels = alphas.pixels[end] - alphas.pixels[from];
  return alphas.squares[end] - alphas.squares[from] + mean * mean * pixels - 2 * mean * (alphas.sum[end] - alphas.sum[from]);
}

// Finds out what becomes of each level where at most `most` remain; `firsts` has room for most * ALPHAS.
NOINLINE void choose_alphas(const u32 histogram[ALPHAS], u32 most, u8 *firsts) {
  alpha_sums(histogram);
  for (u32 level = 0; level < ALPHAS; level++) alphas.to[level] = (u8)level;
  u32 count = alphas.count;
  if (count <= most) return;
  // Of the first `end` levels, by so many clusters; `firsts` is where the last of these begins.
  static u64 error[ALPHAS + 1];
  for (u32 end = 1; end <= count; end++) {
    error[end] = alpha_error(0, end);
    firsts[end - 1] = 0;
  }
  for (u32 clusters = 2; clusters <= most; clusters++) {
    u8 *before = firsts + (clusters - 2) * ALPHAS, *now = before + ALPHAS;
    for (u32 end = count; end >= clusters; end--) {
      u32 from = before[end - 1] < clusters - 1 ? clusters - 1 : before[end - 1];
      u32 last = end == count ? end - 1 : min_u32(now[end], end - 1);
      u64 best = (u64)-1;
      for (u32 first = from; first <= last; first++) {
        u64 now_error = error[first] + alpha_error(first, end);
        if (now_error >= best) continue;
        best = now_error;
        now[end - 1] = (u8)first;
      }
      error[end] = best;
    }
  }
  for (u32 clusters = most, end = count; clusters > 0; clusters--) {
    u32 first = firsts[(clusters - 1) * ALPHAS + end - 1];
    for (u32 i = first; i < end; i++) alphas.to[alphas.level[i]] = (u8)alpha_mean(first, end);
    end = first;
  }
}

// Leaves at most so many levels of the image, which is alpha alone. False where the memory does not do.
NOINLINE bool reduce_alphas(u32 most) {
  static u32 histogram[ALPHAS];
  u32 pixels = run.width * run.height;
  u8 *firsts = take((u64)most * ALPHAS);
  if (firsts == NULL) return false;
  fill_bytes(histogram, 0, sizeof histogram);
  for (u32 i = 0; i < pixels; i++) histogram[channel(run.pixels[i], GREEN_AT)]++;
  choose_alphas(histogram, most, firsts);
  if (alphas.count <= most) return true;
  for (u32 i = 0; i < pixels; i++) run.pixels[i] = BLACK | (u32)alphas.to[channel(run.pixels[i], GREEN_AT)] << GREEN_AT;
  // What is left are its colours.
  import.color_count = 0;
  for (u32 i = 0; i < alphas.count; i++) {
    argb color = BLACK | (u32)alphas.to[alphas.level[i]] << GREEN_AT;
    if (i == 0 || color != import.colors[import.color_count - 1]) import.colors[import.color_count++] = color;
  }
  return true;
}

#endif
