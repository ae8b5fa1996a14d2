// How bits get to the output, the first one lowest: RFC 1951, section 3.1.1, and section 2 of the WebP lossless bitstream.
//
// Up to 56 bits are put at a time. Whole bytes are stored at once, eight of them, without asking how many are full;
// the place moves on by those that are. Writers keep `bits`, `used` and `next` in variables over a loop.
#ifndef BIT_WRITER_H
#define BIT_WRITER_H

#include "kernel.h"

struct bit_writer {
  u64 bits;  // the last ones, not yet in a whole byte
  u32 used;  // how many they are: less than 8 between two calls of put_bits
  u8 *next;
};

// Adds n bits, of which the others are 0, where they fit behind those that wait: 64 altogether.
INLINE void add_bits(struct bit_writer *w, u64 bits, u32 n) {
  w->bits |= bits << (w->used & 63);
  w->used += n;
}
// Stores what is whole; at most 63 bits wait.
INLINE void store_bits(struct bit_writer *w) {
  store64(w->next, w->bits);
  w->next += w->used >> 3;
  w->bits >>= w->used & 56;
  w->used &= 7;
}
INLINE void put_bits(struct bit_writer *w, u64 bits, u32 n) {
  add_bits(w, bits, n);
  store_bits(w);
}

#endif
