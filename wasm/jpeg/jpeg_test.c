// Runs the kernel natively, under the sanitizers: `npm run test:sanitize`.
//
// SIMD routines equal the scalar ones and read no byte beyond their input; Huffman tables are complete and
// within 16 bits for any frequencies; images of noise in every mode stay within their buffers and depend on
// nothing but their pixels. Whether decoders agree is for the tests in test/.

#include "jpeg/native_encode.h"

static u8 noise_byte(void) {
  u32 kind = noise() >> 8 & 7;
  return kind == 0 ? 0 : kind < 3 ? 255 : (u8)(noise() >> 24);
}

static void test_image(const struct job *job, const u8 *pixels, u32 pitch, size_t heap) {
  size_t bytes[3];
  struct job scalar = *job;
  scalar.flags |= SCALAR;
  u8 *files[3];
  for (u32 i = 0; i < 3; i++) {
    const struct route route = {heap, heap, (u8[]){0x00, 0xa5, 0xff}[i], 0, job->height, NULL};
    files[i] = encode(i < 2 ? job : &scalar, &route, pixels, pitch, &bytes[i]);
  }
  u8 *file = files[0], *again = files[1], *twin = files[2];
  expect((file == NULL) == (again == NULL) && (file == NULL) == (twin == NULL), "memory", job->width, job->height, 0);
  if (file != NULL) {
    check_file(job, file, bytes[0]);
    bool same = bytes[0] == bytes[1] && memcmp(file, again, bytes[0]) == 0;
    expect(same, "memory of before shows", job->width, job->height, job->flags);
    same = bytes[0] == bytes[2] && memcmp(file, twin, bytes[0]) == 0;
    expect(same, "SIMD and scalar differ", job->width, job->height, job->flags);
  }
  free(file);
  free(again);
  free(twin);
}

static u8 *noise_pixels(const struct job *job, u32 pitch) {
  size_t size = (size_t)pitch * (job->height - 1) + job->width * bytes_of(job->format);
  u8 *pixels = exactly(size);
  u32 kind = noise() % 3;
  for (size_t i = 0; i < size; i++)
    pixels[i] = kind == 0 ? noise_byte() : kind == 1 ? (u8)(noise() & 1 ? 255 : 0) : (u8)(i / 7 + (noise() >> 30));
  return pixels;
}

static void test_noise_image(struct job job) {
  u32 pitch = job.width * bytes_of(job.format) + job.padding;
  u8 *pixels = noise_pixels(&job, pitch);
  // Coefficients and tokens of every block, and the step in which memory grows.
  size_t blocks = (size_t)divide_up(job.width, 8) * divide_up(job.height, 8) * 3 + 64;
  test_image(&job, pixels, pitch, ((size_t)pitch * 128 + blocks * 512 + (1 << 20) + GROWTH_BYTES + 63) & ~(size_t)63);
  free(pixels);
}

static u32 test_images(void) {
  u32 images = 0;
  for (u32 size = 0; size < 17 * 17; size++)
    for (u32 flags = 0; flags < 3; flags++)
      for (u32 subsampling = 0; subsampling < 3; subsampling++) {
        u32 format = formats[noise() % FORMATS];
        bool gray = format == GRAY8 || noise() % 5 == 0;
        test_noise_image((struct job){
            .width = size % 17 * 2 + 1 + noise() % 2,
            .height = size / 17 * 2 + 1 + noise() % 2,
            .format = format,
            .subsampling = subsampling,
            .flags = flags | (gray ? GRAY : 0),
            .restart_rows = noise() % 3,
            .quality = noise() % 4 == 0 ? 100 : 1 + noise() % 100,
            .padding = noise() % 3,
        });
        images++;
      }
  // More than an output, a chunk and a strip.
  for (u32 flags = 0; flags < 3; flags++)
    for (u32 subsampling = 0; subsampling < 3; subsampling++) {
      test_noise_image((struct job){701, 397, RGBA8, subsampling, flags, 0, 100, 0});
      test_noise_image((struct job){65500, 9, BGR8, subsampling, flags, 1, 100, 0});
      images += 2;
    }
  return images;
}

