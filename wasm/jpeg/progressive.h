// Coefficients to the tokens of a progressive scan, T.81 Annex G.
//
// All coefficients are kept; a scan is one pass over those of its components, its band and its bit. What a
// block has at that bit comes from two masks: of coefficients that are not 0 with the bit, and of those that
// are not 0 without it.
#ifndef JPEG_PROGRESSIVE_H
#define JPEG_PROGRESSIVE_H

#include "common/simd.h"
#include "image.h"

// Every scan of a colour image and of a gray one, as libjpeg's simple progression has them.
static const struct scan color_scans[] = {
    {0, 3, 0, 0, 0, 1},  {0, 1, 1, 5, 0, 2},  {2, 1, 1, 63, 0, 1}, {1, 1, 1, 63, 0, 1}, {0, 1, 6, 63, 0, 2},
    {0, 1, 1, 63, 2, 1}, {0, 3, 0, 0, 1, 0},  {2, 1, 1, 63, 1, 0}, {1, 1, 1, 63, 1, 0}, {0, 1, 1, 63, 1, 0},
};
static const struct scan gray_scans[] = {
    {0, 1, 0, 0, 0, 1}, {0, 1, 1, 5, 0, 2}, {0, 1, 6, 63, 0, 2},
    {0, 1, 1, 63, 2, 1}, {0, 1, 0, 0, 1, 0}, {0, 1, 1, 63, 1, 0},
};
enum { COLOR_SCANS = sizeof color_scans / sizeof color_scans[0], GRAY_SCANS = sizeof gray_scans / sizeof gray_scans[0] };

// Most tokens a block has in a scan: a code or a correction bit for each coefficient, runs of 16, the rests of
// correction bits, and the two of an end-of-band run.
enum { SCAN_BLOCK_TOKENS = 63 + 3 + 4 + 2 };

// A bit for each coefficient with a magnitude of at least 1 << low, in order of storage.
typedef u64 (*mask_op)(const i16 *block, int low);

static u64 mask_scalar(const i16 *block, int low) {
  u64 mask = 0;
  for (u32 at = 0; at < BLOCK; at++) mask |= (u64)(magnitude(block[at]) >> low != 0) << at;
  return mask;
}

static u64 mask_simd(const i16 *block, int low) {
  u64 zero = 0;
  UNROLL for (u32 j = 0; j < 8; j += 2) {
    i16x8 a = i16x8_load(block + j * 8), b = i16x8_load(block + j * 8 + 8);
    u16x8 x = u16x8_shr((u16x8)i16x8_xor(a, i16x8_shr(a, 15)), low);
    u16x8 y = u16x8_shr((u16x8)i16x8_xor(b, i16x8_shr(b, 15)), low);
    zero |= (u64)u8x16_bitmask(u8x16_eq(u8x16_narrow(x, y), u8x16_splat(0))) << (j * 8);
  }
  return ~zero;
}

static const mask_op block_mask[2] = {mask_simd, mask_scalar};

// Blocks without a coefficient left in the band, G.1.2.2. The two tokens that say how many are put where the
// run begins, as correction bits may follow at once, and filled in when it has ended.
static struct {
  token *at;
  u32 length;
} end_run;

static void end_run_close(u32 base) {
  if (end_run.length == 0) return;
  u32 size = 31 - (u32)__builtin_clz(end_run.length);
  put_token(end_run.at, base + (size << 4), 0, true);
  put_token(end_run.at + 1, RAW + size, end_run.length & ((1u << size) - 1), true);
  end_run.length = 0;
}

static token *end_run_extend(token *to) {
  if (end_run.length++ > 0) return to;
  end_run.at = to;
  return to + 2;
}

enum { LONGEST_END_RUN = 0x7fff };

INLINE u64 band_of(const struct scan *scan) {
  return (~(u64)0 >> (63 - scan->last)) & (~(u64)0 << scan->first);
}

