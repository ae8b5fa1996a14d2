// The run of an encoder, and what the host calls.
//
// The host writes strips of rows to png_input(). Where png_begin answers WANT_INSPECT it shows png_inspect() the strip that
// begins at png_wanted_row(), until that answers WANT_ROWS; then it calls png_rows() with all of them from the first row on.
// Where the answer is WANT_DRAIN it takes the output and calls png_resume(), until all rows are in and the answer is DONE.
//
// A row goes through the filter straight into the window of the compressor, but at the levels of smallest.h, where it goes
// through that. Only an interlaced image is kept.

#include "png.h"

#include "run_rows.h"

// ---- the run ------------------------------------------------------------------------------------

static u32 strips(void) { return (run.to_row - run.from_row + run.strip_rows - 1) / run.strip_rows; }

// Whether what no pixel needs is left out; of indices only what all of them tell.
static bool reduced(void) { return (run.flags & REDUCE) && (run.format != INDEXED8 || (run.flags & INSPECT)); }

// Decides on the layout. False where there is none.
COLD static bool decide(void) {
  bool indexed = run.format == INDEXED8;
  if (indexed && reduced()) facts_of_palette(palette);
  run.layout = reduced() ? choose_reduced(run.depth, (u64)run.width * run.height) : natural_layout(run.format, run.depth);
  if (run.layout.depth == 0) return false;
  if (run.layout.type == TYPE_PALETTE && !indexed) colors_sort();
  convert_prepare(run.format, run.layout, reduced());
  chooser_begin(run.filter, run.level, run.layout, strips());
  run.decided = true;
  return true;
}

// All strips from the first one on are wanted.
static enum encoder_wish want_rows(void) {
  if (!run.decided && !decide()) return MISFIT;
  run.rows = run.from_row;
  run.strip_count = run.strip_at = 0;
  run.phase = ROWS;
  return WANT_ROWS;
}

// After the inspection of an image of several strips: those that show what it is like.
COLD static enum encoder_wish survey(void) {
  if (run.phase != SURVEYING) {
    bool useful = (run.flags & INSPECT) && run.level < SMALLEST && strips() > 1;
    if (!useful || !decide() || chooser.asked == NONE) return want_rows();
    run.phase = SURVEYING;
  }
  if (run.surveyed == min_u32(strips(), SURVEYED)) return want_rows();
  run.wanted_row = run.from_row + surveyed_strip(run.surveyed++, strips()) * run.strip_rows;
  return WANT_INSPECT;
}

// Lays out the memory and puts the header together.
COLD static enum encoder_wish begin_stream(void) {
  run.bpp = filter_distance(run.layout);
  run.pixel_bytes = run.bpp;
  bool interlaced = (run.flags & INTERLACED) != 0;
  run.in_place = convert.way == AS_IT_IS && run.layout.depth >= 8 && run.format != GRAY1 && !interlaced;

  u64 end = aligned(run.input_end), buffer = (u64)run.width * run.pixel_bytes;
  for (u32 i = 0; i < 2; i++, end = aligned(end + buffer)) run.buffers[i] = (u8 *)(size_t)end;
  run.kept = (u8 *)(size_t)end;
  if (interlaced) end += (u64)run.width * run.height * run.pixel_bytes;
  void *strongest = (void *)(size_t)aligned(end);
  u32 longest_row = (u32)row_bytes(run.layout, run.width);
  if (run.level >= SMALLEST) end = aligned(end) + smallest_bytes(longest_row);
  if (!reserve(end)) return run.shortage;
  fill_bytes(run.buffers[1], 0, (size_t)buffer);
  u8 *kept = run.kept;
  for (u32 p = 0; p < PASSES && interlaced; p++) {
    run.pass_at[p] = kept;
    kept += (size_t)pass_width(&passes[p], run.width) * pass_height(&passes[p], run.height) * run.pixel_bytes;
  }

  u8 *to = put_header(header, run.width, run.height, run.layout, interlaced);
  if (run.layout.type == TYPE_PALETTE) {
    if (reduced()) {
      to = put_palette(to, (const u8 *)colors.color, colors.count);
    } else {
      // Without a look at the pixels any index may come.
      u32 count = run.flags & INSPECT ? facts.largest_index + 1 : 256;
      to = put_palette(to, palette, min_u32(count, 1u << run.layout.depth));
    }
  }
  run.header_bytes = (u32)(to - header);
  if (run.level >= SMALLEST) smallest_begin(strongest, longest_row, run.bpp, run.filter, run.level, convert.scalar != 0);
  else deflate_begin((struct deflate_settings){.level = (u8)run.level, .matcher = STRINGS, .scalar = convert.scalar != 0});
  if (run.from_row > 0) {
    // The head is that of the file, and of the zlib stream.
    run.header_bytes = 0;
    deflate_taken();
  }
  run.begun = true;
  return WANT_ROWS;
}

static enum encoder_wish drain(void) {
  take_output(false);
  return WANT_DRAIN;
}

