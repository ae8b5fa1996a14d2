// Runs the kernel natively, under the sanitizers: `npm run test:sanitize`.
//
// SIMD routines equal the scalar ones and keep to their buffers; lengths and distances become the symbols of the specification;
// images of all kinds come back from a decoder that is written apart, and depend on nothing but their pixels; too little memory is
// an answer.

#include "vp8l_paint.h"

// ---- routines -----------------------------------------------------------------------------------

static void test_import(void) {
  for (u32 format = 0; format < FORMATS; format++)
    for (u32 flags = 0; flags < 8; flags++)
      for (u32 n = 0; n <= 70; n++) {
        if (flags & ALPHA && !has_alpha(format)) continue;
        u32 each = bytes_of(format);
        // What may be read behind a row.
        u8 *from = exactly(n * each + 12);
        argb *to = exactly(n * sizeof *to);
        for (u32 i = 0; i < n * each + 12; i++) from[i] = noise() & 3 ? (u8)noise() : noise() & 1 ? 0 : 255;
        import_prepare(format, flags);
        import_row(to, from, n);
        bool transparent = false;
        for (u32 i = 0; i < n; i++) {
          argb pixel = expected_pixel(format, flags, from + i * each);
          expect(to[i] == pixel, "import", format << 8 | flags, n, i);
          transparent |= pixel >> ALPHA_AT != 255;
        }
        expect(import.transparent == transparent, "transparent", format, flags, n);
        free(from);
        free(to);
      }
}

static void test_colors(void) {
  for (u32 number = 1; number <= 300; number++) {
    argb row[1000];
    for (u32 i = 0; i < 1000; i++) row[i] = color_of(i < number ? i : noise() % number);
    import_prepare(RGBA8, 0);
    import_colors(row, 0);
    import_colors(row, 1);
    import_colors(row + 1, 999);
    expect(import.color_count == min_u32(number, MOST_COLORS + 1), "colours", number, import.color_count, 0);
    if (!import_counted()) continue;
    indexed_sort();
    for (u32 i = 1; i < number; i++) expect(import.colors[i - 1] < import.colors[i], "order", number, i, 0);
    argb indices[1000];
    copy_bytes(indices, row, sizeof row);
    // Four alike, here and there.
    for (u32 i = 0; i < 900; i += 1 + noise() % 90)
      for (u32 k = 1; k < 4 + noise() % 4; k++) indices[i + k] = row[i + k] = row[i];
    indexed_map(indices, 1000);
    for (u32 i = 0; i < 1000; i++) expect(indices[i] >> 16 == 0xff00 && import.colors[channel(indices[i], GREEN_AT)] == row[i], "index", number, i, row[i]);
  }
}

// The least there can be, by trying every cluster.
static u64 least_error(u32 most) {
  static u64 error[ALPHAS + 1];
  for (u32 end = 1; end <= alphas.count; end++) error[end] = alpha_error(0, end);
  for (u32 clusters = 2; clusters <= most; clusters++)
    for (u32 end = alphas.count; end >= clusters; end--)
      for (u32 first = clusters - 1; first < end; first++) {
        u64 now = error[first] + alpha_error(first, end);
        if (first == clusters - 1 || now < error[end]) error[end] = now;
      }
  return error[alphas.count];
}

static void test_alphas(void) {
  static u8 firsts[ALPHAS * ALPHAS];
  for (u32 round = 0; round < 300; round++) {
    u32 histogram[ALPHAS], share = 1 + noise() % 20, most = 2 + noise() % (round % 3 ? 20 : 254);
    for (u32 level = 0; level < ALPHAS; level++) histogram[level] = noise() % share ? 0 : noise() >> noise() % 32 >> 4;
    if (round == 0)
      for (u32 level = 0; level < ALPHAS; level++) histogram[level] = (1 << 28) - 1;
    choose_alphas(histogram, most, firsts);
    u64 error = 0;
    u32 left = 0;
    for (u32 i = 0; i < alphas.count; i++) {
      i32 level = alphas.level[i], to = alphas.to[level], lost = level - to;
      left += i == 0 || to != alphas.to[alphas.level[i - 1]];
      expect(i == 0 || to >= alphas.to[alphas.level[i - 1]], "order of alphas", round, level, to);
      expect((level != 0 && level != 255) || lost == 0, "exact alpha", round, level, to);
      error += (u64)(alphas.pixels[i + 1] - alphas.pixels[i]) * (u64)(lost * lost);
    }
    expect(left == min_u32(alphas.count, most), "alphas", round, left, most);
    if (alphas.count > most) expect(error == least_error(most), "error of alpha", round, most, alphas.count);
  }
}

