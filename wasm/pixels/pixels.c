// The plan of a conversion, its run over rows, and what the host calls.
//
// A plan is a list of steps: unpack to RGBA, widen, deal with alpha, narrow, pack. Steps that would change
// nothing are left out, so that most of the frequent conversions have one or two. A row goes through all
// steps a block at a time, between two scratch blocks that stay in the first-level cache.

#include "pixels.h"

#include "common/inspect_pixels.h"

#include "alpha.h"
#include "depth.h"
#include "pack.h"
#include "unpack.h"

struct step {
  pixel_op op;
  u32 units;  // how many of its own n the step takes for a pixel
};

struct plan {
  struct step steps[5];  // unpack, widen, alpha, pack; or unpack, alpha, pack, narrow, pack again
  u32 length;
  u32 source, target;
};

static struct plan plan;

// A multiple of 8, so that a block of GRAY1 begins at a byte. RGBA16 takes 4 kB of it.
enum { BLOCK = 512 };
static u8 scratch[2][BLOCK * 8] __attribute__((aligned(16)));

// ---- which routine does what: { SIMD, scalar }, none where nothing is to be done ----------------

typedef pixel_op twins[2];
#define TWINS(name) {name##_simd, name##_scalar}
#define SINGLE(name) {name##_scalar, name##_scalar}

static const twins unpack[PIXEL_FORMATS] = {
    [GRAY8] = TWINS(unpack_gray8),      [GRAYA8] = TWINS(unpack_graya8),   [RGB8] = TWINS(unpack_rgb8),
    [BGR8] = TWINS(unpack_bgr8),        [BGRA8] = TWINS(unpack_bgra8),     [ARGB8] = TWINS(unpack_argb8),
    [RGBX8] = TWINS(unpack_rgbx8),      [BGRX8] = TWINS(unpack_bgrx8),     [GRAY16] = TWINS(unpack_gray16),
    [GRAYA16] = TWINS(unpack_graya16), [RGB16] = TWINS(unpack_rgb16),    [GRAY1] = TWINS(unpack_gray1),
};

static const twins unpack_indexed8[2] = {TWINS(unpack_indexed8_to_rgba8), SINGLE(unpack_indexed8_to_rgba16)};

static const twins pack[PIXEL_FORMATS] = {
    [GRAY8] = TWINS(pack_gray8),      [GRAYA8] = TWINS(pack_graya8), [RGB8] = TWINS(pack_rgb8),
    [BGR8] = TWINS(pack_bgr8),        [BGRA8] = TWINS(unpack_bgra8), [ARGB8] = TWINS(pack_argb8),
    [BGRX8] = TWINS(unpack_bgra8),    [GRAY16] = TWINS(pack_gray16), [GRAYA16] = TWINS(pack_graya16),
    [RGB16] = TWINS(pack_rgb16),     [GRAY1] = TWINS(pack_gray1),
};

enum alpha_step { ALPHA_KEEP, ALPHA_PREMULTIPLY, ALPHA_UNPREMULTIPLY, ALPHA_FLATTEN, ALPHA_FLATTEN_PREMULTIPLIED };

static const twins alpha[5][2] = {
    [ALPHA_PREMULTIPLY] = {TWINS(alpha_premultiply8), TWINS(alpha_premultiply16)},
    [ALPHA_UNPREMULTIPLY] = {TWINS(alpha_unpremultiply8), SINGLE(alpha_unpremultiply16)},
    [ALPHA_FLATTEN] = {TWINS(alpha_flatten8), TWINS(alpha_flatten16)},
    [ALPHA_FLATTEN_PREMULTIPLIED] = {TWINS(alpha_flatten_premultiplied8), TWINS(alpha_flatten_premultiplied16)},
};

static const twins widen = TWINS(depth_widen), narrow = TWINS(depth_narrow);
static const twins gray8_to_gray1 = TWINS(pack_gray8_to_gray1);

// Pairs that go from the one format to the other without RGBA between, as long as alpha is kept.
static const struct {
  u8 source, target;
  u32 units;
  twins op;
} direct[] = {
    {GRAY8, GRAY16, 1, TWINS(depth_widen)},
    {GRAYA8, GRAYA16, 2, TWINS(depth_widen)},
    {RGB8, RGB16, 3, TWINS(depth_widen)},
    {GRAY16, GRAY8, 1, TWINS(depth_narrow)},
    {GRAYA16, GRAYA8, 2, TWINS(depth_narrow)},
    {RGB16, RGB8, 3, TWINS(depth_narrow)},
    {GRAY1, GRAY8, 1, TWINS(unpack_gray1_to_gray8)},
    {GRAY8, GRAY1, 1, TWINS(pack_gray8_to_gray1)},
};

