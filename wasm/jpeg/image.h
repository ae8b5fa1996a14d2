// What is known of the image in work, and the markers that say so in the file: T.81 Annex B, T.871 (JFIF).
#ifndef JPEG_IMAGE_H
#define JPEG_IMAGE_H

#include "color.h"
#include "dct.h"
#include "tokens.h"

struct component {
  u32 across, down;  // sampling factors
  u32 table;         // 0 for luma, 1 for chroma: of quantisation and of Huffman codes
  u32 pitch;         // blocks in a row, with those that only fill up an MCU
  u32 wide, high;    // blocks of samples, without them
  i16 *blocks;       // where coefficients are kept, row by row
};

static struct {
  u32 width, height, flags;
  u32 components;
  struct component component[COMPONENTS];
  u32 mcu_width, mcu_height;  // pixels
  u32 mcu_blocks;
  u8 mcu_component[MAX_MCU_BLOCKS];  // of each block
  u32 mcus, mcu_rows;    // in a row, and rows
  u32 restart_rows;      // MCU rows between restart markers, 0 without any
  u32 from_row, to_row;  // MCU rows that are written, all but where it is a band
} image;

// Row by row, as Annex K prints them; [1] for chroma. The host may write its own before jpeg_begin.
static u8 quantizers[2][BLOCK];
// By position in a stored block, for dct.h.
static struct quantizer scaled[2] __attribute__((aligned(16)));

// Tables K.1 and K.2.
static const u8 annex_k[2][BLOCK] = {
    {16, 11, 10, 16, 24,  40,  51,  61,  12, 12, 14, 19, 26,  58,  60,  55,  14, 13, 16, 24, 40,  57,
     69, 56, 14, 17, 22,  29,  51,  87,  80, 62, 18, 22, 37,  56,  68,  109, 103, 77, 24, 35, 55,  64,
     81, 104, 113, 92, 49, 64, 78,  87,  103, 121, 120, 101, 72, 92, 95,  98,  112, 100, 103, 99},
    {17, 18, 24, 47, 99, 99, 99, 99, 18, 21, 26, 66, 99, 99, 99, 99, 24, 26, 56, 99, 99, 99,
     99, 99, 47, 66, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
     99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99}};

// Quality 1 to 100 as libjpeg reads it: 50 is Annex K, below it the steps grow as 1 / quality, above it they
// shrink in proportion.
static void quantizers_by_quality(u32 quality) {
  u32 percent = quality < 50 ? 5000 / quality : 200 - 2 * quality;
  for (u32 t = 0; t < 2; t++)
    for (u32 i = 0; i < BLOCK; i++) {
      u32 step = (annex_k[t][i] * percent + 50) / 100;
      quantizers[t][i] = (u8)(step < 1 ? 1 : min_u32(step, 255));
    }
}

// Row by row, from the position in a stored block; and back.
INLINE u32 transposed(u32 position) { return (position & 7) * 8 + (position >> 3); }

static void quantizers_prepare(void) {
  for (u32 t = 0; t < 2; t++)
    for (u32 at = 0; at < BLOCK; at++) {
      u32 step = quantizers[t][transposed(at)];
      if (step == 0) __builtin_trap();
      quantizer_set(&scaled[t], at, step);
    }
}

static u32 divide_up(u32 a, u32 b) { return (a + b - 1) / b; }

static void image_prepare(u32 width, u32 height, u32 subsampling, u32 flags, u32 restart_rows) {
  image.width = width;
  image.height = height;
  image.flags = flags;
  image.components = flags & GRAY ? 1 : COMPONENTS;
  u32 across = flags & GRAY || subsampling == CHROMA_444 ? 1 : 2;
  u32 down = flags & GRAY || subsampling != CHROMA_420 ? 1 : 2;
  image.mcu_width = 8 * across;
  image.mcu_height = 8 * down;
  image.mcus = divide_up(width, image.mcu_width);
  image.mcu_rows = divide_up(height, image.mcu_height);
  image.mcu_blocks = across * down + image.components - 1;
  image.restart_rows = restart_rows;
  image.from_row = 0;
  image.to_row = image.mcu_rows;
  for (u32 c = 0; c < image.components; c++) {
    bool luma = c == Y;
    u32 h = luma ? across : 1, v = luma ? down : 1;
    for (u32 i = 0; i < h * v; i++) image.mcu_component[c == Y ? i : across * down + c - 1] = (u8)c;
    image.component[c] = (struct component){
        .across = h,
        .down = v,
        .table = !luma,
        .pitch = image.mcus * h,
        // A.1.1 and A.2.4
        .wide = divide_up(divide_up(width * h, across), 8),
        .high = divide_up(divide_up(height * v, down), 8),
    };
  }
}