static argb noise_pixel(argb near) {
  argb pixel = 0;
  for (u32 at = 0; at < 32; at += 8) {
    u32 kind = noise() >> 9 & 7;
    u32 value = kind == 0 ? 0 : kind == 1 ? 255 : kind < 5 ? channel(near, at) + (noise() >> 9) % 7 - 3 : noise() >> 20;
    pixel |= (value & 255) << at;
  }
  return pixel;
}

static void test_predictors(void) {
  for (u32 round = 0; round < 20000; round++) {
    argb l[4], t[4], tl[4], tr[4], pixels[4], plain[4];
    for (u32 i = 0; i < 4; i++) {
      argb near = noise();
      l[i] = noise_pixel(near);
      t[i] = noise_pixel(near);
      tl[i] = noise_pixel(near);
      tr[i] = noise_pixel(near);
    }
    struct around a = {u8x16_load(l), u8x16_load(t), u8x16_load(tl), u8x16_load(tr)};
    for (u32 mode = 0; mode < PREDICTORS; mode++) {
      u8x16_store(pixels, predict_x4(mode, a));
      for (u32 i = 0; i < 4; i++) {
        argb scalar = predict_scalar(mode, l[i], t[i], tl[i], tr[i]);
        expect(pixels[i] == scalar, "predictor", mode, pixels[i], scalar);
        expect(scalar == decoded_prediction(mode, l[i], t[i], tl[i], tr[i]), "predictor of the decoder", mode, scalar, i);
      }
    }
    subtract_green_simd(plain, l, 4);
    undo_green(plain, 4);
    for (u32 i = 0; i < 4; i++) {
      expect(plain[i] == l[i], "green", plain[i], l[i], i);
      expect(argb_sub(argb_add(l[i], t[i]), t[i]) == l[i], "sum", l[i], t[i], 0);
      expect(argb_add(l[i], t[i]) == decoded_sum(l[i], t[i]), "sum of the decoder", l[i], t[i], 0);
    }
  }
  for (u32 n = 0; n <= 70; n++) {
    argb *from = exactly(n * sizeof *from), *to = exactly(n * sizeof *to);
    for (u32 i = 0; i < n; i++) from[i] = noise();
    subtract_green_simd(to, from, n);
    for (u32 i = 0; i < n; i++) expect(to[i] == without_green(from[i]), "green of a row", n, i, to[i]);
    free(from);
    free(to);
  }
}

