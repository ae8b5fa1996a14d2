// The image in the making: what is known of it, where in the memory its parts lie, and what is written of its tokens. From the
// heap's base: the input, then what is kept. The memory grows behind it.
#ifndef RUN_H
#define RUN_H

#include "common/heap.h"
#include "bits.h"
#include "color.h"
#include "dct.h"
#include "flatten.h"
#include "image.h"
#include "progressive.h"

enum { OUTPUT_BYTES = 2 * CHUNK_BYTES, TARGET_STRIP_BYTES = 128 * 1024, GROWTH_BYTES = 512 * 1024 };
_Static_assert(OUTPUT_BYTES >= CHUNK_BYTES + MARKER_BYTES + 16, "a chunk fits an empty output");

static u8 output[OUTPUT_BYTES];
static u8 *output_end = output;

// Tokens of a chunk in the making, with the typical tables.
static token chunk[CHUNK_TOKENS];

// One MCU, and what the image lacks of it filled up.
static i16 samples[MAX_MCU_BLOCKS * BLOCK] __attribute__((aligned(16)));
static u8 edge[16 * 16 * 4];

enum phase { ROWS, SCAN, WRITE, END, FINISHED };

static struct {
  enum phase phase;
  flatten_op flatten;  // where the format has alpha
  convert_op convert;
  transform_op transform;
  stuff_op stuff;
  mask_op mask;
  u32 pixel_bytes;
  u64 memory_limit;         // an address
  enum encoder_wish shortage;  // why reserve() gave false
  // The strip.
  u8 *input;
  u32 pitch, strip_rows;       // bytes from row to row; rows that it holds
  u32 rows;                    // that were handed over
  u32 strip_start, strip_end;  // MCU rows
  u32 strip_height;            // rows of pixels
  // The MCU that comes next.
  u32 row, column;
  bool row_open;
  i32 predictors[COMPONENTS];
  u32 restarts;
  // Tokens: of the chunk, or all that are kept, in segments that begin with their number of tokens.
  token *first, *next, *limit, *segment;
  // What is written of them.
  const token *written;
  u32 left;
  u32 scan;
} run;

static bool room(void) { return (size_t)(output + OUTPUT_BYTES - output_end) >= CHUNK_BYTES + MARKER_BYTES; }

static bool optimized(void) { return (image.flags & OPTIMIZE) != 0; }

// ---- tokens to output ---------------------------------------------------------------------------

// Needs room().
static void write_chunk(const token *from, u32 n) { output_end = run.stuff(output_end, write_bits(from, n) * 4); }

// Ends what is coded in one piece: at a restart marker and at the end of a scan.
static void write_padding(void) { output_end = run.stuff(output_end, pad_bits(0)); }

static void write_restart(void) { output_end = put16(output_end, 0xffd0 + (run.restarts++ & 7)); }

// Restart markers before the one that the rows begin with, which the first ones of the image do not.
static u32 earlier_restarts(void) { return image.from_row == 0 ? 0 : image.from_row / restart_rows_of(image.mcus) - 1; }

NOINLINE void flush_chunk(void) {
  write_chunk(chunk, (u32)(run.next - chunk));
  run.next = chunk;
}

// Makes the memory reach to `end`.
static bool reserve(u64 end) {
  run.shortage = end > run.memory_limit ? OVER_LIMIT : NO_MEMORY;
  return end <= run.memory_limit && heap_reserve(end);
}

// Room for that many tokens more of those that are kept.
NOINLINE bool keep(u64 tokens) {
  u64 end = (u64)(size_t)run.next + tokens * sizeof(token);
  if (end <= (size_t)run.limit) return true;
  // In steps, as growing is a call to the host.
  end = (end + GROWTH_BYTES - 1) & ~(u64)(GROWTH_BYTES - 1);
  if (!reserve(end)) return false;
  run.limit = (token *)(size_t)end;
  return true;
}

static void open_segment(void) { run.segment = run.next++; }
static void close_segment(void) { *run.segment = (u32)(run.next - run.segment - 1); }

// Writes what is kept; false where the output has to be taken before it can go on.
NOINLINE bool write_segments(void) {
  while (run.written < run.next) {
    if (!room()) return false;
    if (run.left == 0) {
      if (run.written > run.first || image.from_row > 0) write_restart();
      run.left = *run.written++;
    }
    u32 n = min_u32(run.left, CHUNK_TOKENS);
    write_chunk(run.written, n);
    run.written += n;
    run.left -= n;
    if (run.left == 0) write_padding();
  }
  return true;
}

#endif
