// Tokens to bytes: T.81 F.1.2.3 with the stuffed zero of B.1.1.5 behind each 0xff.
//
// Two loops. The first writes bits as 32-bit words, without a branch: each token is stored, and the place moves
// on by what is full. The second takes the bytes of the words in their order, sixteen at a time, and only where
// there is a 0xff among them one by one.
#ifndef JPEG_BITS_H
#define JPEG_BITS_H

#include "common/simd.h"
#include "tokens.h"

enum {
  CHUNK_TOKENS = 8192,                      // written at a time
  WORDS = CHUNK_TOKENS * 27 / 32 + 1 + 8,   // 27 bits each at most, a rest, and what is stored beyond the end
  CHUNK_BYTES = 2 * 4 * WORDS + 16,         // all of them 0xff, and what is stored beyond the end
};

static struct {
  u64 bits;  // the last ones, the latest lowest
  u32 used;  // how many of them are not yet in a word, less than 32
} pending;

static u32 words[WORDS];

// n <= CHUNK_TOKENS. Returns the number of full words.
NOINLINE u32 write_bits(const token *from, u32 n) {
  u64 bits = pending.bits;
  u32 used = pending.used, *to = words;
  UNROLL_BY_4 for (const token *end = from + n; from < end; from++) {
    u32 code = codes[*from >> 16], length = code & 31;
    bits = bits << length | (code >> 5) | (*from & 0xffff);
    used += length;
    *to = (u32)(bits >> (used & 31));
    to += used >> 5;
    used &= 31;
  }
  pending.bits = bits;
  pending.used = used;
  return (u32)(to - words);
}

// Fills the last byte with ones (F.1.2.3) and gives all bits that are left, as bytes of a word behind `count`
// full ones. Returns the number of bytes altogether.
static u32 pad_bits(u32 count) {
  u32 padding = -pending.used & 7, used = pending.used + padding;
  u64 bits = pending.bits << padding | ((1u << padding) - 1);
  words[count] = used == 0 ? 0 : (u32)(bits << (32 - used));
  pending.used = 0;
  return count * 4 + used / 8;
}

// The first `bytes` bytes of `words`, with stuffing. Writes up to 16 bytes beyond the end.
typedef u8 *(*stuff_op)(u8 *to, u32 bytes);

INLINE u8 *stuff_bytes(u8 *to, u32 start, u32 end) {
  for (u32 i = start; i < end; i++) {
    u8 byte = (u8)(words[i >> 2] >> (24 - 8 * (i & 3)));
    *to++ = byte;
    if (byte == 0xff) *to++ = 0;
  }
  return to;
}

static u8 *stuff_scalar(u8 *to, u32 bytes) { return stuff_bytes(to, 0, bytes); }

NOINLINE u8 *stuff_simd(u8 *to, u32 bytes) {
  const u8x16 order = {3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12};
  for (u32 i = 0; i < bytes;) {
    u8x16 v = u8x16_swizzle(u8x16_load(words + i / 4), order);
    if (i + 16 <= bytes && !u8x16_any_true(u8x16_eq(v, u8x16_splat(0xff)))) {
      u8x16_store(to, v);
      to += 16;
      i += 16;
    } else {
      u32 end = min_u32(i + 16, bytes);
      to = stuff_bytes(to, i, end);
      i = end;
    }
  }
  return to;
}

static const stuff_op stuff[2] = {stuff_simd, stuff_scalar};

#endif
