// Runs the kernel natively, under the sanitizers: `npm run test:sanitize`.
//
// SIMD routines equal the scalar ones at every length and touch no byte beyond; images of noise, of few colours and of
// slopes in every format stay within their buffers and depend on nothing but their pixels. Whether decoders agree is for the
// tests in test/.

#include "png_host.h"

static u8 noise_byte(void) {
  u32 kind = noise() >> 8 & 7;
  return kind == 0 ? 0 : kind < 3 ? 255 : (u8)(noise() >> 24);
}

static u8 *noise_bytes(size_t n) {
  u8 *bytes = exactly(n);
  for (size_t i = 0; i < n; i++) bytes[i] = noise_byte();
  return bytes;
}

enum { MOST_LENGTH = 200 };

// ---- routines -----------------------------------------------------------------------------------

static void test_filters(void) {
  const u32 distances[] = {1, 2, 3, 4, 6, 8};
  for (u32 d = 0; d < 6; d++)
    for (u32 n = 0; n <= MOST_LENGTH; n++) {
      u32 bpp = distances[d];
      u8 *row = noise_bytes(bpp + n), *above = noise_bytes(bpp + n);
      for (u32 f = NONE; f <= PAETH; f++) {
        u8 *simd = exactly(n), *scalar = exactly(n);
        filters[f][0](simd, row + bpp, above + bpp, n, bpp);
        filters[f][1](scalar, row + bpp, above + bpp, n, bpp);
        expect(memcmp(simd, scalar, n) == 0, "filter", f, n, bpp);
        free(simd);
        free(scalar);
      }
      for (u32 step = 16; step <= 64; step *= 2) {
        u32 simd[4], scalar[4];
        score[0](simd, row + bpp, above + bpp, n, bpp, step);
        score[1](scalar, row + bpp, above + bpp, n, bpp, step);
        expect(memcmp(simd, scalar, sizeof simd) == 0, "score", n, bpp, step);
      }
      free(row);
      free(above);
    }
  // More blocks than a lane of 16 bits holds, each at its worst.
  u32 n = 16 * 1000;
  u8 *row = exactly(n + 1), *above = exactly(n + 1);
  for (u32 i = 0; i <= n; i++) row[i] = i % 2 == 0 ? 128 : 0, above[i] = row[i] ^ 128;
  u32 simd[4], scalar[4];
  score[0](simd, row + 1, above + 1, n, 1, 16);
  score[1](scalar, row + 1, above + 1, n, 1, 16);
  expect(memcmp(simd, scalar, sizeof simd) == 0 && simd[0] == 128 * n, "long score", simd[0], scalar[0], 0);
  free(row);
  free(above);
}

// All 2^24 neighbourhoods of the one predictor with a tie-break, sixteen at a time.
static void test_paeth(void) {
  for (u32 c = 0; c < 256; c++)
    for (u32 b = 0; b < 256; b++)
      for (u32 a = 0; a < 256; a += 16) {
        u8x16 as;
        for (u32 i = 0; i < 16; i++) as[i] = (u8)(a + i);
        u8x16 got = paeth_x16(as, u8x16_splat((u8)b), u8x16_splat((u8)c));
        for (u32 i = 0; i < 16; i++) expect(got[i] == paeth_of((u8)(a + i), (u8)b, (u8)c), "paeth", a + i, b, c);
      }
}

static void test_packing(void) {
  const u8 types[] = {TYPE_GRAY, TYPE_GRAYA, TYPE_RGB, TYPE_RGBA};
  for (u32 format = 0; format < PIXEL_FORMATS; format++)
    for (u32 t = 0; t < 4; t++)
      for (u32 depth = 8; depth <= 16; depth += 8) {
        struct packing p = packing_to(format, types[t], depth);
        for (u32 n = 0; n <= MOST_LENGTH; n++) {
          u8 *from = noise_bytes(n * p.from_bytes), *simd = exactly(n * p.to_bytes), *scalar = exactly(n * p.to_bytes);
          pack[0](simd, from, n, &p);
          pack[1](scalar, from, n, &p);
          expect(memcmp(simd, scalar, n * p.to_bytes) == 0, "pack", format, types[t], n);
          free(from);
          free(simd);
          free(scalar);
        }
      }
}

