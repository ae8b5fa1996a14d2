// From the pixels of the host to those of PNG, section 7.2: whole bytes, 16 bits big-endian, or samples of less
// than a byte, the leftmost highest.
//
//   pack        bytes of a pixel -> bytes of another, by a list of where each comes from. Reordered, left out,
//               byte-swapped or doubled samples are all such a list.
//   map         bytes through a table
//   bits        bytes of 0 to 2^depth - 1 -> 1, 2 or 4 bits each, the last byte filled up with 0
//   unpack_gray1  bits -> bytes of 0 or 255
#ifndef PACK_H
#define PACK_H

#include "common/simd.h"
#include "png.h"

// ---- bytes of pixels ----------------------------------------------------------------------------

enum { PIXEL_BYTES = 8, OPAQUE = 255 };

// `order` says which byte of a pixel becomes each byte of the new one; OPAQUE is a byte of 255.
struct packing {
  u8 from_bytes, to_bytes;  // a pixel
  u8 order[PIXEL_BYTES];
  u8 turn;     // pixels that fit a vector on both sides
  u8 list[16]; // for these
  u8 opaque[16];
};

static void packing_prepare(struct packing *p) {
  u32 more = p->from_bytes > p->to_bytes ? p->from_bytes : p->to_bytes;
  p->turn = (u8)(16 / more);
  for (u32 i = 0; i < 16; i++) {
    u32 pixel = i / p->to_bytes, from = p->order[i % p->to_bytes];
    bool used = pixel < p->turn && from != OPAQUE;
    p->list[i] = used ? (u8)(pixel * p->from_bytes + from) : 255;
    p->opaque[i] = pixel < p->turn && from == OPAQUE ? 255 : 0;
  }
}

typedef void (*pack_op)(u8 *to, const u8 *from, u32 n, const struct packing *p);

static void pack_scalar(u8 *to, const u8 *from, u32 n, const struct packing *p) {
  for (; n > 0; n--, from += p->from_bytes, to += p->to_bytes)
    for (u32 i = 0; i < p->to_bytes; i++) to[i] = p->order[i] == OPAQUE ? 255 : from[p->order[i]];
}

// A turn loads and stores 16 bytes, as long as both are there.
static void pack_simd(u8 *to, const u8 *from, u32 n, const struct packing *p) {
  u8x16 list = u8x16_load(p->list), opaque = u8x16_load(p->opaque);
  u32 turn = p->turn, from_step = turn * p->from_bytes, to_step = turn * p->to_bytes;
  u32 least = p->from_bytes < p->to_bytes ? p->from_bytes : p->to_bytes, room = (15 + least) / least;
  for (; n >= room; n -= turn, from += from_step, to += to_step)
    u8x16_store(to, u8x16_or(u8x16_swizzle(u8x16_load(from), list), opaque));
  pack_scalar(to, from, n, p);
}

static const pack_op pack[2] = {pack_simd, pack_scalar};

// ---- samples of less than a byte ----------------------------------------------------------------

// `to` may equal `from`.
static void map(u8 *to, const u8 *from, u32 n, const u8 table[256]) {
  for (u32 i = 0; i < n; i++) to[i] = table[from[i]];
}

typedef void (*bits_op)(u8 *to, const u8 *from, u32 n, u32 depth);

// Written from the lowest address on, so `to` may equal `from`.
static void bits_scalar(u8 *to, const u8 *from, u32 n, u32 depth) {
  u32 each = 8 / depth;
  for (u32 at = 0; at < n; at += each) {
    u32 byte = 0;
    for (u32 i = 0; i < each; i++) byte = byte << depth | (at + i < n ? from[at + i] : 0);
    *to++ = (u8)byte;
  }
}

// Of each two bytes the first, shifted, with the second: 32 bytes -> 16.
INLINE u8x16 join_pairs(u8x16 low, u8x16 high, int depth) {
  const u16x8 first = u16x8_splat(0xff);
  u16x8 l = (u16x8)low, h = (u16x8)high;
  l = (u16x8)u8x16_or((u8x16)u16x8_shl((u16x8)u8x16_and((u8x16)l, (u8x16)first), depth), (u8x16)u16x8_shr(l, 8));
  h = (u16x8)u8x16_or((u8x16)u16x8_shl((u16x8)u8x16_and((u8x16)h, (u8x16)first), depth), (u8x16)u16x8_shr(h, 8));
  return u8x16_narrow(l, h);
}

// 32 bytes -> 16 of double depth, until a byte is full.
INLINE u8x16 join4(const u8 *from) { return join_pairs(u8x16_load(from), u8x16_load(from + 16), 4); }
INLINE u8x16 join2(const u8 *from) {
  u8x16 low = join_pairs(u8x16_load(from), u8x16_load(from + 16), 2);
  return join_pairs(low, join_pairs(u8x16_load(from + 32), u8x16_load(from + 48), 2), 4);
}

// 8 bytes of 0 or 1 -> the bits of a byte: the lanes go in backwards, as lane 0 becomes the lowest bit.
INLINE u32 join1(const u8 *from) {
  u8x16 v = u8x16_load(from);
  v = u8x16_shuffle(v, v, 7, 6, 5, 4, 3, 2, 1, 0, 15, 14, 13, 12, 11, 10, 9, 8);
  return u8x16_bitmask(u8x16_eq(v, u8x16_splat(1)));
}

// 16, 32 or 64 bytes a turn, all loaded before the store.
static void bits_simd(u8 *to, const u8 *from, u32 n, u32 depth) {
  if (depth == 1) {
    for (; n >= 16; n -= 16, from += 16, to += 2) store16(to, (u16)join1(from));
  } else if (depth == 2) {
    for (; n >= 64; n -= 64, from += 64, to += 16) u8x16_store(to, join2(from));
  } else {
    for (; n >= 32; n -= 32, from += 32, to += 16) u8x16_store(to, join4(from));
  }
  bits_scalar(to, from, n, depth);
}

static const bits_op bits[2] = {bits_simd, bits_scalar};

// 0 or 255 for each of n bits.
static void unpack_gray1(u8 *to, const u8 *from, u32 n) {
  for (u32 i = 0; i < n; i++) to[i] = from[i >> 3] >> (7 - (i & 7)) & 1 ? 255 : 0;
}

#endif