static void test_rounding(void) {
  for (u32 n = 0; n <= 70; n++) {
    argb *rows[3];
    u32 *scalar = exactly(n * sizeof *scalar), *simd = exactly(n * sizeof *simd);
    for (u32 r = 0; r < 3; r++) {
      // One more at either side.
      rows[r] = exactly((n + 2) * sizeof(argb));
      for (u32 i = 0; i < n + 2; i++) rows[r][i] = r > 0 && noise() % 3 == 0 ? rows[0][i] : noise_pixel(0x00fe8003);
    }
    rounding.alone = n & 1;
    for (rounding.most = 0; rounding.most <= MOST_ROUNDING; rounding.most++) {
      rounding_steps_scalar(scalar, rows[1] + 1, rows[0] + 1, rows[2] + 1, n);
      rounding_steps_simd(simd, rows[1] + 1, rows[0] + 1, rows[2] + 1, n);
      for (u32 i = 0; i < n; i++) expect(scalar[i] == simd[i] && scalar[i] <= rounding.most, "step", n, scalar[i], simd[i]);
    }
    for (u32 r = 0; r < 3; r++) free(rows[r]);
    free(scalar);
    free(simd);
  }
  for (u32 bits = 1; bits <= MOST_ROUNDING; bits++)
    for (u32 value = 0; value < 256; value++)
      for (u32 foretold = 0; foretold < 256; foretold++) {
        argb pixel = value * 0x01010101u ^ 0x00ff5500, from = foretold * 0x01010101u;
        argb scalar = rounded_scalar(pixel, from, bits), simd = rounded_simd(pixel, from, bits);
        expect(scalar == simd, "rounded", pixel, from, bits);
        u32 sample = scalar & 255, residual = (sample - foretold) & 255, error = (u32)abs((int)sample - (int)value);
        bool multiple = (residual & ((1u << bits) - 1)) == 0;
        expect(error <= 1u << bits >> 1 && (multiple || sample == 0 || sample == 255), "rounded sample", value, foretold, sample);
      }
}

// What the table of section 5.2.2 has: ranges of values one after another.
static void test_lengths(void) {
  u32 begin = 1;
  for (u32 symbol = 0; symbol < DISTANCES; symbol++) {
    u32 extra_bits = symbol < 4 ? 0 : symbol / 2 - 1;
    if (symbol == 7) expect(begin == 13, "range", symbol, begin, 0);
    if (symbol == 38) expect(begin == 524289, "range", symbol, begin, 0);
    expect(extra_bits_of(symbol) == extra_bits, "bits behind", symbol, extra_bits, 0);
    for (u32 i = 0; i < 1u << extra_bits; i++) {
      struct prefixed p = prefix_of(begin + i);
      expect(p.symbol == symbol && p.extra_bits == extra_bits && p.extra == i, "prefix", begin + i, p.symbol, p.extra);
    }
    begin += 1u << extra_bits;
    if (symbol == LENGTHS - 1) expect(begin == 4097, "lengths", begin, 0, 0);
  }
  expect(begin == (1 << 20) + 1, "distances", begin, 0, 0);
}

static void test_distance(u32 distance, u32 width) {
  u32 code = distance_code(distance, width);
  expect(code >= 1 && decoded_distance(code, width) == distance, "distance", distance, width, code);
  // Where rows do not overlap, what has a code of its own gets it.
  if (width < 16) return;
  for (u32 i = 1; i <= 120; i++)
    if (decoded_distance(i, width) == distance) expect(code == i, "neighbour", distance, width, code);
}

static void test_distances(void) {
  near_prepare();
  for (u32 width = 1; width <= 40; width++)
    for (u32 distance = 1; distance <= width * 10 + 200; distance++) test_distance(distance, width);
  for (u32 width = 41; width <= MAX_SIDE; width += 1 + noise() % 300)
    for (u32 y = 0; y < 9; y++)
      for (u32 x = y == 0; x < 10; x++) {
        test_distance(y * width + x, width);
        test_distance((y + 1) * width - x, width);
      }
  test_distance(MAX_DISTANCE, 1);
  test_distance(MAX_DISTANCE, MAX_SIDE);
}

static void test_tokens(void) {
  expect(!is_copy(0) && !is_cached(0), "literal", 0, 0, 0);
  for (u32 slot = 0; slot < 1 << MOST_CACHE_BITS; slot++) {
    u32 token = TOKEN_CACHED | slot;
    expect(is_cached(token) && !is_copy(token) && (token & 0xffff) == slot, "cached", token, slot, 0);
  }
  for (u32 length = 1; length <= MAX_LENGTH; length += length == MAX_LENGTH ? 1 : 1 + noise() % min_u32(40, MAX_LENGTH - length))
    for (u32 code = MAX_DISTANCE + 120; code > 0; code /= 2) {
      u32 token = copy_token(length, code);
      expect(is_copy(token) && !is_cached(token) && copy_length(token) == length && copy_code(token) == code, "copy", token, length, code);
    }
}

