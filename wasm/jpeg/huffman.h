// Huffman tables: the typical ones of T.81 K.3 and the best ones for given frequencies, K.2.
//
// A scan is first turned into tokens (tokens.h), each with the index of a code and the bits that follow it.
// Here the codes get their lengths and values.
#ifndef JPEG_HUFFMAN_H
#define JPEG_HUFFMAN_H

#include "common/prefix_code.h"
#include "jpeg.h"

// Indices of codes in `counts` and `codes`. RAW + n is no code: the n bits of the token stand alone.
enum { AC = 0, DC = 512, RAW = 544, CODES = RAW + 17 };
enum { AC_CODES = 256, DC_CODES = 16, TABLES = 4 };

// Where the codes of each table begin: the two of AC, the two of DC.
static const u16 table_base[TABLES] = {AC, AC + AC_CODES, DC, DC + DC_CODES};

struct huffman_table {
  u8 lengths[17];  // BITS: how many codes have 1 to 16 bits; [0] is not used
  u8 count;        // codes altogether, at most 256 - 1
  u8 symbols[256]; // HUFFVAL, the shortest code first
};

// (code << extra bits) << 5 | length of both: a token is written by one shift of `length` bits.
static u32 codes[CODES];
// How often each code is used.
static u32 counts[CODES];
static struct huffman_table tables[TABLES];

// Tables K.3 and K.4 (DC), K.5 and K.6 (AC), as in the DHT segment.
static const u8 typical_lengths[TABLES][16] = {
    {0, 2, 1, 3, 3, 2, 4, 3, 5, 5, 4, 4, 0, 0, 1, 125},
    {0, 2, 1, 2, 4, 4, 3, 4, 7, 5, 4, 4, 0, 1, 2, 119},
    {0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0},
    {0, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0},
};
// Behind these come, of AC, all other symbols in ascending order.
static const u8 typical_luma[] = {
    0x01, 0x02, 0x03, 0x00, 0x04, 0x11, 0x05, 0x12, 0x21, 0x31, 0x41, 0x06, 0x13, 0x51, 0x61, 0x07, 0x22, 0x71,
    0x14, 0x32, 0x81, 0x91, 0xa1, 0x08, 0x23, 0x42, 0xb1, 0xc1, 0x15, 0x52, 0xd1, 0xf0, 0x24, 0x33, 0x62, 0x72,
    0x82};
static const u8 typical_chroma[] = {
    0x00, 0x01, 0x02, 0x03, 0x11, 0x04, 0x05, 0x21, 0x31, 0x06, 0x12, 0x41, 0x51, 0x07, 0x61, 0x71, 0x13, 0x22,
    0x32, 0x81, 0x08, 0x14, 0x42, 0x91, 0xa1, 0xb1, 0xc1, 0x09, 0x23, 0x33, 0x52, 0xf0, 0x15, 0x62, 0x72, 0xd1,
    0x0a, 0x16, 0x24, 0x34, 0xe1, 0x25, 0xf1};

NOINLINE void huffman_typical_ac(struct huffman_table *table, const u8 *first, u32 count) {
  bool listed[256] = {false};
  for (u32 i = 0; i < count; i++) {
    table->symbols[i] = first[i];
    listed[first[i]] = true;
  }
  for (u32 run = 0; run < 16; run++)
    for (u32 size = 1; size <= 10; size++)
      if (!listed[run << 4 | size]) table->symbols[count++] = (u8)(run << 4 | size);
  table->count = (u8)count;
}

static void huffman_typical(void) {
  for (u32 t = 0; t < TABLES; t++) copy_bytes(tables[t].lengths + 1, typical_lengths[t], 16);
  huffman_typical_ac(&tables[0], typical_luma, sizeof typical_luma);
  huffman_typical_ac(&tables[1], typical_chroma, sizeof typical_chroma);
  for (u32 t = 2; t < TABLES; t++) {
    tables[t].count = 12;
    for (u32 i = 0; i < 12; i++) tables[t].symbols[i] = (u8)i;
  }
}

// The best table for frequency[0..symbols). One more symbol, the rarest, takes the code of ones only, which
// no table may have.
static void huffman_optimal(struct huffman_table *table, const u32 *frequency, u32 symbols) {
  u64 keys[257];
  u32 n = 0, depths[DEEPEST + 1];
  keys[n++] = 0;
  for (u32 s = 0; s < symbols; s++)
    // Of equals the greater symbol counts as the rarer one.
    if (frequency[s] > 0) keys[n++] = (u64)frequency[s] << 16 | (255 - s);
  table->count = (u8)(n - 1);
  for (u32 i = 0; i < 17; i++) table->lengths[i] = 0;
  if (n == 1) return;
  sort_keys(keys + 1, n - 1);
  code_depths(keys, n, depths);
  limit_depths(depths, 16);
  u32 longest = 16;
  while (depths[longest] == 0) longest--;
  depths[longest]--;
  for (u32 i = 1; i <= 16; i++) table->lengths[i] = (u8)depths[i];
  for (u32 i = 1; i < n; i++) table->symbols[n - 1 - i] = (u8)(255 - (keys[i] & 255));
}

// C.2: codes of one length are consecutive. The bits behind a code of baseline AC and of DC are as many as its
// low four bits say; codes of a progressive scan with none there are followed by RAW tokens.
NOINLINE void huffman_codes(const struct huffman_table *table, u32 base) {
  u32 code = 0, at = 0;
  for (u32 length = 1; length <= 16; length++, code <<= 1)
    for (u32 i = 0; i < table->lengths[length]; i++, code++) {
      u32 symbol = table->symbols[at++], extra = symbol & 15;
      codes[base + symbol] = code << extra << 5 | (length + extra);
    }
}

static void huffman_raw_codes(void) {
  for (u32 n = 0; n <= 16; n++) codes[RAW + n] = n;
}

// A code and its bits fit: 16 and, of DC at 8 bits a sample, 11. So does (code << extra) << 5.
_Static_assert(16 + 11 <= 27, "the length takes 5 of 32 bits");

#endif