// An image in bands, each in an instance of its own, gives the file that it gives in one piece.
static void test_bands(const struct job *job) {
  u32 pitch = job->width * bytes_of(job->format) + job->padding;
  u8 *pixels = noise_pixels(job, pitch);
  const struct route route = {4 << 20, 4 << 20, 0xa5, 0, job->height, NULL};
  size_t whole_bytes, bytes = 0;
  u8 *whole = encode(job, &route, pixels, pitch, &whole_bytes), *file = NULL;
  u32 height = restart_rows_of(image.mcus) * image.mcu_height * (1 + noise() % 3), bands = divide_up(job->height, height);
  u32 total[CODES] = {0};
  u8 *tokens[64];
  u32 tokens_bytes[64];
  bool optimize = (job->flags & OPTIMIZE) != 0;
  expect(bands <= 64, "bands", bands, 0, 0);
  for (u32 pass = optimize ? 0 : 1; pass < 2; pass++)
    for (u32 b = 0; b < bands; b++) {
      u32 row = b * height, rows = min_u32(height, job->height - row);
      u8 *heap = give_heap(&route);
      u32 wish = begin(job, &route, pitch);
      expect(wish == WANT_ROWS, "memory", wish, job->width, job->height);
      jpeg_band(row, rows);
      if (pass == 0 || !optimize) {
        wish = feed(job, noise(), pixels, pitch, row, row + rows, &file, &bytes);
      } else {
        expect(jpeg_resume_band(tokens_bytes[b]) == WANT_ROWS, "memory", b, bands, 0);
        memcpy(jpeg_tokens(), tokens[b], tokens_bytes[b]);
        memcpy(jpeg_counts(), total, sizeof total);
        free(tokens[b]);
        for (wish = jpeg_write_band(); wish == WANT_DRAIN; wish = jpeg_resume()) file = take_output(file, &bytes);
        file = take_output(file, &bytes);
      }
      // One band is the whole image.
      bool found = pass == 0 && bands > 1;
      expect(wish == (found ? FOUND : DONE), "end of a band", wish, b, bands);
      if (found) {
        expect(jpeg_counts_bytes() == sizeof total, "counts", 0, 0, 0);
        for (u32 i = 0; i < CODES; i++) total[i] += ((const u32 *)jpeg_counts())[i];
        tokens_bytes[b] = jpeg_tokens_bytes();
        tokens[b] = malloc(tokens_bytes[b]);
        memcpy(tokens[b], jpeg_tokens(), tokens_bytes[b]);
      } else if (pass == 0) {
        pass = 1;
      }
      native_heap_take();
      free(heap);
    }
  bool same = bytes == whole_bytes && memcmp(file, whole, bytes) == 0;
  expect(same, "bands make another file", job->width, job->height, job->flags);
  free(file);
  free(whole);
  free(pixels);
}

static u32 test_all_bands(void) {
  u32 images = 0;
  for (u32 round = 0; round < 300; round++, images++) {
    u32 format = formats[noise() % FORMATS];
    bool gray = format == GRAY8 || noise() % 5 == 0;
    test_bands(&(struct job){
        .width = 1 + noise() % 120,
        .height = 1 + noise() % 200,
        .format = format,
        .subsampling = noise() % 3,
        .flags = noise() % 2 | (gray ? GRAY : 0) | (noise() % 2 ? SCALAR : 0),
        .restart_rows = 1 + noise() % 3,
        .quality = 1 + noise() % 100,
        .padding = noise() % 3,
    });
  }
  return images;
}

// ---- routines -----------------------------------------------------------------------------------

// One MCU in memory of exactly its size.
static void test_convert(const convert_op op[2], u32 bytes, u32 width, u32 height, u32 blocks, u32 format) {
  for (u32 round = 0; round < 200; round++) {
    u32 pitch = width * bytes + noise() % 9;
    size_t size = (size_t)pitch * (height - 1) + width * bytes;
    u8 *from = exactly(size);
    for (size_t i = 0; i < size; i++) from[i] = noise_byte();
    _Alignas(16) i16 simd[MAX_MCU_BLOCKS * BLOCK], scalar[MAX_MCU_BLOCKS * BLOCK];
    op[0](simd, from, pitch);
    op[1](scalar, from, pitch);
    expect(memcmp(simd, scalar, blocks * BLOCK * sizeof *simd) == 0, "convert", format, width, height);
    for (u32 i = 0; i < blocks * BLOCK; i++) expect(simd[i] >= -128 && simd[i] <= 127, "sample", format, i, 0);
    free(from);
  }
}

