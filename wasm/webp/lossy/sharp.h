// Sharper samples, for edges between strong colours: such that what a decoder shows is as near the pixels as may be.
//
// Each pair of rows (sharp_rows.h) is refined PASSES times, each time as soon as the pair below has had one time less, so that a few pairs
// are all that is kept. When its chroma is settled, and that of the pair below, luma is made to fit once more.
#ifndef SHARP_H
#define SHARP_H

#include "sharp_rows.h"

// A macroblock has PAIRS of rows. Of two rows of macroblocks what is still worked on is kept.
enum { PASSES = 4, PAIRS = 8, KEPT = 2 * PAIRS, CHROMA_MARGIN = 8 };
_Static_assert(PASSES + 2 <= PAIRS, "a pair, and those above that it is told of, are kept");

static struct {
  u32 across;       // in macroblocks
  u32 alpha_at;     // as in run.h
  i32 arrived;      // pairs
  struct pair pairs[KEPT];
  i16 *cr, *cb;     // for chroma that is refined
  u8 *hidden;       // of each macroblock, whether something of it is: two rows
} sharp;

INLINE u64 chroma_bytes(u32 across) { return (across * 8 + 2 * CHROMA_MARGIN) * sizeof(i16); }

static u64 sharp_bytes(u32 across) { return KEPT * 8ull * across * 16 * sizeof(i16) + (KEPT + 1) * 2 * chroma_bytes(across) + 2 * across; }

static i16 *take_chroma(u8 **at) {
  i16 *chroma = (i16 *)(void *)*at + CHROMA_MARGIN;
  *at += chroma_bytes(sharp.across);
  return chroma;
}

// `memory`: sharp_bytes() of it, aligned.
COLD static void sharp_begin(u8 *memory, u32 across, u32 alpha_at) {
  sharp.across = across;
  sharp.alpha_at = alpha_at;
  sharp.arrived = 0;
  for (u32 i = 0; i < KEPT; i++) {
    struct pair *pair = &sharp.pairs[i];
    i16 **rows[] = {pair->target, pair->red, pair->blue, pair->luma};
    for (u32 j = 0; j < 8; j++, memory += across * 16 * sizeof(i16)) rows[j >> 1][j & 1] = (i16 *)(void *)memory;
    pair->cr = take_chroma(&memory);
    pair->cb = take_chroma(&memory);
  }
  sharp.cr = take_chroma(&memory);
  sharp.cb = take_chroma(&memory);
  sharp.hidden = memory;
}

static struct pair *pair_at(i32 i) { return &sharp.pairs[i & (KEPT - 1)]; }

static u8 *hidden_at(i32 pair, u32 x) { return &sharp.hidden[(pair / PAIRS & 1) * (i32)sharp.across + (i32)x]; }

// Macroblock x of the row that arrives; `samples` are what it has so far.
NOINLINE void sharp_take(u32 x, const u8 *samples, const u8 *from, size_t pitch, bool hidden) {
  struct pair *pairs[PAIRS];
  for (i32 i = 0; i < PAIRS; i++) pairs[i] = pair_at(sharp.arrived + i);
  *hidden_at(sharp.arrived, x) = hidden;
  if (hidden || scalar_routines) sharp_take_scalar(pairs, x * 16, samples, from, pitch, sharp.alpha_at);
  else sharp_take_simd(pairs, x * 16, from, pitch);
}

// Beyond the edges decoders go on with the last sample.
static void end_chroma(i16 *chroma) {
  chroma[-1] = chroma[0];
  chroma[sharp.across * 8] = chroma[sharp.across * 8 - 1];
}

// `last` is the last pair of the image.
NOINLINE void sharp_refine(i32 i, i32 last, bool settled) {
  struct pair *pair = pair_at(i);
  const struct pair *above = pair_at(i == 0 ? 0 : i - 1), *below = pair_at(i == last ? i : i + 1);
  (scalar_routines ? sharp_refine_scalar : sharp_refine_simd)(pair, above, below, sharp.cr, sharp.cb, sharp.across * 16);
  if (settled) return;
  i16 *cr = pair->cr, *cb = pair->cb;
  pair->cr = sharp.cr;
  pair->cb = sharp.cb;
  sharp.cr = cr;
  sharp.cb = cb;
}

static void sharp_settle(struct pair *pair) {
  (scalar_routines ? sharp_settle_scalar : sharp_settle_simd)(pair->cr, pair->cb, sharp.across * 8);
}

static void sharp_give(u8 *samples, i32 i) {
  u32 y = (u32)i % PAIRS * 2;
  u8 *row = samples + (size_t)((u32)i / PAIRS) * sharp.across * SAMPLES;
  for (u32 x = 0; x < sharp.across; x++) {
    bool scalar = scalar_routines || *hidden_at(i, x);
    (scalar ? sharp_give_scalar : sharp_give_simd)(row + (size_t)x * SAMPLES, pair_at(i), x * 16, y);
  }
}

// A row of macroblocks is there, the last one or not; gives what is done to the samples of the image.
NOINLINE void sharp_advance(u8 *samples, bool end) {
  i32 first = sharp.arrived, beyond = first + PAIRS, last = end ? beyond - 1 : -1;
  for (i32 i = first; i < beyond; i++) {
    end_chroma(pair_at(i)->cr);
    end_chroma(pair_at(i)->cb);
  }
  sharp.arrived = beyond;
  for (i32 newest = first; newest < (end ? beyond + PASSES + 1 : beyond); newest++)
    for (i32 pass = 1; pass <= PASSES + 1; pass++) {
      i32 i = newest - pass;
      if (i < 0 || (end && i > last)) continue;
      sharp_refine(i, last, pass > PASSES);
      if (pass == PASSES) sharp_settle(pair_at(i));
      if (pass > PASSES) {
        sharp_give(samples, i);
        continue;
      }
      end_chroma(pair_at(i)->cr);
      end_chroma(pair_at(i)->cb);
    }
}

#endif
