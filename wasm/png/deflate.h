// A zlib stream, RFC 1950, of one deflate stream, RFC 1951, made as its bytes come.
//
// Bytes are written to deflate_input(), which is inside the window, and told by deflate_push(). deflate_run() makes
// sequences of what is there (match_run.h, match_strings.h, match_chain.h), in parts of some ten thousand symbols. A part
// joins the block before it unless two blocks cost less, header included; then the block is written. All stops where the
// output has no room for a block, and goes on when it was taken.
//
// One stream at a time. Nothing of a stream shows in the next one.
#ifndef DEFLATE_H
#define DEFLATE_H

#include "checksum.h"
#include "deflate_split.h"
#include "match_chain.h"
#include "match_run.h"
#include "match_strings.h"

enum deflate_matcher {
  RUNS = 0,     // filtered photographs: little but runs repeats itself
  STRINGS = 1,  // text and graphics
};

struct deflate_settings {
  u8 level;    // 0 stored; 1 to 3 fast; 4 to 6 balanced; 7 to 9 smallest
  u8 matcher;
  bool scalar; // checksums by the routines that define the SIMD ones
};

// Bytes that are pushed before they are matched.
enum { RUN_BYTES = 16384 };
_Static_assert((u32)PART_SYMBOLS < (u32)MOST_LITERALS, "a part fits a block");

static struct {
  struct deflate_settings settings;
  u32 adler;
  void (*matcher)(u8 *limit);
  u8 *run_end;       // deflate_run is to be called when input gets here
  bool block_ready;  // a plan is made, and waits for room
  bool finished;
} stream;

// For stored blocks, which have no symbols.
static void match_nothing(u8 *limit) { match.literals = match.at = limit; }

// What the bytes that come next are like; may change at any time.
static void deflate_expect(u8 matcher) {
  u8 level = stream.settings.level;
  if (level == 0) stream.matcher = match_nothing;
  else if (matcher == RUNS && level <= 6) stream.matcher = match_runs;
  else if (level <= 5) stream.matcher = match_strings;
  else stream.matcher = match_chain;
}

// Rows of so many bytes begin here, of pixels of so many.
static void deflate_rows(u32 row, u32 pixel) {
  match.row = row;
  match.left = pixel;
  match.rows_from = position_of(match.end);
}

static void deflate_begin(struct deflate_settings settings) {
  static const struct string_effort efforts[6] = {
      [1] = {1, 0, 4}, [2] = {1, 16, 4}, [3] = {2, 32, 32}, [4] = {3, 32, 32}, [5] = {4, 32, 64},
  };
  tokens_prepare();
  stream.settings = settings;
  stream.adler = 1;
  stream.block_ready = stream.finished = false;
  match.start = match.part = match.literals = match.at = match.end = window;
  stream.run_end = match.end + RUN_BYTES;
  match.moved = match.symbols = 0;
  match.part_sequences = match.next = sequences;
  fill_bytes(match.block_counts, 0, sizeof match.block_counts);
  fill_bytes(match.part_counts, 0, sizeof match.part_counts);
  fill_bytes(literal_counts, 0, sizeof literal_counts);
  deflate_rows(0, 1);
  if (settings.level <= 5) strings_begin(efforts[settings.level]);
  else chain_begin();
  price_begin(settings.matcher == RUNS ? 5 : 6);
  deflate_expect(settings.matcher);
  // Section 2.2: deflate with a window of 32 kB, and how hard it was tried.
  out = (struct bit_writer){.next = output + OUTPUT_FRONT};
  u32 effort = settings.level <= 1 ? 0 : settings.level <= 5 ? 1 : settings.level == 6 ? 2 : 3;
  u32 header = 0x78 << 8 | effort << 6;
  header += 31 - header % 31;
  put_bits(&out, (header >> 8) | (header & 0xff) << 8, 16);
}

static u8 *deflate_input(void) { return match.end; }
// Little at a time, so that it is still in the cache when it is matched.
static u32 deflate_room(void) { return (u32)(stream.run_end - match.end); }

static void deflate_push(u32 n) {
  stream.adler = adler32[stream.settings.scalar](stream.adler, match.end, n);
  match.end += n;
}

// What is ready. When it was taken, deflate_taken.
static u8 *deflate_output(void) { return output + OUTPUT_FRONT; }
static u32 deflate_output_bytes(void) { return (u32)(out.next - deflate_output()); }
static void deflate_taken(void) { out.next = output + OUTPUT_FRONT; }

// ---- the block ----------------------------------------------------------------------------------

