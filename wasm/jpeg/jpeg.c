// The run of an encoder, and what the host calls.
//
// The host writes strips of rows to jpeg_input() and calls jpeg_rows(); where the answer is WANT_DRAIN it
// takes the output and calls jpeg_resume(), until all rows are in and the answer is DONE. Every part of the
// work stops where the output could run full, and goes on there.
//
// With the typical Huffman tables, tokens are written as soon as there is a chunk of them. With tables made for
// the image all tokens are kept, a word each; a progressive image keeps its coefficients, and the tokens of one
// scan at a time. What is kept grows as it comes.
//
// Of a sequential image with restart markers a band can be written alone, between two of them, so that several instances
// share the work: jpeg_begin() with the whole image, then jpeg_band(), then the rows. With tables made for the image the answer
// to the last row is FOUND: counts are to be added up over the bands, and then, in any instance, jpeg_begin(), jpeg_band(),
// jpeg_resume_band() and jpeg_write_band() make the part. The parts one behind the other are the file.

#include "jpeg.h"

#include "run_rows.h"

// ---- scans --------------------------------------------------------------------------------------

static const struct scan sequential = {.component = 0, .components = COMPONENTS, .first = 0, .last = 63};

NOINLINE void make_tables(u32 which) {
  for (u32 t = 0; t < TABLES; t++)
    if (which >> t & 1) {
      u32 base = table_base[t];
      if (optimized()) huffman_optimal(&tables[t], counts + base, t < 2 ? AC_CODES : DC_CODES);
      huffman_codes(&tables[t], base);
    }
}

// Bits for `tables`: AC luma and chroma, DC luma and chroma.
static u32 all_tables(void) { return image.components == 1 ? 5 : 15; }

NOINLINE void put_sequential_scan(void) {
  struct scan scan = sequential;
  scan.components = (u8)image.components;
  make_tables(all_tables());
  u8 *to = put_restart_interval(put_tables(output_end, all_tables()), image.mcus);
  output_end = put_scan(to, &scan);
  // The head is that of the file.
  if (image.from_row > 0) output_end = output;
}

static bool is_band(void) { return image.to_row - image.from_row < image.mcu_rows; }

static void rewind_tokens(void) {
  run.next = run.first;
  fill_bytes(counts, 0, sizeof counts);
}

// All tokens of a progressive scan.
NOINLINE bool tokenize_scan(const struct scan *scan) {
  bool dc = scan->first == 0;
  const struct component *component = &image.component[scan->component];
  // A scan of one component has its blocks for MCUs.
  u32 rows = dc ? image.mcu_rows : component->high, mcus = dc ? image.mcus : component->wide;
  u32 interval = restart_rows_of(mcus), base = AC + component->table * AC_CODES;
  u64 most = dc ? (u64)mcus * image.mcu_blocks : (u64)mcus * SCAN_BLOCK_TOKENS;
  rewind_tokens();
  for (u32 row = 0; row < rows; row++) {
    if (!keep(most + 1)) return false;
    if (row == 0 || (interval > 0 && row % interval == 0)) {
      if (row > 0) {
        end_run_close(base);
        close_segment();
      }
      open_segment();
      fill_bytes(run.predictors, 0, sizeof run.predictors);
    }
    run.next = dc ? put_dc_row(run.next, row, scan, run.predictors) : put_band_row(run.next, row, scan, run.mask);
  }
  end_run_close(base);
  close_segment();
  u32 which = !dc ? 1u << component->table : scan->high > 0 ? 0 : image.components == 1 ? 4 : 12;
  make_tables(which);
  output_end = put_scan(put_restart_interval(put_tables(output_end, which), mcus), scan);
  return true;
}

NOINLINE enum encoder_wish advance(void) {
  bool progressive = (image.flags & PROGRESSIVE) != 0;
  u32 scans = !progressive ? 1 : image.components == 1 ? GRAY_SCANS : COLOR_SCANS;
  if (run.phase == ROWS) {
    enum encoder_wish wish = encode_rows();
    if (wish != WANT_ROWS || run.row < image.to_row) return wish;
    run.phase = optimized() ? SCAN : END;
    if (optimized() && !progressive) close_segment();
    if (optimized() && is_band()) return FOUND;
  }
  for (;;) {
    if (!room()) return WANT_DRAIN;
    switch (run.phase) {
      case SCAN:
        if (!progressive) {
          put_sequential_scan();
        } else if (!tokenize_scan(&(image.components == 1 ? gray_scans : color_scans)[run.scan])) {
          return run.shortage;
        }
        run.restarts = earlier_restarts();
        run.written = run.first;
        run.left = 0;
        run.phase = WRITE;
        break;
      case WRITE:
        if (!write_segments()) return WANT_DRAIN;
        run.phase = ++run.scan < scans ? SCAN : END;
        break;
      case END:
        if (!optimized()) {
          flush_chunk();
          write_padding();
        }
        if (image.to_row == image.mcu_rows) output_end = put16(output_end, 0xffd9);
        run.phase = FINISHED;
        return DONE;
      default:
        return DONE;
    }
  }
}

