// The output: a buffer that the host takes whenever it is nearly full.
#ifndef OUT_H
#define OUT_H

#include "common/bit_writer.h"

enum {
  OUTPUT_BYTES = 64 * 1024,
  // What is sure to fit where out_room() holds: the codes of a group, or the tokens of a segment (coded.h).
  OUTPUT_ROOM = 16 * 1024,
};

static u8 output[OUTPUT_BYTES + 16] __attribute__((aligned(8)));
static struct bit_writer out;

// Begins a stream, or goes on after the output was taken: bits that wait stay.
static void out_taken(void) { out.next = output; }
static void out_begin(void) { out = (struct bit_writer){.next = output}; }
static bool out_room(void) { return out.next <= output + OUTPUT_BYTES - OUTPUT_ROOM; }
static u32 out_bytes(void) { return (u32)(out.next - output); }

// Up to 56 bits.
static void put(u64 bits, u32 n) { put_bits(&out, bits, n); }

// Fills up the last byte.
static void out_end(void) {
  if (out.used > 0) put(0, 8 - out.used);
}

#endif
