// The run of the encoder, and what the host calls.
//
// The host writes strips of rows to vp8l_input() and calls vp8l_rows(). With the last rows the image is encoded: where the answer
// is WANT_DRAIN the host takes the output and calls vp8l_resume(), until the answer is DONE.

#include "vp8l.h"

#include "alpha_levels.h"
#include "ways.h"

enum transform { PREDICTION = 0, CROSS_COLOR = 1, SUBTRACT_GREEN = 2, INDEXING = 3 };

// ---- images beside the pixels -------------------------------------------------------------------

// Counts the symbols of run.side, where their codes are to be; gives what they take.
COLD static u64 count_side(void) {
  fill_bytes(run.side_codes, 0, sizeof run.side_codes);
  count_image(&run.side, run.side_codes);
  return cost_of_counts(run.side_codes, symbols_of(0));
}

// Begins an image that comes without groups, section 5: with copies of the row above where there is room for `tokens` and they take less.
COLD static void begin_side(const argb *pixels, u32 width, u32 height, u32 *tokens) {
  run.side = (struct image){.pixels = pixels, .width = width, .count = width * height};
  run.place = (struct place){0, 0, 0, 0};
  u64 runs = count_side();
  if (tokens) {
    near_image(&run.side, tokens, run.side.count);
    run.side.tokens = tokens;
    if (count_side() > runs) {
      run.side.tokens = NULL;
      count_side();
    }
  }
  put(0, 1);  // no cache
  put_group(run.side_codes, run.side_codes, 0);
}

// Of values in green.
COLD static bool begin_side_of(const u8 *values, u32 width, u32 height) {
  argb *pixels = take(((u64)width * height + PIXELS_SLACK) * sizeof(argb));
  u32 *tokens = take((u64)width * height * sizeof(u32));
  if (!pixels || !tokens) return false;
  for (u32 i = 0; i < width * height; i++) pixels[i] = BLACK | (u32)values[i] << GREEN_AT;
  begin_side(pixels, width, height, tokens);
  return true;
}

static void put_transform(enum transform transform) { put(1 | transform << 1, 3); }

// ---- the run ------------------------------------------------------------------------------------

static bool write_side(void) { return write_image(&run.side, run.side_codes, &run.place); }

COLD static void begin_palette(void) {
  static argb differences[MOST_COLORS + PIXELS_SLACK];
  for (u32 i = 0; i < import.color_count; i++) differences[i] = argb_sub(import.colors[i], i > 0 ? import.colors[i - 1] : 0);
  put_transform(INDEXING);
  put(import.color_count - 1, 8);
  begin_side(differences, import.color_count, 1, NULL);
}

COLD static enum encoder_wish advance(void) {
  for (;;) {
    // An image that was begun is written before what comes next.
    if (!out_room() || !write_side()) return WANT_DRAIN;
    switch (run.phase++) {
      case TRANSFORMS:
        if (run.way.indexed) begin_palette();
        break;
      case GREEN_STEP:
        if (run.way.subtract_green) put_transform(SUBTRACT_GREEN);
        break;
      case MODES:
        if (!run.way.predicted) break;
        put_transform(PREDICTION);
        put(TILE_BITS - 2, 3);
        if (!begin_side_of(spatial.modes, spatial.tiles_across, divide_up(run.height, TILE_BITS))) return run.shortage;
        break;
      case CROSS:
        if (!run.way.crossed) break;
        put_transform(CROSS_COLOR);
        put(CROSS_BITS - 2, 3);
        begin_side(cross.elements, cross.across, divide_up(run.height, CROSS_BITS), NULL);
        break;
      case IMAGE:
        put(0, 1);  // no more transforms
        put(run.image.cache_bits > 0, 1);
        if (run.image.cache_bits > 0) put(run.image.cache_bits, 4);
        put(run.groups > 1, 1);
        if (run.groups == 1) {
          run.image.map = NULL;
          break;
        }
        put(run.image.tile_bits - 2, 3);
        if (!begin_side_of(run.image.map, run.image.tiles_across, divide_up(run.height, run.image.tile_bits))) return run.shortage;
        break;
      case CODES_STEP:
        run.side.count = 0;
        run.place = (struct place){0, 0, 0, 0};
        if (run.group == run.groups) break;
        put_group(run.codes + run.group * SYMBOLS, run.counts + run.group * SYMBOLS, run.image.cache_bits);
        run.group++;
        run.phase = CODES_STEP;
        break;
      case PIXELS:
        run.phase = PIXELS;
        if (!write_image(&run.image, run.codes, &run.place)) return WANT_DRAIN;
        out_end();
        run.phase = FINISHED;
        return DONE;
      default:
        run.phase = FINISHED;
        return DONE;
    }
  }
}