// The first scan of a band, G.1.2.2.
static token *put_band(token *to, const i16 *block, const struct scan *scan, u32 base, mask_op mask) {
  u64 left = zigzag_mask(mask(block, scan->low)) & band_of(scan);
  u32 next = scan->first;
  if (left != 0) end_run_close(base);
  while (left != 0) {
    u32 k = (u32)__builtin_ctzll(left), run = k - next;
    left &= left - 1;
    next = k + 1;
    for (; run > 15; run -= 16) to = put_token(to, base + 0xf0, 0, true);
    i32 x = block[zigzag[k]] >> scan->low;
    u32 size = 32 - (u32)__builtin_clz(magnitude(x));
    to = put_token(to, base + (run << 4) + size, low_bits(x, size), true);
  }
  if (next > scan->last) return to;
  to = end_run_extend(to);
  if (end_run.length == LONGEST_END_RUN) end_run_close(base);
  return to;
}

// Correction bits as RAW tokens, the first bit highest; up to 63.
INLINE token *put_corrections(token *to, u64 bits, u32 count) {
  while (count > 0) {
    u32 n = min_u32(count, 16);
    count -= n;
    to = put_token(to, RAW + n, (u32)(bits >> count) & ((1u << n) - 1), true);
  }
  return to;
}

// A band once more, one bit lower, G.1.2.3.
static token *put_refinement(token *to, const i16 *block, const struct scan *scan, u32 base, mask_op mask) {
  u64 present = zigzag_mask(mask(block, scan->low)) & band_of(scan);
  u64 known = zigzag_mask(mask(block, scan->high)) & band_of(scan), fresh = present & ~known;
  // Runs of zeros are told up to the last coefficient that is new.
  u64 left = fresh == 0 ? 0 : present & (~(u64)0 >> __builtin_clzll(fresh));
  u64 rest = present & ~left, corrections = 0;
  u32 next = scan->first, run = 0, count = 0;
  if (left != 0) end_run_close(base);
  while (left != 0) {
    u32 k = (u32)__builtin_ctzll(left);
    left &= left - 1;
    run += k - next;
    next = k + 1;
    for (; run > 15; run -= 16, count = 0)
      to = put_corrections(put_token(to, base + 0xf0, 0, true), corrections, count);
    i32 x = block[zigzag[k]];
    if (known >> k & 1) {
      corrections = corrections << 1 | (magnitude(x) >> scan->low & 1);
      count++;
      continue;
    }
    to = put_token(to, base + (run << 4) + 1, x >= 0, true);
    to = put_corrections(to, corrections, count);
    run = count = 0;
  }
  if (next > scan->last) return to;
  to = end_run_extend(to);
  for (; rest != 0; rest &= rest - 1, count++) {
    i32 x = block[zigzag[__builtin_ctzll(rest)]];
    corrections = corrections << 1 | (magnitude(x) >> scan->low & 1);
  }
  to = put_corrections(to, corrections, count);
  if (end_run.length == LONGEST_END_RUN) end_run_close(base);
  return to;
}

// The DC coefficients of a row of MCUs, G.1.2.1.
static token *put_dc_row(token *to, u32 row, const struct scan *scan, i32 *predictors) {
  for (u32 mcu = 0; mcu < image.mcus; mcu++)
    for (u32 c = 0; c < image.components; c++) {
      const struct component *component = &image.component[c];
      for (u32 v = 0; v < component->down; v++)
        for (u32 h = 0; h < component->across; h++) {
          u32 at = (row * component->down + v) * component->pitch + mcu * component->across + h;
          i32 dc = value_of(component->blocks[(size_t)at * BLOCK]) >> scan->low;
          if (scan->high > 0) {
            to = put_token(to, RAW + 1, (u32)dc & 1, true);
            continue;
          }
          to = put_dc(to, dc - predictors[c], DC + component->table * DC_CODES, true);
          predictors[c] = dc;
        }
    }
  return to;
}

// The band of a row of blocks.
static token *put_band_row(token *to, u32 row, const struct scan *scan, mask_op mask) {
  const struct component *component = &image.component[scan->component];
  const i16 *block = component->blocks + (size_t)row * component->pitch * BLOCK;
  u32 base = AC + component->table * AC_CODES;
  for (u32 x = 0; x < component->wide; x++, block += BLOCK)
    to = (scan->high == 0 ? put_band : put_refinement)(to, block, scan, base, mask);
  return to;
}

#endif