// ---- what the host calls ------------------------------------------------------------------------

// 128 steps, row by row, luma and chroma: for the host to read or to write before jpeg_begin.
EXPORT(jpeg_quantizers) u8 *jpeg_quantizers(void) { return &quantizers[0][0]; }
// The steps for a quality of 1 to 100.
EXPORT(jpeg_quality) void jpeg_quality(u32 quality) { quantizers_by_quality(quality < 1 ? 1 : min_u32(quality, 100)); }

// The colour that alpha is flattened on, 0xbbggrr, to be set before jpeg_begin; it is kept for the next images.
EXPORT(jpeg_background)
void jpeg_background(u32 color) {
  for (u32 c = 0; c < 3; c++) background[c] = (u8)(color >> (8 * c));
}

// Where a strip is written to, after jpeg_begin, and how many rows it may have: a multiple of jpeg_mcu_rows.
EXPORT(jpeg_input) u8 *jpeg_input(void) { return run.input; }
EXPORT(jpeg_strip_rows) u32 jpeg_strip_rows(void) { return run.strip_rows; }

// Output to be taken after each answer of WANT_DRAIN and DONE, and its bytes.
EXPORT(jpeg_output) u8 *jpeg_output(void) { return output; }
EXPORT(jpeg_output_bytes) u32 jpeg_output_bytes(void) { return (u32)(output_end - output); }

static u32 bytes_of(u32 format) { return format == GRAY8 ? 1 : format == RGB8 || format == BGR8 ? 3 : 4; }

NOINLINE void choose_routines(u32 format, u32 subsampling, u32 flags) {
  u32 scalar = (flags & SCALAR) != 0;
  u32 shape = flags & GRAY ? 3 : subsampling;
  run.pixel_bytes = bytes_of(format);
  run.flatten = format == RGBA8 || format == BGRA8 || format == ARGB8 ? flatten[format == ARGB8][scalar] : NULL;
  run.convert = format == GRAY8 ? convert_gray8[scalar] : convert_color[run.pixel_bytes == 3][shape][scalar];
  run.transform = transform[scalar];
  run.stuff = stuff[scalar];
  run.mask = block_mask[scalar];
}

// Lays out the memory. False where it cannot be had.
NOINLINE bool layout(u32 pitch) {
  u64 strip = (u64)pitch * image.mcu_height;
  u32 count = (u32)(TARGET_STRIP_BYTES / strip);
  run.pitch = pitch;
  run.strip_rows = image.mcu_height * (count == 0 ? 1 : min_u32(count, image.mcu_rows));
  run.input = heap_start();
  u64 end = (u64)(size_t)run.input + (u64)pitch * run.strip_rows;
  end = (end + 63) & ~(u64)63;
  if (image.flags & PROGRESSIVE)
    for (u32 c = 0; c < image.components; c++) {
      struct component *component = &image.component[c];
      component->blocks = (i16 *)(size_t)end;
      end += (u64)component->pitch * component->down * image.mcu_rows * BLOCK * sizeof(i16);
    }
  if (!reserve(end)) return false;
  run.first = run.next = run.limit = optimized() ? (token *)(size_t)end : chunk;
  return true;
}

