// The checksums of PNG: Adler-32 of the uncompressed stream (RFC 1950, section 8.2) and the CRC-32 of chunks (third
// edition, section 5.5 and annex D). Both go on where they stopped: the first call gets 1 or 0, each later one the
// last result.
#ifndef CHECKSUM_H
#define CHECKSUM_H

#include "common/simd.h"

// ---- Adler-32 -----------------------------------------------------------------------------------
// s1 is 1 and the sum of all bytes, s2 the sum of all s1, both modulo 65521: s2 << 16 | s1.

enum { ADLER_MODULUS = 65521 };

typedef u32 (*adler_op)(u32 adler, const u8 *bytes, u32 n);

static u32 adler32_scalar(u32 adler, const u8 *bytes, u32 n) {
  u32 s1 = adler & 0xffff, s2 = adler >> 16;
  while (n > 0) {
    // The most for which 255 n (n + 1) / 2 + (n + 1) (65521 - 1) stays below 2^32.
    u32 part = min_u32(n, 5552);
    n -= part;
    for (; part > 0; part--) {
      s1 += *bytes++;
      s2 += s1;
    }
    s1 %= ADLER_MODULUS;
    s2 %= ADLER_MODULUS;
  }
  return s2 << 16 | s1;
}

// Turns of 32 bytes. Over a turn s2 grows by 32 times the s1 before it and by each byte times the number of bytes
// from it to the end of the turn; that weight depends on the lane only, so the bytes of a lane are summed up first.
static u32 adler32_simd(u32 adler, const u8 *bytes, u32 n) {
  u32 s1 = adler & 0xffff, s2 = adler >> 16;
  while (n >= 32) {
    // Lanes of 16 bits hold 257 bytes; 160 turns of 32 bytes are 5120, which s2 can grow by as well.
    u32 turns = min_u32(n / 32, 160);
    u16x8 lane[4] = {u16x8_splat(0), u16x8_splat(0), u16x8_splat(0), u16x8_splat(0)};
    u32x4 sum = u32x4_splat(0), sums = sum;
    s2 += s1 * 32 * turns;
    n -= turns * 32;
    for (; turns > 0; turns--, bytes += 32) {
      u8x16 low = u8x16_load(bytes), high = u8x16_load(bytes + 16);
      sums = u32x4_add(sums, sum);
      sum = u32x4_add(sum, u32x4_add_pairs(u16x8_add(u16x8_add_pairs(low), u16x8_add_pairs(high))));
      lane[0] = u16x8_add(lane[0], u16x8_extend_low(low));
      lane[1] = u16x8_add(lane[1], u16x8_extend_high(low));
      lane[2] = u16x8_add(lane[2], u16x8_extend_low(high));
      lane[3] = u16x8_add(lane[3], u16x8_extend_high(high));
    }
    s1 += sum[0] + sum[1] + sum[2] + sum[3];
    s2 += 32 * (sums[0] + sums[1] + sums[2] + sums[3]);
    UNROLL for (u32 i = 0; i < 4; i++) {
      u16 first = (u16)(32 - 8 * i);
      u16x8 weights = {first, (u16)(first - 1), (u16)(first - 2), (u16)(first - 3),
                       (u16)(first - 4), (u16)(first - 5), (u16)(first - 6), (u16)(first - 7)};
      u32x4 grown = u32x4_add(u32x4_mul(u32x4_extend_low(lane[i]), u32x4_extend_low(weights)),
                              u32x4_mul(u32x4_extend_high(lane[i]), u32x4_extend_high(weights)));
      s2 += grown[0] + grown[1] + grown[2] + grown[3];
    }
    s1 %= ADLER_MODULUS;
    s2 %= ADLER_MODULUS;
  }
  return adler32_scalar(s2 << 16 | s1, bytes, n);
}

static const adler_op adler32[2] = {adler32_simd, adler32_scalar};

// ---- CRC-32 -------------------------------------------------------------------------------------
// Sixteen bytes a turn: crc_tables[k][b] is what byte b does when k more zeros follow it.

enum { CRC_POLYNOMIAL = (i32)0xedb88320, CRC_SLICES = 16 };

static u32 crc_tables[CRC_SLICES][256];

static void crc_prepare(void) {
  if (crc_tables[0][1] != 0) return;
  for (u32 b = 0; b < 256; b++) {
    u32 crc = b;
    for (u32 bit = 0; bit < 8; bit++) crc = crc >> 1 ^ ((u32)CRC_POLYNOMIAL & -(crc & 1));
    crc_tables[0][b] = crc;
  }
  for (u32 k = 1; k < CRC_SLICES; k++)
    for (u32 b = 0; b < 256; b++)
      crc_tables[k][b] = crc_tables[k - 1][b] >> 8 ^ crc_tables[0][crc_tables[k - 1][b] & 255];
}

INLINE u32 crc_word(u32 word, u32 slice) {
  return crc_tables[slice + 3][word & 255] ^ crc_tables[slice + 2][word >> 8 & 255] ^
         crc_tables[slice + 1][word >> 16 & 255] ^ crc_tables[slice][word >> 24];
}

static u32 crc32(u32 crc, const u8 *bytes, u32 n) {
  crc_prepare();
  crc = ~crc;
  for (; n >= 16; n -= 16, bytes += 16)
    crc = crc_word(load32(bytes) ^ crc, 12) ^ crc_word(load32(bytes + 4), 8) ^ crc_word(load32(bytes + 8), 4) ^
          crc_word(load32(bytes + 12), 0);
  for (; n > 0; n--) crc = crc >> 8 ^ crc_tables[0][(crc ^ *bytes++) & 255];
  return ~crc;
}

#endif