// ---- images -------------------------------------------------------------------------------------

// Some of them not more than tells ways apart, some at its border.
static u32 number_of(u32 kind) {
  static const u16 numbers[] = {1, 2, 3, 4, 5, 8, 16, 17, 40, 255, 256, 257, 300};
  return kind == COLORS ? numbers[noise() % 13] : 1 + noise() % 60;
}

static void test_kind(struct job job, u32 kind, u32 number) {
  size_t bytes;
  if (job.flags & ALPHA && !has_alpha(job.format)) job.flags &= ~(u32)ALPHA;
  if (job.flags & ALPHA) job.lost_bits = 0;
  u8 *pixels = paint(&job, kind, number);
  free(test_image(&job, pixels, noise(), &bytes));
  free(pixels);
}

static struct job job_of(u32 width, u32 height) {
  u32 lost_bits = noise() % 2 ? 0 : noise() % (MOST_ROUNDING + 1);
  return (struct job){width, height, noise() % FORMATS, noise() % 3, noise() % 4, noise() % 3 ? 0 : 1 + noise() % 9, lost_bits};
}

// Sides of 1 to 67.
static u32 test_sizes(void) {
  u32 images = 0;
  for (u32 width = 1; width <= 67; width++)
    for (u32 height = 1; height <= 67; height += 1 + noise() % 12) {
      u32 kind = images++ % KINDS;
      test_kind(job_of(width, height), kind, number_of(kind));
    }
  return images;
}

// Drawings of which both ways are looked at, and each is taken.
static u32 test_unsure(void) {
  u32 images = 0, residuals = 0, direct = 0;
  for (u32 effort = BALANCED; effort <= SMALLEST; effort++)
    for (u32 number = 48; number < 56; number++, images++) {
      test_kind((struct job){200, 150, RGBA8, effort, 0, 0, number % 4 / 2}, SPOTTED, number);
      if (!run.way.unsure) continue;
      if (run.way.predicted) residuals++;
      else direct++;
    }
  expect(residuals > 0 && direct > 0, "unsure", residuals, direct, images);
  return images;
}

// Every kind by every effort and with all flags, where there is room for tiles of every sort.
static u32 test_kinds(void) {
  static const u16 borders[] = {1, 2, 3, 4, 5, 16, 17, 256, 257};
  u32 images = 0;
  for (u32 kind = 0; kind < KINDS; kind++)
    for (u32 effort = FAST; effort <= SMALLEST; effort++)
      for (u32 flags = 0; flags < 4; flags++, images++) {
        struct job job = {60 + noise() % 80, 60 + noise() % 80, noise() & 1 ? RGBA8 : GRAYA8, effort, flags, 0, 0};
        test_kind(job, kind, number_of(kind));
        job.lost_bits = 1 + noise() % MOST_ROUNDING;
        test_kind(job, kind, number_of(kind));
      }
  static const u8 levels[] = {2, 3, 6, 12, 16, 17, 96, 255};
  for (u32 kind = 0; kind < KINDS; kind++)
    for (u32 i = 0; i < sizeof levels; i++, images++)
      test_kind((struct job){91, 53, RGBA8, i % 3, ALPHA | (u32)levels[i] << LEVELS_AT, 0, 0}, kind, number_of(kind));
  for (u32 effort = FAST; effort <= SMALLEST; effort++)
    for (u32 i = 0; i < sizeof borders / sizeof *borders; i++, images++)
      test_kind((struct job){61, 43, RGBA8, effort, EXACT, 0, 0}, COLORS, borders[i]);
  return images;
}

