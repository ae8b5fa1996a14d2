// The run of the encoder, and what the host calls.
//
// The host writes strips of rows to vp8_input() and calls vp8_rows(), until all rows are in and the answer is DONE: the file is
// then made as a whole. Rows become samples as they come.

#include "vp8.h"

#include "encode.h"

// ---- rows ---------------------------------------------------------------------------------------

// A macroblock at the right or the lower edge of the image, filled up with its last pixels.
static u8 edge[16 * 16 * 4 + READ_BEYOND];

static void fill_edge(const u8 *from, u32 columns, u32 rows) {
  u32 bytes = run.pixel_bytes;
  for (u32 y = 0; y < 16; y++) {
    const u8 *row = from + (size_t)(y < rows ? y : rows - 1) * run.pitch;
    for (u32 x = 0; x < 16; x++) {
      const u8 *pixel = row + (x < columns ? x : columns - 1) * bytes;
      for (u32 i = 0; i < bytes; i++) edge[(y * 16 + x) * bytes + i] = pixel[i];
    }
  }
}

// A row of macroblocks, from `rows` rows of pixels at `from`.
NOINLINE void take_row(const u8 *from, u32 y, u32 rows) {
  for (u32 x = 0; x < run.across; x++) {
    size_t at = (size_t)y * run.across + x;
    u8 *samples = run.samples + at * SAMPLES;
    const u8 *pixels = from + (size_t)x * 16 * run.pixel_bytes;
    u32 columns = min_u32(run.frame.width - x * 16, 16);
    size_t pitch = run.pitch;
    if (columns < 16 || rows < 16) {
      fill_edge(pixels, columns, rows);
      pixels = edge;
      pitch = 16 * run.pixel_bytes;
    }
    (scalar_routines ? yuv_scalar : yuv_simd)(samples, pixels, pitch);
    bool unseen = run.alpha_at < 4 && any_unseen(pixels, pitch, run.pixel_bytes, run.alpha_at, scalar_routines);
    run.macroblocks[at].hidden = false;
    if (unseen) {
      const u8 *beside = x > 0 ? samples - SAMPLES : y > 0 ? samples - (size_t)run.across * SAMPLES : NULL;
      run.macroblocks[at].hidden = fill_transparent(samples, beside, pixels, pitch, run.pixel_bytes, run.alpha_at);
    }
    run.activities[at] = (u8)activity_of(samples);
    if (!run.macroblocks[at].hidden) run.histogram[run.activities[at]]++;
    if (run.flags & SHARP) sharp_take(x, samples, pixels, pitch, unseen);
  }
  if (run.flags & SHARP) sharp_advance(run.samples, y + 1 == run.down);
}

// ---- what the host calls ------------------------------------------------------------------------

// Where a strip is written to, after vp8_begin, and how many rows it may have: a multiple of 16.
EXPORT(vp8_input) u8 *vp8_input(void) { return run.input; }
EXPORT(vp8_strip_rows) u32 vp8_strip_rows(void) { return run.strip_rows; }

// Output to be taken after DONE, and its bytes.
EXPORT(vp8_output) u8 *vp8_output(void) { return run.output; }
EXPORT(vp8_output_bytes) u32 vp8_output_bytes(void) { return (u32)(run.output_end - run.output); }

// With RECONSTRUCT, after DONE: planes of luma, Cb and Cr of whole macroblocks, one behind the other.
EXPORT(vp8_shown) u8 *vp8_shown(void) { return run.shown; }

// Of a quality in hundredths, in 1/16.
static u32 index_of(u32 quality) {
  u32 at = quality / 100, part = quality % 100, from = quality_steps[at];
  return part == 0 ? from : from - ((from - quality_steps[at + 1]) * part + 50) / 100;
}

static void *place(u64 *end, u64 bytes) {
  u64 at = aligned(*end);
  *end = at + bytes;
  return (void *)(size_t)at;
}

// Lays out the memory. False where it cannot be had.
NOINLINE bool layout(u32 pitch) {
  u64 macroblocks = (u64)run.across * run.down, end = (u64)(size_t)heap_start();
  u32 count = TARGET_STRIP_BYTES / 16 / pitch;
  run.pitch = pitch;
  run.strip_rows = 16 * (count == 0 ? 1 : min_u32(count, run.down));
  run.input = place(&end, (u64)pitch * run.strip_rows + READ_BEYOND);
  run.macroblocks = place(&end, macroblocks * sizeof(struct macroblock));
  run.activities = place(&end, macroblocks);
  for (u32 plane = 0; plane < 3; plane++) run.above[plane] = place(&end, (u64)run.across * (plane == 0 ? 16 : 8));
  run.above_lost = place(&end, (u64)run.across * 4 * sizeof(i16));
  run.rows_of_levels = place(&end, run.down * sizeof(i16 *));
  run.samples = place(&end, macroblocks * SAMPLES);
  if (run.flags & RECONSTRUCT) run.shown = place(&end, macroblocks * SAMPLES);
  u8 *sharper = place(&end, run.flags & SHARP ? sharp_bytes(run.across) : 0);
  run.levels = place(&end, 0);
  if (!reserve(end)) return false;
  if (run.flags & SHARP) sharp_begin(sharper, run.across, run.alpha_at);
  return true;
}