// All of the window to its front, but what is out of reach.
static void move_window(void) {
  if (match.start - window <= HISTORY) return;
  u8 *from = match.start - HISTORY;
  u32 by = (u32)(from - window);
  __builtin_memmove(window, from, (size_t)(match.end - from));
  match.moved += by;
  match.start -= by;
  match.part -= by;
  match.literals -= by;
  match.at -= by;
  match.end -= by;
  stream.run_end -= by;
}

// The part joins the block.
static void join_part(void) {
  for (u32 i = 0; i < SYMBOLS; i++) match.block_counts[i] += match.part_counts[i];
  fill_bytes(match.part_counts, 0, sizeof match.part_counts);
  match.symbols = 0;
  match.part = match.at;
  match.part_sequences = match.next;
}

static void plan(void) {
  if (stream.settings.level == 0) plan_stored((u32)(match.part - match.start));
  else plan_block(match.block_counts, (u32)(match.part - match.start));
  stream.block_ready = true;
}

// Ends the part: from here on its literals are known.
static void close_part(void) {
  if (match.literals < match.at) put_sequence(match.at, 0);
  gather_literals();
  if (stream.matcher != match_runs) price_update(match.part_counts);
  u32 literals = sum_counts(match.block_counts, 256) + sum_counts(match.part_counts, 256);
  bool apart = literals > MOST_LITERALS || split_pays(match.block_counts, match.part_counts);
  if (match.part > match.start && apart) plan();
  else join_part();
}

// Writes the planned block, which ends before the part.
static bool write_block(void) {
  bool last = stream.finished && !open_ended;
  if (!block_fits()) return false;
  u32 count = (u32)(match.part_sequences - sequences);
  if (block.kind == STORED) {
    write_stored(match.start, (u32)(match.part - match.start), last);
  } else {
    begin_block(last);
    write_sequences(sequences, count, match.start);
    end_block();
  }
  stream.block_ready = false;
  fill_bytes(match.block_counts, 0, sizeof match.block_counts);
  // The part begins the next one.
  u32 rest = (u32)(match.next - match.part_sequences);
  __builtin_memmove(sequences, match.part_sequences, rest * sizeof *sequences);
  match.part_sequences = sequences;
  match.next = sequences + rest;
  match.start = match.part;
  if (match.at > match.part) join_part();
  // Early, so that little of the cache is used.
  if (match.start - window >= 3 * HISTORY) move_window();
  return true;
}

static u32 window_room(void) { return (u32)(window + WINDOW_BYTES - match.end); }

// ---- the stream ---------------------------------------------------------------------------------

// Of photographs the codes change more slowly.
static u32 part_symbols(void) { return stream.matcher == match_runs ? PART_SYMBOLS : PART_SYMBOLS / 2; }

// Where the matcher is to stop: at the end of what is there, or of the part.
static u8 *next_limit(u8 *limit) {
  u32 pending = (u32)(match.at - match.literals), symbols = match.symbols + pending;
  u32 more = symbols + 256 > part_symbols() ? 256 : part_symbols() - symbols;
  return (u32)(limit - match.at) > more ? match.at + more : limit;
}

static bool part_full(void) {
  return match.symbols + (u32)(match.at - match.literals) >= part_symbols() || match.at - match.part >= PART_BYTES;
}

// Whether one more part could be too much for the sequences, the window, or the output that it is stored in.
static bool block_full(void) {
  u32 most = stream.settings.level == 0 ? MAX_BLOCK : BLOCK_BYTES;
  return match.next + PART_SYMBOLS > sequences + MAX_SEQUENCES || (u32)(match.part - match.start) > most - PART_BYTES - HISTORY;
}

// Compresses what is there; with `last` all of it, and ends the stream. False where the output has to be taken first,
// then it is to be called again, just so. Otherwise there is room for more input.
static bool deflate_run(bool last) {
  for (;;) {
    if (stream.block_ready && !write_block()) return false;
    if (stream.finished) break;
    u8 *limit = last ? match.end : match.end - match.at > MARGIN ? match.end - MARGIN : match.at;
    if (match.at < limit) {
      stream.matcher(next_limit(limit));
      if (part_full()) {
        close_part();
        if (!stream.block_ready && block_full()) plan();
      }
      continue;
    }
    if (last) {
      if (match.at > match.part) close_part();
      if (stream.block_ready) continue;
      stream.finished = true;
      plan();
      continue;
    }
    if (window_room() < RUN_BYTES) move_window();
    if (window_room() >= RUN_BYTES) {
      stream.run_end = match.end + RUN_BYTES;
      return true;
    }
    close_part();
    if (!stream.block_ready) plan();
  }
  end_stream(stream.adler);
  return true;
}

#endif