static void test_bits(void) {
  for (u32 depth = 1; depth <= 4; depth *= 2)
    for (u32 n = 0; n <= MOST_LENGTH; n++) {
      u32 bytes = (n * depth + 7) / 8;
      u8 *from = noise_bytes(n), *simd = exactly(bytes), *scalar = exactly(bytes);
      for (u32 i = 0; i < n; i++) from[i] &= (1u << depth) - 1;
      bits[0](simd, from, n, depth);
      bits[1](scalar, from, n, depth);
      expect(memcmp(simd, scalar, bytes) == 0, "bits", depth, n, 0);
      bits[0](from, from, n, depth);
      expect(memcmp(from, scalar, bytes) == 0, "bits in place", depth, n, 0);
      free(from);
      free(simd);
      free(scalar);
    }
}

// Pixels for which the answer is yes, but for one byte of one of them.
static void test_question(const inspect_op op[2], u32 pixel_bytes, u8 (*yes)(u32 byte, u32 pixel)) {
  for (u32 n = 1; n <= MOST_LENGTH; n++) {
    u8 *pixels = exactly(n * pixel_bytes);
    for (u32 round = 0; round < 8; round++) {
      for (u32 i = 0; i < n * pixel_bytes; i++) pixels[i] = yes(i % pixel_bytes, i / pixel_bytes);
      expect(round > 0 || op[0](pixels, n), "yes", n, pixel_bytes, 0);
      pixels[noise() % (n * pixel_bytes)] ^= (u8)(1u << noise() % 8);
      expect(op[0](pixels, n) == op[1](pixels, n), "question", n, pixel_bytes, round);
    }
    free(pixels);
  }
}

static u8 always_opaque(u32 byte, u32 pixel) { return byte % 8 == 3 || byte >= 6 ? 255 : (u8)(pixel * 7 + byte); }
static u8 always_opaque16(u32 byte, u32 pixel) { return byte >= 6 ? 255 : (u8)(pixel * 7 + byte); }
static u8 always_gray(u32 byte, u32 pixel) { return byte == 3 ? (u8)pixel : (u8)(pixel * 13); }
static u8 always_gray16(u32 byte, u32 pixel) { return byte >= 6 ? (u8)byte : (u8)(pixel * 13 + byte % 2); }
static u8 always_doubled(u32 byte, u32 pixel) { return (u8)(pixel * 5 + byte / 2); }

static void test_questions(void) {
  test_question(inspect_opaque8, 4, always_opaque);
  test_question(inspect_opaque16, 8, always_opaque16);
  test_question(inspect_gray8, 4, always_gray);
  test_question(inspect_gray16, 8, always_gray16);
  test_question(inspect_doubled, 8, always_doubled);
}

static void test_colors(void) {
  for (u32 count = 1; count <= MAX_COLORS + 1; count++) {
    u32 pixels[600];
    u8 indices[600];
    // Multiples of a power of two meet in the table.
    for (u32 i = 0; i < 600; i++) pixels[i] = (i < count ? i : noise() % count) * (count % 3 == 0 ? 0x01000000u : 0x00010101u * 31);
    colors_clear();
    bool fits = colors_add((const u8 *)pixels, 600);
    if (count % 3 == 0 && count > 256) continue;
    expect(fits == (count <= MAX_COLORS), "colours", count, colors.count, 0);
    if (!fits) continue;
    colors_sort();
    colors_look_up(indices, (const u8 *)pixels, 600);
    for (u32 i = 0; i < 600; i++) expect(colors.color[indices[i]] == pixels[i], "index", i, indices[i], count);
    for (u32 i = 1; i < colors.count; i++)
      expect(color_opaque(colors.color[i]) || !color_opaque(colors.color[i - 1]), "transparent first", i, count, 0);
  }
}

// A pass has every pixel once.
static void test_passes(void) {
  for (u32 width = 1; width <= 17; width++)
    for (u32 height = 1; height <= 17; height++) {
      u64 sum = 0;
      for (u32 p = 0; p < PASSES; p++) sum += (u64)pass_width(&passes[p], width) * pass_height(&passes[p], height);
      expect(sum == width * height, "passes", width, height, (u32)sum);
    }
}

// ---- whole images -------------------------------------------------------------------------------