// More than a strip, an output and a part of the parser, and sides as long as may be.
static u32 test_large(void) {
  static const u16 sizes[][2] = {{MAX_SIDE, 1}, {1, MAX_SIDE}, {MAX_SIDE, 3}, {3, MAX_SIDE}, {700, 40}, {301, 247}};
  static const u8 kinds[] = {NOISE, PHOTOGRAPH, DARK, TEXT, FAR};
  u32 images = 0;
  for (u32 i = 0; i < 6; i++)
    for (u32 effort = FAST; effort <= SMALLEST; effort++, images++)
      test_kind((struct job){sizes[i][0], sizes[i][1], RGBA8 - noise() % 2, effort, 0, 0, i % 3 * 2}, kinds[(i + effort * 2) % 5], number_of(0));
  // So many pixels that not all of the rows are counted.
  for (u32 format = RGB8; format <= RGBA8; format++)
    for (u32 i = 0; i < 3; i++, images++) test_kind((struct job){450 + 61 * i, 347 - 2 * i, format, FAST, 0, i, noise() % 2 * 3}, PATCHY, 0);
  test_kind((struct job){450, 347, RGBA8, FAST, 0, 0, 0}, TRANSPARENT, 30);
  images++;
  // So few that all are, with runs over many rows.
  for (u32 i = 0; i < 40; i++, images++) test_kind((struct job){200 + noise() % 50, 150 + noise() % 100, RGB8, FAST, 0, 0, 0}, PATCHY, 0);
  for (u32 effort = BALANCED; effort <= SMALLEST; effort++, images++) {
    test_kind((struct job){203, 141, RGB8, effort, 0, 0, 0}, TINTED, 0);
    expect(run.way.crossed, "colours apart", effort, run.image.cache_bits, cross.count);
  }
  for (u32 kind = 0; kind < KINDS; kind++)
    for (u32 effort = BALANCED; effort <= SMALLEST; effort++, images++)
      test_kind((struct job){231, 160, RGBA8, effort, 0, 0, 0}, kind, kind == COLORS ? 256 : 60);
  return images;
}

// ---- memory -------------------------------------------------------------------------------------

// Every amount of it is an answer: with enough the file, the same as ever, with less another one that is as good, and then none.
static void test_limits(void) {
  u32 others = 0;
  for (u32 kind = 0; kind < KINDS; kind++)
    for (u32 effort = FAST; effort <= SMALLEST; effort++) {
      struct job job = {90, 61, RGBA8, effort, 0, 0, noise() % 2 * 3};
      u8 *pixels = paint(&job, kind, 40);
      size_t bytes, some_bytes, all = plenty(&job);
      u8 *file = test_image(&job, pixels, noise(), &bytes);
      u32 refused[2] = {0, 0}, done[2] = {0, 0}, wish;
      for (size_t heap = 4096; heap < all; heap += heap / 9 & ~(size_t)63) {
        bool limited = noise() & 1;
        u8 *some = encode_by(&job, &(struct route){limited ? all : heap, limited ? heap : all, 0xa5, 0, job.height}, pixels, &some_bytes, &wish);
        if (some == NULL) expect(done[limited] == 0 && wish == (limited ? OVER_LIMIT : NO_MEMORY), "limit", wish, limited, (u32)heap);
        else if (limited) check_file(&job, pixels, some, some_bytes);
        else same_file(&job, file, bytes, some, some_bytes, "short of memory, another file");
        if (some != NULL) done[limited]++;
        else refused[limited]++;
        others += some != NULL && some_bytes != bytes;
        free(some);
      }
      expect(refused[0] > 0 && refused[1] > 0, "answers", refused[0], refused[1], done[1]);
      free(file);
      free(pixels);
    }
  expect(others > 0, "another file with less memory", others, 0, 0);
  printf("vp8l: %u other files with less memory\n", others);
}

int main(void) {
  test_import();
  test_colors();
  test_alphas();
  test_predictors();
  test_rounding();
  test_lengths();
  test_distances();
  test_tokens();
  test_limits();
  printf("vp8l: %u images of every kind\n", test_kinds());
  printf("vp8l: %u images of small sizes\n", test_sizes());
  printf("vp8l: %u images that go either way\n", test_unsure());
  printf("vp8l: %u large images\n", test_large());
  return 0;
}
