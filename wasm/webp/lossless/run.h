// The image in the making: what is known of it, and where in the memory its parts lie.
#ifndef RUN_H
#define RUN_H

#include "coded.h"
#include "common/heap.h"

enum {
  TARGET_STRIP_BYTES = 128 * 1024,
  INPUT_SLACK = 16,   // bytes read behind a strip
  PIXELS_SLACK = 16,  // pixels
};

// What an image becomes before it is coded.
struct way {
  bool indexed, subtract_green, predicted, crossed;
  // Copies from anywhere, or from nearby; else runs of the same pixel.
  bool matched, near;
  // A drawing that may be less as residuals: both are looked at.
  bool unsure;
};

// What is written, in this order.
enum phase { ROWS, TRANSFORMS, GREEN_STEP, MODES, CROSS, IMAGE, CODES_STEP, PIXELS, FINISHED };

static struct {
  enum phase phase;
  u32 width, height, flags, effort;
  u32 lost_bits;               // of a sample, at most
  u64 memory_limit;            // an address
  enum encoder_wish shortage;  // why take() gave NULL
  u64 end;                     // of the memory in use
  u8 *input;
  u32 pitch, strip_rows, rows;
  argb *pixels;
  struct way way;
  // What is written.
  u32 coded_width;           // that of the pixels
  struct image image, side;  // the pixels, and an image that tells something of them
  u32 *tokens, room;         // those of the image, and how many may be
  struct place place;
  u32 *counts, *codes;
  u32 groups, group;
  u32 side_codes[SYMBOLS];
} run;

static u64 aligned(u64 address) { return (address + 63) & ~(u64)63; }

// The next bytes of the memory, NULL where it may not have or does not get them.
COLD static void *take(u64 bytes) {
  u64 start = aligned(run.end), end = start + bytes;
  if (end > run.memory_limit || !heap_reserve(end)) {
    run.shortage = end > run.memory_limit ? OVER_LIMIT : NO_MEMORY;
    return NULL;
  }
  run.end = end;
  return (void *)(size_t)start;
}

#endif
