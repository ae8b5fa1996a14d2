// The way of a row of MCUs: from the strip through colour conversion and transform to tokens.
#ifndef RUN_ROWS_H
#define RUN_ROWS_H

#include "run.h"

// The MCU at run.row and run.column where the image ends within it: its last pixels are repeated, so that
// nothing but the image shapes the coefficients.
NOINLINE const u8 *fill_edge(const u8 *from, u32 width, u32 height) {
  u32 bytes = run.pixel_bytes, pitch = image.mcu_width * bytes;
  for (u32 y = 0; y < image.mcu_height; y++) {
    u8 *to = edge + y * pitch;
    copy_bytes(to, from + (size_t)min_u32(y, height - 1) * run.pitch, width * bytes);
    for (u32 i = width * bytes; i < pitch; i++) to[i] = to[i - bytes];
  }
  return edge;
}

// Rows of chroma at half the resolution, of which the image has `height` / 2: the last one is repeated, and not the mean of
// the last row of pixels alone, which would be another where the height is even.
NOINLINE void repeat_chroma(u32 luma, u32 height) {
  for (i16 *block = samples + luma * BLOCK; block < samples + (luma + 2) * BLOCK; block += BLOCK)
    for (u32 y = (height + 1) / 2; y < 8; y++) copy_bytes(block + y * 8, block + (y - 1) * 8, 8 * sizeof *block);
}

// Blocks of luma that lie outside of the image, after the first: nobody sees them, and the mean of the block before takes the
// fewest bits.
NOINLINE void blank_outside(u32 luma, u32 width, u32 height, u64 *masks) {
  u32 across = image.component[Y].across;
  for (u32 i = 1; i < luma; i++) {
    if (i % across * 8 < width && i / across * 8 < height) continue;
    i16 *block = samples + i * BLOCK;
    i16 mean = block[-BLOCK];
    fill_bytes(block, 0, BLOCK * sizeof *block);
    block[0] = mean;
    masks[i] = masks[i - 1] & 1;
  }
}

// Quantised coefficients of the next MCU in `samples`, and their masks.
INLINE void transform_mcu(u64 masks[MAX_MCU_BLOCKS]) {
  u32 x = run.column * image.mcu_width, y = (run.row - run.strip_start) * image.mcu_height;
  u32 width = image.width - x, height = run.strip_height - y;
  const u8 *from = run.input + (size_t)y * run.pitch + (size_t)x * run.pixel_bytes;
  size_t pitch = run.pitch;
  bool partial = width < image.mcu_width || height < image.mcu_height;
  if (partial) {
    from = fill_edge(from, min_u32(width, image.mcu_width), min_u32(height, image.mcu_height));
    pitch = image.mcu_width * run.pixel_bytes;
  }
  run.convert(samples, from, pitch);
  u32 luma = image.mcu_blocks - (image.components - 1);
  if (height < image.mcu_height && image.component[Y].down == 2) repeat_chroma(luma, height);
  run.transform(samples, luma, image.mcu_blocks, scaled, masks);
  if (partial) blank_outside(luma, width, height, masks);
}

INLINE token *put_mcu(token *to, const u64 *masks, bool count) {
  for (u32 i = 0; i < image.mcu_blocks; i++) {
    u32 c = image.mcu_component[i];
    to = put_block(to, samples + i * BLOCK, masks[i], c != Y, &run.predictors[c], count);
  }
  return to;
}

INLINE void store_mcu(void) {
  const i16 *block = samples;
  for (u32 c = 0; c < image.components; c++) {
    const struct component *component = &image.component[c];
    for (u32 v = 0; v < component->down; v++)
      for (u32 h = 0; h < component->across; h++, block += BLOCK) {
        size_t at = (size_t)(run.row * component->down + v) * component->pitch + run.column * component->across + h;
        copy_bytes(component->blocks + at * BLOCK, block, BLOCK * sizeof *block);
      }
  }
}

// What comes before the first MCU of a row. WANT_ROWS where the row can be encoded.
NOINLINE enum encoder_wish open_row(void) {
  u32 interval = restart_rows_of(image.mcus);
  // The segments that are kept have one for the first row already.
  u32 first = optimized() ? image.from_row : 0;
  bool restart = run.row > first && interval > 0 && run.row % interval == 0;
  if (image.flags & PROGRESSIVE) return WANT_ROWS;
  if (optimized()) {
    if (!keep((u64)image.mcus * image.mcu_blocks * BLOCK_TOKENS + 1)) return run.shortage;
    if (restart) {
      close_segment();
      open_segment();
    }
  } else if (restart) {
    if (!room()) return WANT_DRAIN;
    flush_chunk();
    write_padding();
    write_restart();
  }
  if (restart) fill_bytes(run.predictors, 0, sizeof run.predictors);
  return WANT_ROWS;
}

// The rest of a row of MCUs, which has room for its tokens. A function each, with the loop in it: so little is
// to be compiled anew by V8 in the first image.
NOINLINE enum encoder_wish encode_row_counted(void) {
  u64 masks[MAX_MCU_BLOCKS];
  for (; run.column < image.mcus; run.column++) {
    transform_mcu(masks);
    run.next = put_mcu(run.next, masks, true);
  }
  return WANT_ROWS;
}

// The same by chunks, which are written when they are full.
NOINLINE enum encoder_wish encode_row_chunked(void) {
  u64 masks[MAX_MCU_BLOCKS];
  for (; run.column < image.mcus; run.column++) {
    if (run.next + MAX_MCU_BLOCKS * BLOCK_TOKENS > chunk + CHUNK_TOKENS) {
      if (!room()) return WANT_DRAIN;
      flush_chunk();
    }
    transform_mcu(masks);
    run.next = put_mcu(run.next, masks, false);
  }
  return WANT_ROWS;
}

// The same where coefficients are kept.
NOINLINE enum encoder_wish store_row(void) {
  u64 masks[MAX_MCU_BLOCKS];
  for (; run.column < image.mcus; run.column++) {
    transform_mcu(masks);
    store_mcu();
  }
  return WANT_ROWS;
}

NOINLINE enum encoder_wish encode_rows(void) {
  for (; run.row < run.strip_end; run.row++, run.column = 0, run.row_open = false) {
    enum encoder_wish wish = run.row_open ? WANT_ROWS : open_row();
    if (wish != WANT_ROWS) return wish;
    run.row_open = true;
    wish = image.flags & PROGRESSIVE ? store_row() : optimized() ? encode_row_counted() : encode_row_chunked();
    if (wish != WANT_ROWS) return wish;
  }
  return WANT_ROWS;
}

#endif