// ---- the plan -----------------------------------------------------------------------------------

static void add_step(const twins op, u32 units, u32 flags) {
  pixel_op routine = op[(flags & SCALAR) != 0];
  if (routine != NULL) plan.steps[plan.length++] = (struct step){routine, units};
}

static enum alpha_step alpha_between(u32 source, u32 target, u32 flags) {
  if (!layouts[source].alpha) return ALPHA_KEEP;
  bool from_premultiplied = (flags & SOURCE_PREMULTIPLIED) && source != INDEXED8;  // a palette is always straight
  bool to_premultiplied = (flags & TARGET_PREMULTIPLIED) != 0;
  if (!layouts[target].alpha) return from_premultiplied ? ALPHA_FLATTEN_PREMULTIPLIED : ALPHA_FLATTEN;
  if (from_premultiplied == to_premultiplied) return ALPHA_KEEP;
  return to_premultiplied ? ALPHA_PREMULTIPLY : ALPHA_UNPREMULTIPLY;
}

// Adds the one step of a pair that needs no RGBA between; false where there is none.
static bool add_direct(u32 source, u32 target, u32 flags) {
  // A byte that is ignored becomes 255 and the bits behind a row of GRAY1 become 0: those are no plain
  // copies.
  if (source == target && source != RGBX8 && source != BGRX8 && source != GRAY1) return true;
  for (u32 i = 0; i < sizeof direct / sizeof direct[0]; i++) {
    if (direct[i].source != source || direct[i].target != target) continue;
    add_step(direct[i].op, direct[i].units, flags);
    return true;
  }
  return false;
}

// The palette takes the steps that each of its pixels would: 256 of them instead of an image.
static void prepare_table(bool wide, enum alpha_step step, u32 flags) {
  bool scalar = (flags & SCALAR) != 0;
  if (wide) {
    widen[scalar](state.table, state.palette, 256 * 4);
  } else {
    copy_bytes(state.table, state.palette, sizeof state.palette);
  }
  if (step != ALPHA_KEEP) alpha[step][wide][scalar](state.table, state.table, 256);
}

static void add_by_rgba(u32 source, u32 target, enum alpha_step step, u32 flags) {
  const struct pixel_layout *from = &layouts[source], *to = &layouts[target];
  bool wide = from->depth == 16 || to->depth == 16;
  if (source == INDEXED8) {
    prepare_table(wide, step, flags);
    add_step(unpack_indexed8[wide], 1, flags);
  } else {
    add_step(unpack[source], 1, flags);
    if (wide && from->depth == 8) add_step(widen, 4, flags);
    if (step != ALPHA_KEEP) add_step(alpha[step][wide], 1, flags);
  }
  if (wide && to->depth == 8 && to->gray) {
    // Luma before rounding: by way of the gray format of 16 bits.
    u32 wide_gray = to->alpha ? GRAYA16 : GRAY16;
    add_step(pack[wide_gray], 1, flags);
    add_step(narrow, layouts[wide_gray].channels, flags);
    if (target == GRAY1) add_step(gray8_to_gray1, 1, flags);
    return;
  }
  if (wide && to->depth == 8) add_step(narrow, 4, flags);
  add_step(pack[target], 1, flags);
}

// Prepares a conversion. `background` is 0xbbggrr. Where the source is INDEXED8 the palette has been written
// before. Returns the number of steps: with 0 the pixels of the target are those of the source. -1 where
// there is no such conversion.
EXPORT(pixels_begin)
i32 pixels_begin(u32 source, u32 target, u32 flags, u32 background) {
  if (source >= PIXEL_FORMATS || target >= PIXEL_FORMATS || (target == INDEXED8 && source != INDEXED8)) return -1;
  plan.length = 0;
  plan.source = source;
  plan.target = target;
  for (u32 c = 0; c < 3; c++) state.background8[c] = (u8)(background >> (8 * c));
  state.background8[3] = 255;
  for (u32 c = 0; c < 4; c++) state.background16[c] = (u16)(state.background8[c] * 257);
  alpha_prepare();
  enum alpha_step step = source == target && source == INDEXED8 ? ALPHA_KEEP : alpha_between(source, target, flags);
  if (step != ALPHA_KEEP || !add_direct(source, target, flags)) add_by_rgba(source, target, step, flags);
  return (i32)plan.length;
}