// Begins an image, whatever became of the one before. `pitch`: bytes from row to row of a strip, at least a
// row of pixels. `memory_limit`: bytes the memory may have. Answers WANT_ROWS, OVER_LIMIT
// or NO_MEMORY.
EXPORT(jpeg_begin)
u32 jpeg_begin(u32 width, u32 height, u32 format, u32 subsampling, u32 flags, u32 restart_rows, u32 pitch,
               u32 memory_limit) {
  bool known = format == GRAY8 || (format >= RGB8 && format <= BGRX8);
  if (!known || subsampling > CHROMA_420 || (format == GRAY8 && !(flags & GRAY))) __builtin_trap();
  if (width < 1 || width > MAX_SIDE || height < 1 || height > MAX_SIDE) __builtin_trap();
  if (pitch < width * bytes_of(format)) __builtin_trap();
  if (flags & PROGRESSIVE) flags |= OPTIMIZE;
  fill_bytes(&run, 0, sizeof run);
  fill_bytes(&pending, 0, sizeof pending);
  fill_bytes(&end_run, 0, sizeof end_run);
  fill_bytes(counts, 0, sizeof counts);
#ifdef __wasm__
  run.memory_limit = memory_limit;
#else
  run.memory_limit = (u64)(size_t)native_heap + memory_limit;
#endif
  image_prepare(width, height, subsampling, flags, restart_rows);
  quantizers_prepare();
  if (format != GRAY8) color_prepare(format);
  flatten_prepare(format);
  if (zigzag_masks[0][1] == 0) tokens_prepare();
  huffman_raw_codes();
  choose_routines(format, subsampling, flags);
  run.phase = ROWS;
  output_end = put_frame(put_jfif(output));
  if (!layout(pitch)) return run.shortage;
  if (!optimized()) {
    huffman_typical();
    put_sequential_scan();
  } else if (!(flags & PROGRESSIVE)) {
    if (!keep(1)) return run.shortage;
    open_segment();
  }
  return WANT_ROWS;
}

// Before the first rows: that only those of a band come, from `row` on, and its part of the file is made. Both ends are at a
// restart marker, or at those of the image.
EXPORT(jpeg_band)
void jpeg_band(u32 row, u32 rows) {
  u32 interval = restart_rows_of(image.mcus) * image.mcu_height, end = row + rows;
  if (run.phase != ROWS || run.rows > 0 || (image.flags & PROGRESSIVE) || interval == 0) __builtin_trap();
  if (row >= image.height || rows == 0 || rows > image.height - row) __builtin_trap();
  if (row % interval != 0 || (end < image.height && end % interval != 0)) __builtin_trap();
  image.from_row = run.row = run.strip_end = row / image.mcu_height;
  image.to_row = divide_up(end, image.mcu_height);
  run.rows = row;
  run.restarts = earlier_restarts();
  if (row > 0) output_end = output;
}

// What is found of a band: how often each code is used, and the tokens.
EXPORT(jpeg_counts) u8 *jpeg_counts(void) { return (u8 *)counts; }
EXPORT(jpeg_counts_bytes) u32 jpeg_counts_bytes(void) { return sizeof counts; }
EXPORT(jpeg_tokens) u8 *jpeg_tokens(void) { return (u8 *)run.first; }
EXPORT(jpeg_tokens_bytes) u32 jpeg_tokens_bytes(void) { return (u32)((const u8 *)run.next - (const u8 *)run.first); }

// Instead of rows, after jpeg_band: makes room for that many bytes of tokens, which the host writes to jpeg_tokens(), as it
// does the counts to jpeg_counts(), before it calls jpeg_write_band.
EXPORT(jpeg_resume_band)
u32 jpeg_resume_band(u32 bytes) {
  if (run.phase != ROWS || !optimized() || bytes % sizeof(token) != 0) __builtin_trap();
  run.next = run.first;
  if (!keep(bytes / sizeof(token))) return run.shortage;
  run.next += bytes / sizeof(token);
  run.phase = SCAN;
  return WANT_ROWS;
}
// Answers WANT_DRAIN or DONE.
EXPORT(jpeg_write_band) u32 jpeg_write_band(void) { return advance(); }

// Takes the next `rows` rows from the input: as many as a strip has, or those that are left of the image.
EXPORT(jpeg_rows)
u32 jpeg_rows(u32 rows) {
  u32 end = min_u32(image.to_row * image.mcu_height, image.height), left = end - run.rows;
  if (run.phase != ROWS || run.row < run.strip_end || rows == 0 || rows > run.strip_rows || rows > left) __builtin_trap();
  if (rows < left && rows % image.mcu_height != 0) __builtin_trap();
  run.strip_start = run.strip_end;
  run.strip_end = run.strip_start + divide_up(rows, image.mcu_height);
  run.strip_height = rows;
  run.rows += rows;
  if (run.flatten)
    for (u32 y = 0; y < rows; y++) run.flatten(run.input + (size_t)y * run.pitch, image.width);
  return advance();
}

// Goes on after WANT_DRAIN.
EXPORT(jpeg_resume)
u32 jpeg_resume(void) {
  output_end = output;
  return advance();
}