static u8 *noise_pixels(const struct job *job) {
  size_t size = job_bytes(job);
  u8 *pixels = exactly(size);
  u32 kind = noise() % 6, few = noise();
  u32 pixel = sources[job->format].samples * sources[job->format].sample_bytes;
  for (size_t i = 0; i < size; i++) switch (kind) {
      case 0: pixels[i] = noise_byte(); break;
      case 1: pixels[i] = noise() & 1 ? 255 : 0; break;
      case 2: pixels[i] = (u8)(i / 7 + (noise() >> 30)); break;
      case 3: pixels[i] = (u8)(few >> i % pixel % 4 * 8 ^ (i / pixel % 5)); break;
      case 4: pixels[i] = (u8)(17 * (i / pixel / 3 % 16)); break;
      default: pixels[i] = i % pixel == 3 ? 255 : (u8)(i / 2); break;
    }
  for (u32 i = 0; i < sizeof palette; i++) palette[i] = noise() % 3 ? noise_byte() : 255;
  return pixels;
}

static u32 any_depth(u32 format, u32 flags) {
  const u8 depths[] = {0, 0, 0, 1, 2, 4, 8, 16};
  u32 depth = depths[noise() % 8];
  return depth_possible(format, depth, flags) ? depth : 0;
}

static u32 test_images(void) {
  u32 images = 0;
  for (u32 size = 0; size < 17 * 17; size++)
    for (u32 format = 0; format < PIXEL_FORMATS; format++) {
      struct job job = {
          .width = size % 17 * 2 + 1 + noise() % 2,
          .height = size / 17 * 2 + 1 + noise() % 2,
          .format = format,
          .level = noise() % 10,
          .filter = noise() % 3 ? AUTO : noise() % FILTERS,
          .flags = noise() % 8,
          .padding = noise() % 3,
      };
      job.depth = any_depth(format, job.flags);
      u8 *pixels = noise_pixels(&job);
      images += test_image(&job, pixels, job_heap(&job));
      free(pixels);
    }
  return images;
}

// More than a strip, a window and an output; rows longer than all of them.
static u32 test_large_images(void) {
  const u32 sizes[][2] = {{701, 397}, {1, 70000}, {70000, 1}, {400000, 2}, {8000, 60}};
  u32 images = 0;
  for (u32 i = 0; i < 5; i++)
    for (u32 round = 0; round < 4; round++) {
      struct job job = {
          .width = sizes[i][0],
          .height = sizes[i][1],
          .format = round == 0 ? (u32)RGBA8 : noise() % PIXEL_FORMATS,
          .level = round * 3,
          .filter = AUTO,
          .flags = noise() % 8,
      };
      u8 *pixels = noise_pixels(&job);
      images += test_image(&job, pixels, job_heap(&job));
      free(pixels);
    }
  return images;
}

// ---- bands --------------------------------------------------------------------------------------

enum { MOST_BANDS = 8, FOUND_STATES = 3, STATES = 6 };

struct kept_state {
  u8 *bytes[STATES];
};

static void keep_states(struct kept_state *kept, u32 n) {
  for (u32 i = 0; i < n; i++) {
    kept->bytes[i] = malloc(states[i].bytes);
    memcpy(kept->bytes[i], states[i].at, states[i].bytes);
  }
}
static void put_states(const struct kept_state *kept, u32 n) {
  for (u32 i = 0; i < n; i++) memcpy(states[i].at, kept->bytes[i], states[i].bytes);
}
static void free_states(struct kept_state *kept, u32 n) {
  for (u32 i = 0; i < n; i++) free(kept->bytes[i]);
}

// RFC 1950: of two streams one behind the other, the second of n bytes.
static u32 joined_adler(u32 a, u32 b, u64 n) {
  u64 m = ADLER_MODULUS, s1 = a & 0xffff, s2 = a >> 16;
  u64 first = (s1 + (b & 0xffff) + m - 1) % m, second = (s2 + (b >> 16) + (n % m) * ((s1 + m - 1) % m)) % m;
  return (u32)(second << 16 | first);
}

// Shows the strip that is wanted, which a band may end.
static u32 show_band(const struct job *job, const u8 *pixels) {
  u32 at = png_wanted_row(), rows = rows_from(at), pitch = job_pitch(job);
  memcpy(png_input(), pixels + (size_t)at * pitch, (size_t)pitch * (rows - 1) + source_row(job->format, job->width));
  return png_inspect(rows);
}