COLD static enum encoder_wish encode(void) {
  if (!(run.flags & ALPHA)) {
    put(0x2f, 8);
    put((run.width - 1) | (run.height - 1) << 14, 28);
    put(import.transparent, 1);
    put(0, 3);  // version
  }
  if (run.flags >> LEVELS_AT > 0 && !reduce_alphas(run.flags >> LEVELS_AT)) return run.shortage;
  if (!prepare_image()) return run.shortage;
  run.phase = TRANSFORMS;
  return advance();
}

// ---- what the host calls ------------------------------------------------------------------------

// Where a strip is written to, after vp8l_begin, and how many rows it may have.
EXPORT(vp8l_input) u8 *vp8l_input(void) { return run.input; }
EXPORT(vp8l_strip_rows) u32 vp8l_strip_rows(void) { return run.strip_rows; }

// Output to be taken after each answer of WANT_DRAIN and DONE, and its bytes.
EXPORT(vp8l_output) u8 *vp8l_output(void) { return output; }
EXPORT(vp8l_output_bytes) u32 vp8l_output_bytes(void) { return out_bytes(); }

// Begins an image, whatever became of the one before. `lost_bits`: of a sample, 0 for
// none to MOST_ROUNDING, see rounding.h. `pitch`: bytes from row to row of a strip, at least a row of pixels.
// `memory_limit`: bytes the memory may have. Answers WANT_ROWS, OVER_LIMIT or NO_MEMORY.
EXPORT(vp8l_begin)
u32 vp8l_begin(u32 width, u32 height, u32 format, u32 effort, u32 flags, u32 lost_bits, u32 pitch, u32 memory_limit) {
  if (!importable(format) || effort > SMALLEST || lost_bits > MOST_ROUNDING) __builtin_trap();
  if ((flags & ALPHA) && (sources[format].opacity == NOWHERE || lost_bits > 0)) __builtin_trap();
  u32 levels = flags >> LEVELS_AT;
  if (levels == 1 || levels >= ALPHAS || (levels > 0 && !(flags & ALPHA))) __builtin_trap();
  if (width < 1 || width > MAX_SIDE || height < 1 || height > MAX_SIDE || pitch < width * sources[format].bytes) __builtin_trap();
  fill_bytes(&run, 0, sizeof run);
  fill_bytes(&spatial, 0, sizeof spatial);
  run.width = width;
  run.height = height;
  run.effort = effort;
  run.flags = flags;
  run.lost_bits = lost_bits;
  run.pitch = pitch;
#ifdef __wasm__
  run.memory_limit = memory_limit;
#else
  run.memory_limit = (u64)(size_t)native_heap + memory_limit;
#endif
  out_begin();
  near_prepare();
  import_prepare(format, flags);
  u32 most = TARGET_STRIP_BYTES / pitch;
  run.strip_rows = min_u32(most > 0 ? most : 1, height);
  run.end = (u64)(size_t)heap_start();
  run.input = take((u64)pitch * run.strip_rows + INPUT_SLACK);
  run.pixels = take(((u64)width * height + PIXELS_SLACK) * sizeof(argb));
  if (run.input == NULL || run.pixels == NULL) return run.shortage;
  fill_bytes(run.input, 0, (size_t)pitch * run.strip_rows + INPUT_SLACK);
  return WANT_ROWS;
}

// Takes the next `rows` rows from the input.
EXPORT(vp8l_rows)
u32 vp8l_rows(u32 rows) {
  if (run.phase != ROWS || rows == 0 || rows > run.strip_rows || rows > run.height - run.rows) __builtin_trap();
  for (u32 y = 0; y < rows; y++)
    import_row(run.pixels + (size_t)(run.rows + y) * run.width, run.input + (size_t)y * run.pitch, run.width);
  run.rows += rows;
  return run.rows < run.height ? WANT_ROWS : encode();
}

// Goes on after WANT_DRAIN.
EXPORT(vp8l_resume)
u32 vp8l_resume(void) {
  out_taken();
  return advance();
}