// Begins an image, whatever became of the one before. `quality`: 0 to 10000, a hundredth of what users say. `target`: bytes that the
// output may have, where it can; 0 for any. `pitch`: bytes from row to row of a strip, at least a row of pixels.
// `memory_limit`: bytes the memory may have. Answers WANT_ROWS, OVER_LIMIT or NO_MEMORY.
EXPORT(vp8_begin)
u32 vp8_begin(u32 width, u32 height, u32 format, u32 quality, u32 effort, u32 flags, u32 target, u32 pitch, u32 memory_limit) {
  if (format > BGRX8 || quality > 10000 || effort > SMALLEST) __builtin_trap();
  if (width < 1 || width > MAX_SIDE || height < 1 || height > MAX_SIDE) __builtin_trap();
  fill_bytes(&run, 0, sizeof run);
  yuv_prepare(format);
  if (pitch < width * layout_of.bytes) __builtin_trap();
#ifdef __wasm__
  run.memory_limit = memory_limit;
#else
  run.memory_limit = (u64)(size_t)native_heap + memory_limit;
#endif
  // Gray has no colour that could reach too far.
  run.flags = layout_of.bytes < 3 ? flags & ~(u32)SHARP : flags;
  run.effort = effort;
  run.index = index_of(quality);
  run.target = target;
  bool alpha = format == GRAYA8 || format == RGBA8 || format == BGRA8 || format == ARGB8;
  run.alpha_at = !alpha || !(flags & UNSEEN) ? 4 : format == ARGB8 ? 0 : layout_of.bytes - 1;
  run.pixel_bytes = layout_of.bytes;
  run.across = (width + 15) / 16;
  run.down = (height + 15) / 16;
  run.frame.width = width;
  run.frame.height = height;
  scalar_routines = (flags & SCALAR) != 0;
  if (block_mode_costs[0][0][0] == 0) {
    mode_costs_prepare();
    tokens_prepare();
  }
  return layout(pitch) ? WANT_ROWS : run.shortage;
}

// The output with steps by that index, or coarser ones where a partition would be too large: of 100 megapixels and more. False where
// the memory does not do.
static bool make(u32 index) {
  enum { COARSER = 64 };
  do {
    run.index = index;
    prepare_segments();
    if (!encode_levels() || !put_file()) return false;
    index = min_u32(index + COARSER, (STEPS - 1) * 16);
  } while (run.overflow && run.index < (STEPS - 1) * 16);
  // Not even the coarsest steps do: there is no such image of this size.
  if (run.overflow) __builtin_trap();
  return true;
}

// The finest steps with which the output has no more bytes than it may, to a quarter of an index; not finer than those of the
// quality. Where even the coarsest have more, these.
NOINLINE bool make_to_fit(void) {
  enum { QUARTER = 4 };
  u32 finest = run.index, low = finest / QUARTER, high = (STEPS - 1) * 16 / QUARTER, last = high + 1;
  while (low < high) {
    last = (low + high) / 2;
    if (!make(last * QUARTER > finest ? last * QUARTER : finest)) return false;
    if (vp8_output_bytes() <= run.target) high = last;
    else low = last + 1;
  }
  return last == high || make(high * QUARTER > finest ? high * QUARTER : finest);
}

NOINLINE enum encoder_wish finish(void) {
  if (!(run.target > 0 ? make_to_fit() : make(run.index))) return run.shortage;
  if (run.shown != NULL) filter_shown();
  run.phase = FINISHED;
  return DONE;
}

// Takes the next `rows` rows from the input: as many as a strip has, or those that are left of the image.
EXPORT(vp8_rows)
u32 vp8_rows(u32 rows) {
  u32 left = run.frame.height - run.rows;
  if (run.phase != ROWS || rows == 0 || rows > run.strip_rows || rows > left || (rows < left && rows % 16 != 0)) __builtin_trap();
  for (u32 y = 0; y < rows; y += 16) take_row(run.input + (size_t)y * run.pitch, (run.rows + y) / 16, min_u32(rows - y, 16));
  run.rows += rows;
  return run.rows < run.frame.height ? WANT_ROWS : finish();
}

// The output comes in one piece: there is nothing to go on with.
EXPORT(vp8_resume)
u32 vp8_resume(void) {
  if (run.phase != FINISHED) __builtin_trap();
  return DONE;
}
