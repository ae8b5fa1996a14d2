// The output, and what a stream ends with.
#ifndef BITS_H
#define BITS_H

#include "common/bit_writer.h"

enum {
  // The largest block: see deflate_block.h and deflate_window.h.
  OUTPUT_BYTES = 576 * 1024,
  // Left free for the caller, who makes chunks of the output in place: before it the head of the file, up to PLTE and
  // tRNS of 256 colours, and that of the chunk, behind it the end of both.
  OUTPUT_FRONT = 1104,
  OUTPUT_BEHIND = 16,
};

static u8 output[OUTPUT_FRONT + OUTPUT_BYTES + OUTPUT_BEHIND] __attribute__((aligned(8)));

static struct bit_writer out = {.next = output + OUTPUT_FRONT};

// What is sure to fit, behind the bits that wait and before the end of the stream and what is stored beyond it.
static u32 output_room(void) {
  u32 left = (u32)(output + OUTPUT_FRONT + OUTPUT_BYTES - out.next);
  return left > 24 ? left - 24 : 0;
}

// Fills up the last byte with zeros.
static void align_bits(void) {
  out.used = (out.used + 7) & ~7u;
  store_bits(&out);
}

// That another stream goes on where this one ends: no block is the last one.
static bool open_ended;

// Ends the stream: RFC 1950 section 2.2, or an empty stored block (RFC 1951 section 3.2.4), behind which a byte begins.
static void end_stream(u32 adler) {
  if (open_ended) put_bits(&out, 0, 3);
  align_bits();
  put_bits(&out, open_ended ? 0xffff0000 : __builtin_bswap32(adler), 32);
}

#endif