// ---- markers ------------------------------------------------------------------------------------

static u8 *put8(u8 *to, u32 byte) { *to = (u8)byte; return to + 1; }
static u8 *put16(u8 *to, u32 value) { return put8(put8(to, value >> 8), value & 255); }
// `bytes`: of the segment behind its length
static u8 *put_segment(u8 *to, u32 marker, u32 bytes) { return put16(put16(to, marker), bytes + 2); }

// SOI, APP0: JFIF 1.01, square pixels of no known size. 20 bytes, behind which APPn segments of others fit.
static u8 *put_jfif(u8 *to) {
  static const u8 jfif[] = {'J', 'F', 'I', 'F', 0, 1, 1, 0, 0, 1, 0, 1, 0, 0};
  to = put_segment(put16(to, 0xffd8), 0xffe0, sizeof jfif);
  copy_bytes(to, jfif, sizeof jfif);
  return to + sizeof jfif;
}

// DQT and SOF. Progressive frames are SOF2. Eight-bit steps alone, so that SOF0 is right.
static u8 *put_frame(u8 *to) {
  u32 count = image.components == 1 ? 1 : 2;
  to = put_segment(to, 0xffdb, count * (1 + BLOCK));
  for (u32 t = 0; t < count; t++) {
    to = put8(to, t);
    for (u32 k = 0; k < BLOCK; k++) to = put8(to, quantizers[t][transposed(zigzag[k])]);
  }
  to = put_segment(to, image.flags & PROGRESSIVE ? 0xffc2 : 0xffc0, 6 + 3 * image.components);
  to = put8(to, 8);
  to = put16(put16(to, image.height), image.width);
  to = put8(to, image.components);
  for (u32 c = 0; c < image.components; c++) {
    const struct component *component = &image.component[c];
    to = put8(put8(put8(to, c + 1), component->across << 4 | component->down), component->table);
  }
  return to;
}

// One DHT for the tables in `which`, a bit for each of `tables`.
static u8 *put_tables(u8 *to, u32 which) {
  u32 bytes = 0;
  for (u32 t = 0; t < TABLES; t++)
    if (which >> t & 1) bytes += 17 + tables[t].count;
  if (bytes == 0) return to;
  to = put_segment(to, 0xffc4, bytes);
  for (u32 t = 0; t < TABLES; t++) {
    if (!(which >> t & 1)) continue;
    to = put8(to, (t < 2) << 4 | (t & 1));
    copy_bytes(to, tables[t].lengths + 1, 16);
    copy_bytes(to + 16, tables[t].symbols, tables[t].count);
    to += 16 + tables[t].count;
  }
  return to;
}

// MCUs between restart markers, by MCU rows; fewer rows where they are more than B.2.4.4 can say.
static u32 restart_rows_of(u32 mcus) { return min_u32(image.restart_rows, 65535 / mcus); }

// DRI, by the MCUs in a row of the scan.
static u8 *put_restart_interval(u8 *to, u32 mcus) {
  if (image.restart_rows == 0) return to;
  return put16(put_segment(to, 0xffdd, 2), restart_rows_of(mcus) * mcus);
}

struct scan {
  u8 component, components;  // the first, and how many
  u8 first, last;            // coefficients in zigzag order: Ss, Se
  u8 high, low;              // successive approximation: Ah, Al
};

static u8 *put_scan(u8 *to, const struct scan *scan) {
  to = put8(put_segment(to, 0xffda, 4 + 2 * scan->components), scan->components);
  for (u32 c = scan->component; c < (u32)scan->component + scan->components; c++) {
    u32 table = image.component[c].table;
    // A progressive scan has codes of one kind at most, and the other selector is 0 (G.1.1.1.1).
    bool dc = scan->first == 0 && scan->high == 0, ac = scan->last > 0;
    to = put8(put8(to, c + 1), (dc ? table << 4 : 0) | (ac ? table : 0));
  }
  return put8(put8(put8(to, scan->first), scan->last), scan->high << 4 | scan->low);
}

// The longest run of markers: those above with all tables.
enum { MARKER_BYTES = 20 + 134 + 19 + (4 + 4 * 17 + 2 * 256 + 2 * 16) + 6 + 14 };

#endif