// In bands, each in an instance of its own, an image gets the head that it gets in one piece, and with one filter for all rows the
// same checksum. The heap is the same for all, as states hold addresses.
static bool test_bands(const struct job *job, const u8 *pixels) {
  size_t heap_bytes = job_heap(job) + 65536, bytes = 0, whole_bytes, row = source_row(job->format, job->width);
  u32 pitch = job_pitch(job), height = 1 + noise() % job->height, count = 0;
  if (height * MOST_BANDS < job->height) height = (job->height + MOST_BANDS - 1) / MOST_BANDS;
  u8 *whole = encode(job, pixels, 0, &whole_bytes, heap_bytes), *file = NULL;
  u8 *heap = give_heap(0xa5, heap_bytes);
  u32 wish = begin_job(job, heap_bytes), adler = 1;
  struct kept_state found[MOST_BANDS], settled;
  if (wish == WANT_INSPECT && run.phase == INSPECTING) {
    for (u32 y = 0; y < job->height; y += height, count++) {
      begin_job(job, heap_bytes);
      png_band(y, min_u32(height, job->height - y));
      do wish = show_band(job, pixels);
      while (wish == WANT_INSPECT);
      if (height >= job->height) break;
      expect(wish == FOUND, "found", wish, y, height);
      keep_states(&found[count], FOUND_STATES);
    }
    if (count == 0) goto end;
    begin_job(job, heap_bytes);
    put_states(&found[0], FOUND_STATES);
    for (u32 b = 1; b < count; b++) {
      memcpy(png_input(), found[b].bytes[0], states[0].bytes);
      memcpy(png_input() + states[0].bytes, found[b].bytes[1], states[1].bytes);
      png_add_found();
    }
    wish = png_settle();
    for (u32 b = 0; b < count; b++) free_states(&found[b], FOUND_STATES);
  }
  while (wish == WANT_INSPECT) wish = put_strip(job, pixels, png_wanted_row(), true, png_inspect);
  if (wish != WANT_ROWS) goto end;
  keep_states(&settled, STATES);
  for (u32 y = 0, rows; wish == WANT_ROWS && y < job->height; y += rows) {
    rows = min_u32(height, job->height - y);
    begin_job(job, heap_bytes);
    put_states(&settled, STATES);
    wish = png_band(y, rows);
    while (wish == WANT_INSPECT) wish = show_band(job, pixels);
    if (y > 0) {
      memcpy(png_input(), pixels + (size_t)(y - 1) * pitch, row);
      wish = png_above();
    }
    for (u32 at = y; wish == WANT_ROWS && at < y + rows; at += png_strip_rows()) {
      u32 n = rows_from(at);
      memcpy(png_input(), pixels + (size_t)at * pitch, (size_t)pitch * (n - 1) + row);
      wish = png_rows(n);
      file = take_parts(&wish, file, &bytes);
    }
    if (wish != DONE) break;
    adler = joined_adler(adler, png_adler(), (u64)rows * png_row_bytes());
    wish = WANT_ROWS;
  }
  free_states(&settled, STATES);
end:
  native_heap_take();
  free(heap);
  bool done = bytes > 0;
  if (wish == MISFIT) {
    expect(whole == NULL, "misfit", job->width, job->height, job->depth);
  } else if (done) {
    // The signature and IHDR.
    expect(memcmp(file, whole, 33) == 0, "head of bands", job->width, job->height, job->format);
    if (job->filter != AUTO) expect(adler == get_be32(whole + whole_bytes - 12 - 8), "checksum", adler, job->format, job->level);
  }
  free(file);
  free(whole);
  return done;
}

static u32 test_all_bands(void) {
  u32 images = 0;
  for (u32 round = 0; round < 600; round++) {
    struct job job = {
        .width = 1500 + noise() % 3000,
        .height = 2 + noise() % 60,
        .format = round % PIXEL_FORMATS,
        .level = noise() % 8,
        .filter = noise() % 3 ? noise() % FILTERS : AUTO,
        .flags = noise() % 8 & ~INTERLACED,
        .padding = noise() % 3,
    };
    job.depth = any_depth(job.format, job.flags);
    u8 *pixels = noise_pixels(&job);
    images += test_bands(&job, pixels);
    free(pixels);
  }
  return images;
}

// Every limit of memory is an answer, not a crash.
static void test_limits(void) {
  for (u32 flags = 0; flags < 8; flags++)
    for (size_t heap = 4096; heap <= 1 << 20; heap *= 2) {
      struct job job = {200, 150, RGBA8, 4, AUTO, 0, flags, 0};
      u8 *pixels = noise_pixels(&job);
      test_image(&job, pixels, heap);
      free(pixels);
    }
}

int main(void) {
  test_filters();
  test_paeth();
  test_packing();
  test_bits();
  test_questions();
  test_colors();
  test_passes();
  test_limits();
  printf("png: %u images in bands\n", test_all_bands());
  u32 images = test_images();
  printf("png: %u images\n", images + test_large_images());
  return 0;
}
