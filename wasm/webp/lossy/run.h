// The image in the making: what is known of it and where in the memory its parts lie. From the heap's base: the input, macroblocks,
// the row above, samples, levels, and behind these the output.
#ifndef RUN_H
#define RUN_H

#include "choose.h"
#include "common/heap.h"
#include "deblock.h"
#include "segments.h"
#include "sharp.h"
#include "transparent.h"

enum { TARGET_STRIP_BYTES = 128 * 1024, GROWTH_BYTES = 512 * 1024, MACROBLOCK_OUTPUT = 16 * 1024 };

enum phase { ROWS, FINISHED };

static struct {
  enum phase phase;
  u32 flags, effort, index, target, pixel_bytes;  // steps by `index`, in 1/16; bytes that the output may have, 0 for any
  u32 alpha_at;                                   // in a pixel; 4 where it has none or does not count
  u64 memory_limit;            // an address
  enum encoder_wish shortage;  // why reserve() gave false
  u64 reserved;
  // The strip.
  u8 *input;
  u32 pitch, strip_rows, rows;  // bytes from row to row; rows that it holds; rows that were handed over
  // The image, in macroblocks.
  u32 across, down;
  struct macroblock *macroblocks;
  u8 *activities;
  u8 *samples;                            // SAMPLES of each macroblock
  u8 *above[3];                           // the lowest row of the macroblocks above: luma, Cb, Cr
  i16 *above_lost;                        // of the DCs of chroma
  const i16 **rows_of_levels;
  i16 *levels, *levels_end;
  bool overflow;                          // a partition is larger than its size can say
  u64 tokens_cost;                        // in 1/256 of a bit, about
  u8 *shown;                              // with RECONSTRUCT: the planes of luma, Cb and Cr
  u32 histogram[ACTIVITIES];
  struct frame frame;
  struct segment segments[SEGMENTS];
  u8 *output, *output_end;
} run;

// Makes the memory reach to `end`.
static bool reserve(u64 end) {
  if (end <= run.reserved) return true;
  run.shortage = end > run.memory_limit ? OVER_LIMIT : NO_MEMORY;
  if (end > run.memory_limit || !heap_reserve(end)) return false;
  run.reserved = end;
  return true;
}

// The same for what grows bit by bit: in steps, as growing is a call to the host.
static bool reserve_step(u64 end) {
  if (end <= run.reserved) return true;
  u64 stepped = (end + GROWTH_BYTES - 1) & ~(u64)(GROWTH_BYTES - 1);
  return reserve(stepped <= run.memory_limit ? stepped : end);
}

static u64 aligned(u64 at) { return (at + 63) & ~(u64)63; }

#endif
