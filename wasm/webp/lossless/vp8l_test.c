// Runs the kernel natively, under the sanitizers: `npm run test:sanitize`.
//
// SIMD routines equal the scalar ones, prefixes and distances are those of the specification, and images of every kind stay within
// their buffers and depend on nothing but their pixels. Whether decoders agree is for the tests in test/.

#include "webp/lossless/native_encode.h"

static void test_predictors(void) {
  argb l[4], t[4], tl[4], tr[4], out[4];
  for (u32 round = 0; round < 20000; round++) {
    for (u32 i = 0; i < 4; i++) {
      u32 near = noise() & 1 ? 0x03030303 : 0xffffffff, base = noise() & 0x3f3f3f3f;
      l[i] = base + (noise() & near & 0x7f7f7f7f), t[i] = base + (noise() & near & 0x7f7f7f7f);
      tl[i] = noise() & 3 ? base : noise(), tr[i] = noise();
    }
    struct around a = {u8x16_load(l), u8x16_load(t), u8x16_load(tl), u8x16_load(tr)};
#define PREDICT(mode)                                                                                                \
  u8x16_store(out, predict_x4(mode, a));                                                                             \
  for (u32 i = 0; i < 4; i++) expect(out[i] == predict_scalar(mode, l[i], t[i], tl[i], tr[i]), "predictor", mode, round, i);
    EACH_PREDICTOR(PREDICT)
#undef PREDICT
    u8x16_store(out, without_green_x4(u8x16_load(tr)));
    for (u32 i = 0; i < 4; i++) expect(out[i] == without_green(tr[i]), "without green", round, i, tr[i]);
  }
}

// Section 5.2.2.
static u32 value_of(struct prefixed p) {
  if (p.symbol < 4) return p.symbol + 1;
  u32 extra = (p.symbol - 2) >> 1;
  expect(p.extra_bits == extra && p.extra < 1u << extra, "extra bits", p.symbol, p.extra_bits, p.extra);
  return ((2 + (p.symbol & 1)) << extra) + p.extra + 1;
}

static void test_symbols(void) {
  for (u32 value = 1; value <= 1 << 20; value++) {
    struct prefixed p = prefix_of(value);
    expect(value_of(p) == value && extra_bits_of(p.symbol) == p.extra_bits, "prefix", value, p.symbol, p.extra);
    expect(p.symbol < DISTANCES && (value > 4096 || p.symbol < LENGTHS), "symbol", value, p.symbol, 0);
  }
  near_prepare();
  for (u32 width = 1; width <= 40; width++)
    for (u32 distance = 1; distance < 400; distance++) {
      u32 code = distance_code(distance, width);
      i32 found = code > 120 ? (i32)code - 120 : near_x[code - 1] + near_y[code - 1] * (i32)width;
      expect((u32)(found < 1 ? 1 : found) == distance, "distance", distance, width, code);
    }
  for (u32 length = 1; length <= MAX_LENGTH; length++)
    for (u32 code = 1; code < 1 << 20; code = code * 3 + 1) {
      u32 token = copy_token(length, code);
      expect((token & TOKEN_COPY) && copy_length(token) == length && copy_code(token) == code, "token", length, code, token);
    }
}

static void test_import(void) {
  argb scalar[67], simd[67];
  for (u32 format = 0; format < FORMATS; format++)
    for (u32 flags = 0; flags < 4; flags++)
      for (u32 n = 1; n <= 67; n++) {
        u32 bytes = n * sources[format].bytes;
        u8 *from = exactly(bytes + INPUT_SLACK);
        for (u32 i = 0; i < bytes + INPUT_SLACK; i++) from[i] = noise() & 3 ? (u8)noise() : 0;
        import_prepare(format, flags);
        import_scalar(scalar, from, n);
        import_simd(simd, from, n);
        expect(memcmp(scalar, simd, n * sizeof(argb)) == 0, "import", format, flags, n);
        free(from);
      }
}

enum kind { NOISE, FLAT, FEW_COLORS, COLOR_RUNS, GRADIENT, REPEATS, GRAIN, DARK, HIDDEN, KINDS };

static u8 *draw(const struct job *job, u32 kind, u32 colors) {
  u32 bytes = sources[job->format].bytes, seed = noise();
  size_t size = (size_t)job->width * job->height * bytes;
  u8 *pixels = exactly(size), palette[257][4];
  for (u32 i = 0; i < 257; i++)
    for (u32 c = 0; c < 4; c++) palette[i][c] = (u8)noise();
  for (u32 y = 0; y < job->height; y++)
    for (u32 x = 0; x < job->width; x++)
      for (u32 c = 0; c < bytes; c++) {
        size_t at = ((size_t)y * job->width + x) * bytes + c;
        switch (kind) {
          case NOISE: pixels[at] = (u8)noise(); break;
          case FLAT: pixels[at] = palette[0][c]; break;
          case FEW_COLORS: pixels[at] = palette[(x * 0x9e3779b1u ^ y * 0x85ebca77u ^ seed) / 65536 % colors][c]; break;
          case COLOR_RUNS: pixels[at] = palette[((x >> 4) * 7 + (y >> 2) * 3) % colors][c]; break;
          case GRADIENT: pixels[at] = (u8)(x * (c + 1) + y * (3 - c)); break;
          case REPEATS: pixels[at] = palette[((x % 23) * (y % 11) + c) % 257][c]; break;
          case GRAIN: pixels[at] = (u8)(128 + (x >> 2) + (noise() & 7)); break;
          case DARK: pixels[at] = (u8)(noise() & 1); break;
          default: pixels[at] = c == bytes - 1 ? (u8)(((x >> 3) + (y >> 3)) & 1 ? 255 : 0) : (u8)noise(); break;
        }
      }
  return pixels;
}

static void test_image(struct job job, u32 kind, u32 colors) {
  u8 *pixels = draw(&job, kind, colors);
  size_t tight = 1 + noise() % (4 << 20), limit = noise() & 1 ? tight : 1 + noise() % (4 << 20);
  expect_one_payload(&job, pixels, noise() | 1, noise() % (job.height + 1), tight, limit);
  free(pixels);
}

static void test_images(void) {
  static const u32 colors[] = {1, 2, 3, 4, 5, 16, 17, 200, 256, 257};
  for (u32 round = 0; round < 500; round++) {
    struct job job = {1 + noise() % 67, 1 + noise() % 67, noise() % FORMATS, round % 3, noise() & (EXACT | ALPHA), noise() % 20};
    if (noise() % 16 == 0) job.width = 1 + noise() % 500;
    test_image(job, noise() % KINDS, colors[noise() % 10]);
  }
  for (u32 effort = 0; effort < 3; effort++) {
    test_image((struct job){MAX_SIDE, 3, RGBA8, effort, EXACT, 0}, REPEATS, 1);
    test_image((struct job){1, MAX_SIDE, RGB8, effort, 0, 1}, GRAIN, 1);
    test_image((struct job){700, 90, RGBA8, effort, 0, 0}, NOISE, 1);
    test_image((struct job){701, 90, BGRA8, effort, EXACT, 0}, GRADIENT, 1);
    test_image((struct job){333, 200, GRAY8, effort, 0, 0}, COLOR_RUNS, 200);
  }
}

int main(void) {
  test_predictors();
  test_symbols();
  test_import();
  test_images();
  puts("vp8l: native tests passed");
  return 0;
}