COLD static enum encoder_wish advance(void) {
  if (run.phase == ROWS) {
    for (; run.strip_at < run.strip_count; run.strip_at++, run.row_open = false) {
      if (!run.row_open && !open_strip_row()) return MISFIT;
      if (!write_row()) return drain();
    }
    leave_strip();
    if (run.rows < run.to_row) return WANT_ROWS;
    run.phase = ENDING;
  }
  if (run.phase == PASS_ROWS) {
    while (run.row_open || open_pass_row()) {
      if (!write_row()) return drain();
      run.row_open = false;
    }
    run.phase = ENDING;
  }
  if (run.phase == ENDING) {
    if (!(run.level >= SMALLEST ? smallest_finish() : deflate_run(true))) return drain();
    take_output(!open_ended);
    run.phase = FINISHED;
  }
  return DONE;
}

// ---- what the host calls ------------------------------------------------------------------------

// 256 RGBA entries of INDEXED8: for the host to write before png_begin.
EXPORT(png_palette) u8 *png_palette(void) { return palette; }

// Where a strip is written to, after png_begin, and how many rows it may have.
EXPORT(png_input) u8 *png_input(void) { return run.input; }
EXPORT(png_strip_rows) u32 png_strip_rows(void) { return run.strip_rows; }

// Output to be taken after each answer of WANT_DRAIN and DONE, and its bytes.
EXPORT(png_output) u8 *png_output(void) { return run.output; }
EXPORT(png_output_bytes) u32 png_output_bytes(void) { return run.output_bytes; }

// Whether the depth is one that the format can be written in. Of INDEXED8 as a palette; of others without gray, less than 8
// only where colours can be counted.
static bool depth_possible(u32 format, u32 depth, u32 flags) {
  const struct source *source = &sources[format];
  if (depth == 0) return true;
  if (depth == 16) return format != INDEXED8;
  // 16 bits are rounded before they come here.
  if (source->sample_bytes == 2) return false;
  if (depth == 8) return true;
  bool counted = (flags & REDUCE) && (flags & INSPECT);
  return (depth == 1 || depth == 2 || depth == 4) && (format == INDEXED8 || (source->gray && source->a == OPAQUE) || counted);
}

// Begins an image, whatever became of the one before. `level`: 0 to 9. `filter`: enum png_filter. `depth`: bits a sample,
// or 0 for those of the format. `pitch`: bytes from row to row of a strip, at least a row of pixels. `memory_limit`: bytes
// the memory may have. Answers WANT_INSPECT, WANT_ROWS, OVER_LIMIT or NO_MEMORY.
EXPORT(png_begin)
COLD u32 png_begin(u32 width, u32 height, u32 format, u32 level, u32 filter, u32 depth, u32 flags, u32 pitch, u32 memory_limit) {
  if (format >= PIXEL_FORMATS || level > 9 || filter > AUTO || !depth_possible(format, depth, flags)) __builtin_trap();
  if (width < 1 || width > MAX_SIDE || height < 1 || height > MAX_SIDE) __builtin_trap();
  if (pitch < source_row(format, width)) __builtin_trap();
  fill_bytes(&run, 0, sizeof run);
  fill_bytes(&trial, 0, sizeof trial);
  open_ended = false;
  run.width = width;
  run.height = run.to_row = height;
  run.format = format;
  run.level = level;
  run.filter = filter;
  run.depth = depth;
  run.flags = flags;
  run.pitch = pitch;
#ifdef __wasm__
  run.memory_limit = memory_limit;
#else
  run.memory_limit = (u64)(size_t)native_heap + memory_limit;
#endif
  convert.scalar = (flags & SCALAR) != 0;
  u32 count = TARGET_STRIP_BYTES / pitch;
  run.strip_rows = count == 0 ? 1 : min_u32(count, height);
  run.input = heap_start();
  run.input_end = (u64)(size_t)run.input + (u64)pitch * run.strip_rows;
  if (!reserve(run.input_end)) return run.shortage;

  // Two bytes that are the same stay two, but where bytes matter more than time.
  bool deep = depth == 16 || (sources[format].sample_bytes == 2 && level < 7);
  facts_begin(format, deep, convert.scalar);
  bool open = (flags & REDUCE) ? facts_open() : format == INDEXED8;
  run.phase = INSPECTING;
  if ((flags & INSPECT) && open) return WANT_INSPECT;
  facts.most = 0;
  facts.doubled = false;
  facts.gray = sources[format].gray;
  facts.opaque = sources[format].a == OPAQUE;
  return survey();
}

// How many rows the strip has that begins at row y.
static u32 rows_from(u32 y) { return min_u32(run.strip_rows, run.to_row - y); }

static void take_strip(u32 rows) {
  if (rows != rows_from(run.rows)) __builtin_trap();
  run.strip_count = rows;
  run.strip_at = 0;
  run.rows += rows;
}

// The first row of the strip that is to be shown next.
EXPORT(png_wanted_row) u32 png_wanted_row(void) { return run.wanted_row; }