static void test_conversions(void) {
  for (u32 f = 0; f < FORMATS; f++) {
    u32 format = formats[f], bytes = bytes_of(format);
    if (format == GRAY8) {
      test_convert(convert_gray8, 1, 8, 8, 1, format);
      continue;
    }
    color_prepare(format);
    const convert_op(*ops)[2] = convert_color[bytes == 3];
    test_convert(ops[0], bytes, 8, 8, 3, format);
    test_convert(ops[1], bytes, 16, 8, 4, format);
    test_convert(ops[2], bytes, 16, 16, 6, format);
    test_convert(ops[3], bytes, 8, 8, 1, format);
  }
}

// Gray stays gray: exactly what it was, and no colour.
static void test_gray(void) {
  color_prepare(RGBA8);
  for (u32 gray = 0; gray < 256; gray++) {
    u8 pixels[16 * 16 * 4];
    memset(pixels, (int)gray, sizeof pixels);
    convert_rgba_420_simd(samples, pixels, 64);
    for (u32 i = 0; i < 4 * BLOCK; i++) expect(samples[i] == (i32)gray - 128, "luma", gray, i, 0);
    for (u32 i = 4 * BLOCK; i < 6 * BLOCK; i++) expect(samples[i] == 0, "chroma", gray, i, 0);
  }
}

// Every count of pixels, opaque rows and others, in place; the background is where alpha is 0.
static void test_flatten(void) {
  jpeg_background(0x30b40a);
  const u8 red_green_blue[] = {0x0a, 0xb4, 0x30};
  for (u32 f = 0; f < FORMATS; f++) {
    u32 format = formats[f];
    if (format != RGBA8 && format != BGRA8 && format != ARGB8) continue;
    u32 first = format == ARGB8, alpha = format == ARGB8 ? 0 : 3;
    const flatten_op *op = flatten[format == ARGB8];
    flatten_prepare(format);
    for (u32 n = 0; n <= 200; n++)
      for (u32 kind = 0; kind < 3; kind++) {
        u8 *before = exactly(4 * n), *simd = exactly(4 * n), *scalar = exactly(4 * n);
        for (u32 i = 0; i < 4 * n; i++) before[i] = noise_byte();
        // Opaque; opaque but for one pixel; all kinds.
        if (kind < 2)
          for (u32 i = 0; i < n; i++) before[4 * i + alpha] = 255;
        if (kind == 1 && n > 0) before[4 * (noise() % n) + alpha] = 0;
        if (n > 0) memcpy(simd, before, 4 * n), memcpy(scalar, before, 4 * n);
        op[0](simd, n);
        op[1](scalar, n);
        expect(n == 0 || memcmp(simd, scalar, 4 * n) == 0, "flatten", format, n, kind);
        for (u32 i = 0; i < n; i++) {
          const u8 *was = before + 4 * i, *is = simd + 4 * i;
          expect(is[alpha] == 255, "alpha", format, n, i);
          for (u32 c = 0; c < 3; c++) {
            u32 at = first + (format == BGRA8 ? 2 - c : c);
            if (was[alpha] == 255) expect(is[at] == was[at], "opaque", format, n, i);
            if (was[alpha] == 0) expect(is[at] == red_green_blue[c], "background", format, n, i);
          }
        }
        free(before);
        free(simd);
        free(scalar);
      }
  }
}

