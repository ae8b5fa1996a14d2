// The boolean entropy encoder, RFC 6386 section 7.
//
// `low` is the lower end of the interval, with 8 + count bits that are not written yet, and one above for the carry. 32 of
// them are written at once; a carry runs back through bytes of 0xff.
#ifndef BOOL_CODER_H
#define BOOL_CODER_H

#include "vp8.h"

struct coder {
  u64 low;
  u32 range, count;
  u8 *start, *next;
};

static struct coder coder_begin(u8 *to) { return (struct coder){.low = 0, .range = 255, .count = 0, .start = to, .next = to}; }

NOINLINE void carry(u8 *at) {
  do at--;
  while (++*at == 0);
}

// The bytes of the word, the highest first.
INLINE u32 reversed(u32 v) { return __builtin_bswap32(v); }

INLINE void coder_flush(struct coder *c) {
  u32 below = c->count - 24;
  u64 out = c->low >> below;
  if (out >> 32) carry(c->next);
  store32(c->next, reversed((u32)out));
  c->next += 4;
  c->low &= ((u64)1 << below) - 1;
  c->count -= 32;
}

// `probability` of a 0, in 1/256.
INLINE void put_bit(struct coder *c, u32 bit, u32 probability) {
  u32 split = 1 + (((c->range - 1) * probability) >> 8);
  u32 range = bit ? c->range - split : split;
  c->low += bit ? split : 0;
  u32 shift = (u32)__builtin_clz(range) - 24;
  c->range = range << shift;
  c->low <<= shift;
  c->count += shift;
  if (c->count >= 32) coder_flush(c);
}

// Bits of even chances, the highest first.
static void put_literal(struct coder *c, u32 value, u32 bits) {
  while (bits-- > 0) put_bit(c, value >> bits & 1, 128);
}

// A flag, and where it is set the magnitude and the sign (section 9.6).
static void put_optional(struct coder *c, i32 value, u32 bits) {
  put_literal(c, value != 0, 1);
  if (value == 0) return;
  put_literal(c, (u32)(value < 0 ? -value : value), bits);
  put_literal(c, value < 0, 1);
}

// Ends it; the bytes are those from `start` to `next`.
static void coder_end(struct coder *c) {
  u32 bits = 8 + c->count;  // 8 to 39
  u64 out = c->low << (40 - bits);
  if (out >> 40) carry(c->next);
  for (u32 i = 0; i < (bits + 7) / 8; i++) *c->next++ = (u8)(out >> (32 - 8 * i));
}

// Bytes that coder_flush may write beyond what is meant to be.
enum { CODER_SLACK = 8 };

// ---- what bits cost -----------------------------------------------------------------------------

#include "tables.h"

// In 1/256 of a bit.
INLINE u32 bit_cost(u32 bit, u32 probability) { return zero_costs[bit ? 256 - probability : probability]; }

#endif