// Looks at the strip that is wanted. Answers WANT_INSPECT where more of them would tell more, otherwise WANT_ROWS: all strips
// from the first one on.
EXPORT(png_inspect) COLD
u32 png_inspect(u32 rows) {
  if (run.phase != INSPECTING && run.phase != SURVEYING) __builtin_trap();
  if (rows != rows_from(run.wanted_row)) __builtin_trap();
  if (run.phase == SURVEYING) {
    chooser_survey(run.input, run.pitch, run.width, rows, run.layout);
    return survey();
  }
  for (u32 y = 0; y < rows; y++) {
    const u8 *row = run.input + (size_t)y * run.pitch;
    if (run.flags & REDUCE) facts_of_row(row, run.width);
    else
      for (u32 x = 0; x < run.width; x++) facts.largest_index = row[x] > facts.largest_index ? row[x] : facts.largest_index;
  }
  bool open = (run.flags & REDUCE) ? facts_open() : true;
  if (run.flags & REDUCE) trial_rows(run.input, run.pitch, run.width, rows, run.depth);
  run.wanted_row += rows;
  if (open && run.wanted_row < run.to_row) return WANT_INSPECT;
  return run.from_row > 0 || run.to_row < run.height ? FOUND : survey();
}

// Takes the next `rows` rows from the input: as many as a strip has, or those that are left of the image. Answers WANT_ROWS,
// WANT_DRAIN, DONE, at the first strip OVER_LIMIT or NO_MEMORY, or MISFIT.
EXPORT(png_rows)
u32 png_rows(u32 rows) {
  if (run.phase != ROWS || run.strip_at < run.strip_count) __builtin_trap();
  u32 first = run.rows;
  take_strip(rows);
  if (!run.begun) {
    enum encoder_wish wish = begin_stream();
    if (wish != WANT_ROWS) return wish;
  }
  if (run.level < SMALLEST) {
    chooser_look(run.input, run.pitch, run.width, rows, run.layout);
    deflate_expect(chooser.only_runs ? RUNS : STRINGS);
  }
  if (run.flags & INTERLACED) {
    run.strip_at = rows;
    if (!keep_strip(first)) return MISFIT;
    if (run.rows < run.height) return WANT_ROWS;
    run.phase = PASS_ROWS;
  }
  return advance();
}

// Goes on after WANT_DRAIN.
EXPORT(png_resume)
u32 png_resume(void) {
  deflate_taken();
  return advance();
}

// ---- bands --------------------------------------------------------------------------------------

// What instances tell each other of an image, and the bytes of each: what is found, and then what is settled.
static const struct {
  void *at;
  u32 bytes;
} states[] = {
    {&facts, sizeof facts}, {&colors, sizeof colors},   {&trial, sizeof trial},
    {&run, sizeof run},     {&chooser, sizeof chooser}, {&convert, sizeof convert},
};
EXPORT(png_states) const void *png_states(void) { return states; }

// After png_begin, or when the states are put in place: that only these rows come, and their part of the stream is made. Its
// deflate blocks end at a byte, and none is the last one. Answers WANT_INSPECT where there is something to be found of it,
// and before it is written for a survey of its own, as bands may differ.
EXPORT(png_band)
u32 png_band(u32 row, u32 rows) {
  if ((run.flags & INTERLACED) || row >= run.height || rows == 0 || rows > run.height - row) __builtin_trap();
  run.rows = run.wanted_row = run.from_row = row;
  run.to_row = row + rows;
  open_ended = true;
  if (run.phase == INSPECTING) return WANT_INSPECT;
  if (run.phase != ROWS || run.level >= SMALLEST || chooser.asked == NONE) return WANT_ROWS;
  run.phase = SURVEYING;
  run.surveyed = 0;
  return survey();
}

// Adds the facts and colours that were found of other rows, which the host writes to the input.
EXPORT(png_add_found)
void png_add_found(void) { facts_add((const void *)run.input, (const void *)(run.input + sizeof facts)); }

// What follows from what was found of all rows, as png_inspect answers it at their end.
EXPORT(png_settle)
u32 png_settle(void) {
  run.phase = INSPECTING;
  run.decided = false;
  run.surveyed = 0;
  return survey();
}

// Before png_rows, where the band is not the first: takes the row above it, at the place of the first row of the input.
EXPORT(png_above)
u32 png_above(void) {
  enum encoder_wish wish = begin_stream();
  if (wish != WANT_ROWS) return wish;
  if (run.in_place) copy_bytes(run.buffers[1], run.input, row_bytes(run.layout, run.width));
  else if (!make_row(run.input)) return MISFIT;
  return WANT_ROWS;
}

// Adler-32 of what the part of a band stands for: its rows, of so many bytes with the one for the filter.
EXPORT(png_row_bytes) u32 png_row_bytes(void) { return (u32)row_bytes(run.layout, run.width) + 1; }
EXPORT(png_adler) u32 png_adler(void) { return run.level >= SMALLEST ? smallest->adler : stream.adler; }