// ---- the run ------------------------------------------------------------------------------------

static u64 row_bytes(u32 format, u32 width) { return ((u64)layouts[format].bits * width + 7) / 8; }

// n pixels, at most BLOCK, through all steps. Returns where they are: at `to`, or still at `from` where there
// are no steps.
static const u8 *run_steps(u8 *to, const u8 *from, u32 n) {
  for (u32 i = 0; i < plan.length; i++) {
    u8 *out = i + 1 == plan.length ? to : scratch[i & 1];
    plan.steps[i].op(out, from, n * plan.steps[i].units);
    from = out;
  }
  return from;
}

// `rows` rows of `width` pixels, `pitch` bytes from one to the next, to rows without padding between. Not in
// place.
static void convert_rows(u8 *to, const u8 *from, u32 width, u32 rows, u32 pitch) {
  u32 source_bits = layouts[plan.source].bits, target_bits = layouts[plan.target].bits;
  size_t target_row = (size_t)row_bytes(plan.target, width);
  for (u32 y = 0; y < rows; y++, from += pitch, to += target_row) {
    if (plan.length == 0) copy_bytes(to, from, target_row);
    else
      for (u32 x = 0; x < width; x += BLOCK)
        run_steps(to + x / 8 * target_bits, from + x / 8 * source_bits, min_u32(BLOCK, width - x));
  }
}

// Whether `test` holds for all pixels; the plan is one to RGBA.
static bool test_rows(inspect_op test, const u8 *from, u32 width, u32 rows, u32 pitch) {
  u32 source_bits = layouts[plan.source].bits;
  for (u32 y = 0; y < rows; y++, from += pitch)
    for (u32 x = 0; x < width; x += BLOCK) {
      u32 n = min_u32(BLOCK, width - x);
      if (!test(run_steps(scratch[1], from + x / 8 * source_bits, n), n)) return false;
    }
  return true;
}

// ---- what the host calls ------------------------------------------------------------------------
// It writes a strip of the source to pixels_input(), calls, and takes the result from pixels_output(). Both
// have a fixed size; wider rows are handed over in parts, cut at a multiple of 8 pixels.

enum { STRIP_BYTES = 64 * 1024 };
static u8 input[STRIP_BYTES] __attribute__((aligned(16)));
static u8 output[STRIP_BYTES] __attribute__((aligned(16)));

EXPORT(pixels_input) u8 *pixels_input(void) { return input; }
EXPORT(pixels_output) u8 *pixels_output(void) { return output; }
EXPORT(pixels_strip_bytes) u32 pixels_strip_bytes(void) { return STRIP_BYTES; }
// 256 RGBA entries, to be written before pixels_begin.
EXPORT(pixels_palette) u8 *pixels_palette(void) { return state.palette; }

// The host keeps to the strip's size; a mistake there must not reach other memory.
static void check_strip(u32 width, u32 rows, u32 pitch) {
  u64 in = rows == 0 ? 0 : (u64)pitch * (rows - 1) + row_bytes(plan.source, width);
  u64 out = row_bytes(plan.target, width) * rows;
  if (in > STRIP_BYTES || out > STRIP_BYTES) __builtin_trap();
}

// Converts a strip as pixels_begin said.
EXPORT(pixels_convert)
void pixels_convert(u32 width, u32 rows, u32 pitch) {
  check_strip(width, rows, pitch);
  convert_rows(output, input, width, rows, pitch);
}

// Whether every pixel of a strip is opaque (question 0) or gray (question 1). pixels_begin was given RGBA8 as
// the target, RGBA16 for a source of 16 bits, and no premultiplied flag, so that the plan leaves alpha alone.
EXPORT(pixels_inspect)
bool pixels_inspect(u32 question, u32 scalar, u32 width, u32 rows, u32 pitch) {
  static const inspect_op tests[2][2][2] = {
      {{inspect_opaque8_simd, inspect_opaque8_scalar}, {inspect_opaque16_simd, inspect_opaque16_scalar}},
      {{inspect_gray8_simd, inspect_gray8_scalar}, {inspect_gray16_simd, inspect_gray16_scalar}},
  };
  check_strip(width, rows, pitch);
  if ((plan.target != RGBA8 && plan.target != RGBA16) || question > 1) __builtin_trap();
  return test_rows(tests[question][plan.target == RGBA16][scalar != 0], input, width, rows, pitch);
}