static void test_transforms(void) {
  for (u32 round = 0; round < 20000; round++) {
    _Alignas(16) i16 simd[2 * BLOCK], scalar[2 * BLOCK];
    u64 masks[2][2];
    u32 kind = round % 4;
    for (u32 i = 0; i < 2 * BLOCK; i++)
      simd[i] = (i16)(kind == 0 ? (noise() & 1 ? 127 : -128) : kind == 1 ? -128 + 255 * (i32)((i / 8 + i) & round / 4 & 1)
                      : kind == 2 ? (i32)(noise() >> 24) - 128 : (i32)(noise() >> 28));
    memcpy(scalar, simd, sizeof scalar);
    quantizers_by_quality(1 + noise() % 100);
    for (u32 i = 0; round % 5 == 0 && i < 2 * BLOCK; i++) quantizers[i / BLOCK][i % BLOCK] = (u8)(1 + noise() % 255);
    quantizers_prepare();
    transform_simd(simd, round & 1, 2, scaled, masks[0]);
    transform_scalar(scalar, round & 1, 2, scaled, masks[1]);
    expect(memcmp(simd, scalar, sizeof simd) == 0, "transform", round, kind, 0);
    expect(memcmp(masks[0], masks[1], sizeof masks[0]) == 0, "its masks", round, kind, 0);
    for (u32 low = 0; low < 3; low++) {
      u64 mask = mask_simd(simd, (int)low);
      expect(mask == mask_scalar(simd, (int)low), "mask", round, kind, low);
      expect(low > 0 || mask == masks[0][0], "mask of all bits", round, kind, low);
    }
    for (u32 i = 0; i < BLOCK; i++) expect(magnitude_bits(simd[i]) <= 10 + (i == 0), "size", round, i, 0);
  }
}

static void test_stuffing(void) {
  static u8 simd[CHUNK_BYTES], scalar[CHUNK_BYTES];
  for (u32 round = 0; round < 300; round++) {
    u32 bytes = round < 100 ? round : noise() % (4 * (WORDS - 8));
    for (u32 i = 0; i < WORDS; i++) words[i] = round % 3 == 0 ? 0xffffffff : noise() | (noise() & 1 ? 0xff0000 : 0);
    size_t a = (size_t)(stuff_simd(simd, bytes) - simd), b = (size_t)(stuff_scalar(scalar, bytes) - scalar);
    expect(a == b && memcmp(simd, scalar, a) == 0, "stuffing", round, bytes, 0);
  }
}

static void test_huffman(void) {
  for (u32 round = 0; round < 3000; round++) {
    u32 frequency[256] = {0}, used = 0, kind = round % 4;
    u32 a = 1, b = 1;
    for (u32 i = 0; i < 256; i++) {
      if (kind == 0) frequency[noise() & 255] = 1 + (noise() >> (noise() & 31));
      else if (kind == 1 && i < 40) {
        frequency[i * 5] = a;  // Fibonacci numbers make the deepest tree
        u32 next = a + b;
        a = b;
        b = next;
      } else if (kind == 2 && i < round / 4 % 256) frequency[i] = 1;
      else if (kind == 3) frequency[i] = 1 + (noise() & 3);
    }
    struct huffman_table table;
    memset(&table, 0xee, sizeof table);
    for (u32 s = 0; s < 255; s++) used += frequency[s] > 0;
    huffman_optimal(&table, frequency, 255);
    u32 sum = 0, kraft = 0, longest = 0;
    for (u32 length = 1; length <= 16; length++) {
      sum += table.lengths[length];
      kraft += (u32)table.lengths[length] << (16 - length);
      if (table.lengths[length] > 0) longest = length;
    }
    expect(sum == used && table.count == used, "codes", round, sum, used);
    if (used > 0) expect(kraft + (1u << (16 - longest)) <= 65536, "room for ones", round, kraft, longest);
    bool seen[256] = {false};
    for (u32 i = 0; i < used; i++) {
      expect(frequency[table.symbols[i]] > 0 && !seen[table.symbols[i]], "symbol", round, i, table.symbols[i]);
      seen[table.symbols[i]] = true;
      if (i > 0) expect(frequency[table.symbols[i - 1]] >= frequency[table.symbols[i]], "order", round, i, 0);
    }
  }
}

// Every limit of memory is an answer, not a crash.
static void test_limits(void) {
  for (u32 flags = 0; flags < 3; flags++)
    for (size_t heap = 4096; heap <= 4 << 20; heap *= 2) {
      struct job job = {200, 150, RGBA8, CHROMA_444, flags, 0, 100, 0};
      u8 *pixels = noise_pixels(&job, 800);
      test_image(&job, pixels, 800, heap);
      free(pixels);
    }
}

int main(void) {
  tokens_prepare();
  test_conversions();
  test_gray();
  test_flatten();
  test_transforms();
  test_stuffing();
  test_huffman();
  test_limits();
  printf("jpeg: %u images of noise\n", test_images());
  printf("jpeg: %u images in bands\n", test_all_bands());
  return 0;
}
