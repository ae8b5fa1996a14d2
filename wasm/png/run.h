// The image in the making: what is known of it, and where in the memory its parts lie. From the heap's base: the input, two
// rows, the pixels of an interlaced image. The memory grows behind it.
#ifndef RUN_H
#define RUN_H

#include "common/heap.h"

#include "choose.h"
#include "chunk.h"
#include "interlace.h"

enum { TARGET_STRIP_BYTES = 128 * 1024 };

enum phase { INSPECTING, SURVEYING, ROWS, PASS_ROWS, ENDING, FINISHED };

static struct {
  enum phase phase;
  u32 width, height, format, flags, level, filter, depth;
  u64 memory_limit;        // an address
  enum encoder_wish shortage;  // why reserve() gave false
  // The strip.
  u8 *input;
  u64 input_end;
  u32 pitch, strip_rows;    // bytes from row to row; rows that it holds
  u32 rows;                 // the first that was not handed over yet
  u32 from_row, to_row;     // that are written, all but where it is a band
  u32 strip_count, strip_at;  // rows in the strip, and the next of them
  u32 surveyed, wanted_row;   // strips; the first row of the strip that is to be shown
  // What is written.
  bool begun;
  struct layout layout;
  bool decided;  // on the layout, if there is one
  u32 bpp;
  bool in_place;  // rows are filtered where the host put them
  u8 *buffers[2];
  u32 turn;  // the buffer of the row at hand
  // The row at hand.
  bool row_open, row_first;  // the first one has nothing above it
  const u8 *row, *above;
  u32 row_bytes, row_at;  // row_at counts the byte for the filter
  u32 filter_type;
  // Interlaced.
  u8 *kept, *pass_at[PASSES];
  u32 pixel_bytes, pass, pass_row;
  // The file.
  u32 header_bytes;  // that are still to be put before the first part
  u8 *output;
  u32 output_bytes;
} run;

static u8 header[HEADER_BYTES];
static u8 palette[MAX_COLORS * 4];

// The first pixels of the row and of the one above, with the zeros that lie before them.
static u8 edge[2][32];

_Static_assert(OUTPUT_FRONT >= HEADER_BYTES + CHUNK_FRONT, "a header fits before the first chunk");
_Static_assert(OUTPUT_BEHIND >= CHUNK_BEHIND + END_BYTES, "the end fits behind the last one");

// Makes the memory reach to `end`.
static bool reserve(u64 end) {
  run.shortage = end > run.memory_limit ? OVER_LIMIT : NO_MEMORY;
  return end <= run.memory_limit && heap_reserve(end);
}

static u64 aligned(u64 address) { return (address + 63) & ~(u64)63; }

#endif
