// The way of a row: out of the strip, or of the passes of an interlaced image, into PNG's layout, through its filter into the
// window of the compressor, and what that has ready as chunks.
#ifndef RUN_ROWS_H
#define RUN_ROWS_H

#include "deflate.h"
#include "run.h"
#include "smallest.h"

// ---- the stream ---------------------------------------------------------------------------------

// Makes an IDAT chunk of what the compressor has ready. The first has the header before it, the last IEND behind it.
static void take_output(bool last) {
  u8 *data = deflate_output(), *end = data;
  run.output = data;
  if (deflate_output_bytes() > 0) {
    end = close_chunk(data, deflate_output_bytes(), "IDAT");
    run.output = data - CHUNK_FRONT;
  }
  if (run.header_bytes > 0) {
    run.output -= run.header_bytes;
    copy_bytes(run.output, header, run.header_bytes);
    run.header_bytes = 0;
  }
  if (last) end = close_chunk(end + CHUNK_FRONT, 0, "IEND");
  run.output_bytes = (u32)(end - run.output);
}

// n bytes of the filtered row, from byte `at` on.
static void filter_part(u8 *to, u32 at, u32 n) {
  filter_op filter = filters[run.filter_type][convert.scalar];
  if (at < run.bpp) {
    u32 few = min_u32(n, run.bpp - at);
    filter(to, edge[0] + 16 + at, edge[1] + 16 + at, few, run.bpp);
    to += few;
    at += few;
    n -= few;
  }
  filter(to, run.row + at, run.above + at, n, run.bpp);
}

// Brings the row at hand into the stream; false where the output has to be taken before it can go on.
static bool write_row(void) {
  if (run.level >= SMALLEST) return smallest_row(run.row, run.above, run.row_bytes, run.row_first);
  while (run.row_at <= run.row_bytes) {
    u32 room = deflate_room(), n = 0;
    if (room == 0) {
      if (!deflate_run(false)) return false;
      continue;
    }
    u8 *to = deflate_input();
    if (run.row_at == 0) {
      to[n++] = (u8)run.filter_type;
      run.row_at++;
    }
    u32 at = run.row_at - 1, part = min_u32(room - n, run.row_bytes - at);
    filter_part(to + n, at, part);
    deflate_push(n + part);
    run.row_at += part;
  }
  return true;
}

// Begins a row, complete as it is written.
static void open_row(const u8 *row, const u8 *above, u32 bytes, bool first) {
  run.row = row;
  run.row_first = first;
  run.above = above;
  run.row_bytes = bytes;
  run.row_at = 0;
  run.row_open = true;
  if (run.level >= SMALLEST) return;
  if (first) deflate_rows(bytes + 1, run.bpp);
  u32 bpp = min_u32(run.bpp, bytes);
  copy_bytes(edge[0] + 16, row, bpp);
  copy_bytes(edge[1] + 16, above, bpp);
  // The first pixel counts where it is the only one.
  if (bytes > bpp) run.filter_type = choose_filter(row + bpp, above + bpp, bytes - bpp, bpp);
  else run.filter_type = choose_filter(edge[0] + 16, edge[1] + 16, bytes, bpp);
}

// ---- rows ---------------------------------------------------------------------------------------

// Whether all indices of a row are ones that the depth can hold.
static bool indices_fit(const u8 *row, u32 n) {
  u32 any = 0;
  for (u32 i = 0; i < n; i++) any |= row[i];
  return any < 1u << run.layout.depth;
}

// The bits behind the last pixel are the host's, and anything.
static void clear_padding(u8 *row) {
  if (run.width % 8 != 0) row[run.width / 8] &= (u8)(0xff00 >> run.width % 8);
}

// Pixels in whole bytes -> `to`, as they are written. False where they do not fit.
static bool convert_row(u8 *to, const u8 *from) {
  convert_pixels(to, from, 0, run.width);
  return run.layout.depth == 8 || convert.way != AS_IT_IS || convert.format != INDEXED8 || indices_fit(to, run.width);
}

static void pack_row(u8 *row, u32 width) {
  if (run.layout.depth < 8) bits[convert.scalar](row, row, width, run.layout.depth);
}

// Makes a row of the strip what is written, in the buffer whose turn it is. False where it does not fit the layout.
static bool make_row(const u8 *from) {
  u8 *row = run.buffers[run.turn];
  run.turn ^= 1;
  if (run.format == GRAY1 && run.layout.depth == 1) {
    copy_bytes(row, from, (u32)row_bytes(run.layout, run.width));
    clear_padding(row);
    return true;
  }
  if (!convert_row(row, from)) return false;
  pack_row(row, run.width);
  return true;
}

// Opens the next row of the strip. False where it does not fit the layout.
static bool open_strip_row(void) {
  const u8 *from = run.input + (size_t)run.strip_at * run.pitch;
  u32 bytes = (u32)row_bytes(run.layout, run.width);
  bool first = run.rows - run.strip_count == run.from_row && run.strip_at == 0;
  if (run.in_place) {
    open_row(from, run.strip_at > 0 ? from - run.pitch : run.buffers[1], bytes, first);
    return true;
  }
  u8 *row = run.buffers[run.turn], *above = run.buffers[run.turn ^ 1];
  if (!make_row(from)) return false;
  open_row(row, above, bytes, first);
  return true;
}

// Keeps what is still needed of a strip that the host will write over.
static void leave_strip(void) {
  if (run.in_place && run.strip_count > 0)
    copy_bytes(run.buffers[1], run.input + (size_t)(run.strip_count - 1) * run.pitch, (size_t)run.row_bytes);
}

// ---- interlaced ---------------------------------------------------------------------------------

// Sorts the rows of the strip into the passes. False where one does not fit.
static bool keep_strip(u32 first_row) {
  for (u32 i = 0; i < run.strip_count; i++) {
    u8 *row = run.buffers[0];
    u32 y = first_row + i;
    if (!convert_row(row, run.input + (size_t)i * run.pitch)) return false;
    for (u32 p = 0; p < PASSES; p++) {
      const struct pass *pass = &passes[p];
      if (!pass_has_row(pass, y)) continue;
      size_t at = (size_t)pass_row(pass, y) * pass_width(pass, run.width) * run.pixel_bytes;
      pass_pick(run.pass_at[p] + at, row, run.width, run.pixel_bytes, pass);
    }
  }
  return true;
}

// Opens the next row of the passes; false where there are no more.
static bool open_pass_row(void) {
  for (; run.pass < PASSES; run.pass++, run.pass_row = 0) {
    const struct pass *pass = &passes[run.pass];
    u32 width = pass_width(pass, run.width), height = pass_height(pass, run.height);
    if (width == 0 || run.pass_row == height) continue;
    u32 bytes = (u32)row_bytes(run.layout, width);
    size_t kept_bytes = (size_t)width * run.pixel_bytes;
    const u8 *row = run.pass_at[run.pass] + run.pass_row * kept_bytes, *above = row - kept_bytes;
    if (run.pass_row == 0) {
      run.turn = 0;
      fill_bytes(run.buffers[1], 0, bytes);
      above = run.buffers[1];
    }
    if (run.layout.depth < 8) {
      u8 *to = run.buffers[run.turn];
      above = run.buffers[run.turn ^ 1];
      run.turn ^= 1;
      copy_bytes(to, row, kept_bytes);
      pack_row(to, width);
      row = to;
    }
    open_row(row, above, bytes, run.pass_row == 0);
    run.pass_row++;
    return true;
  }
  return false;
}

#endif
