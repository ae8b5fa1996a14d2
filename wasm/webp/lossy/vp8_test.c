// Runs the kernel natively, under the sanitizers: `npm run test:sanitize`.
//
// SIMD routines equal the scalar ones; images of noise in every effort stay within their buffers and depend on nothing but their
// pixels. Whether decoders agree is for the tests in test/.

#include "webp/lossy/native_encode.h"

static u8 noise_byte(void) {
  u32 kind = noise() >> 8 & 7;
  return kind == 0 ? 0 : kind < 3 ? 255 : (u8)(noise() >> 24);
}
static void noise_bytes(u8 *to, u32 n) {
  u32 kind = noise() % 3, base = noise() & 127;
  for (u32 i = 0; i < n; i++) to[i] = kind == 0 ? noise_byte() : kind == 1 ? (u8)(noise() & 1 ? 255 : 0) : (u8)(base + (noise() & 31));
}

static void test_transforms(void) {
  u8 samples[16], prediction[16], out[2][16];
  i16 coefficients[16], simd[16];
  for (u32 round = 0; round < 20000; round++) {
    noise_bytes(samples, 16);
    noise_bytes(prediction, 16);
    forward_scalar(coefficients, samples, prediction);
    struct block16 c = forward_simd(u8x16_load(samples), u8x16_load(prediction));
    i16x8_store(simd, c.low);
    i16x8_store(simd + 8, c.high);
    expect(memcmp(coefficients, simd, sizeof simd) == 0, "forward", round, 0, 0);
    inverse_scalar(out[0], coefficients, prediction);
    u8x16_store(out[1], inverse_simd(c, u8x16_load(prediction)));
    expect(memcmp(out[0], out[1], 16) == 0, "inverse", round, 0, 0);
    for (u32 i = 0; i < 16; i++)
      expect(abs(out[0][i] - samples[i]) <= 1, "inverse of forward", round, out[0][i], samples[i]);

    struct quantizer q;
    u32 dc = 4 + noise() % 150, ac = 4 + noise() % 280;
    quantizer_set(&q, dc, ac, 96, 110);
    for (u32 first = 0; first < 2; first++) {
      struct levels a, b;
      quantize_scalar(&a, coefficients, &q, first);
      quantize_simd(&b, c, &q, first);
      bool same = memcmp(a.level, b.level, sizeof a.level) == 0 && memcmp(a.value, b.value, sizeof a.value) == 0;
      expect(same && a.mask == b.mask && a.error == b.error, "quantise", round, first, dc);
    }
    struct levels whole = {0}, parts = {0};
    quantize_scalar(&whole, coefficients, &q, 0);
    quantize_scalar(&parts, coefficients, &q, 1);
    i32 lost = quantize_first(&parts, coefficients[0], &q);
    bool same = memcmp(&whole, &parts, sizeof whole) == 0 && lost == coefficients[0] - whole.value[0];
    expect(same, "quantise the first apart", round, coefficients[0], dc);
    u8 four[64];
    noise_bytes(four, 64);
    u32x4 variances = variance_simd(four);
    for (u32 i = 0; i < 4; i++) expect(variance_scalar(four + 16 * i) == variances[i], "variance", round, i, 0);
  }
}

static void test_predictions(void) {
  u8 around[16], samples[32], scalar[BLOCK_MODES][BLOCK], simd[BLOCK_MODES][BLOCK];
  for (u32 round = 0; round < 20000; round++) {
    noise_bytes(around, 16);
    noise_bytes(samples, 32);
    around[0] = around[1];
    around[14] = around[15] = around[13];
    predict_block_scalar(scalar, around);
    predict_block_simd(simd, around);
    expect(memcmp(scalar, simd, sizeof simd) == 0, "prediction", round, 0, 0);
    for (u32 mode = 0; mode < BLOCK_MODES; mode++) {
      struct satd2 pair = satd_simd(u8x16_load(samples), u8x16_load(simd[mode]), u8x16_load(samples + 16), u8x16_load(simd[0]));
      expect(pair.a == satd_scalar(samples, scalar[mode]), "SATD", round, mode, 0);
      expect(pair.b == satd_scalar(samples + 16, scalar[0]), "SATD", round, mode, 1);
    }
    struct border border = {.corner = noise_byte(), .has_above = noise() & 1, .has_left = noise() & 1};
    noise_bytes(border.above, sizeof border.above);
    noise_bytes(border.left, sizeof border.left);
    for (u32 mode = 0; mode < WHOLE_MODES; mode++)
      for (u32 size = 8; size <= 16; size += 8) {
        u8 a[256], b[256];
        predict_whole_scalar(a, &border, mode, size);
        scalar_routines = false;
        predict_whole(b, &border, mode, size);
        expect(memcmp(a, b, size * size) == 0, "prediction of a whole", round, mode, size);
      }
  }
}

static void test_samples(void) {
  for (u32 format = 0; format < FORMATS; format++) {
    yuv_prepare(format);
    for (u32 round = 0; round < 500; round++) {
      u32 pitch = 16 * pixel_bytes[format] + noise() % 5;
      u32 bytes = pitch * 15 + 16 * pixel_bytes[format] + READ_BEYOND;
      u8 *pixels = exactly(bytes), a[SAMPLES], b[SAMPLES];
      noise_bytes(pixels, bytes);
      yuv_scalar(a, pixels, pitch);
      yuv_simd(b, pixels, pitch);
      expect(memcmp(a, b, SAMPLES) == 0, "samples", format, round, 0);
      free(pixels);
    }
  }
}

// The numbers of a pair of 32 pixels, with room on both sides.
struct pair_memory { i16 rows[10][64]; };

static struct pair pair_in(struct pair_memory *memory) {
  struct pair pair;
  i16 **const rows[] = {pair.target, pair.red, pair.blue, pair.luma};
  for (u32 i = 0; i < 8; i++) rows[i >> 1][i & 1] = memory->rows[i] + 8;
  pair.cr = memory->rows[8] + 8;
  pair.cb = memory->rows[9] + 8;
  return pair;
}

static void noise_pair(struct pair_memory *memory) {
  for (u32 row = 0; row < 10; row++)
    for (u32 i = 0; i < 64; i++) {
      i32 value = (i32)(noise() >> 19) % (FULL + 1);
      memory->rows[row][i] = (i16)(row == 0 || row == 1 || row == 6 || row == 7 ? value : noise() & 1 ? -value : value);
    }
}

static void hide_some(struct pair_memory *memory) {
  for (u32 i = 0; i < 64; i++)
    if (noise() & 1) memory->rows[noise() & 1][i] = HIDDEN_LUMA;
}

static void test_sharp_take(u32 format) {
  static struct pair_memory memory[2][8];
  u8 samples[SAMPLES], *pixels = exactly(16 * 16 * 4 + READ_BEYOND);
  yuv_prepare(format);
  noise_bytes(pixels, 16 * 16 * 4 + READ_BEYOND);
  noise_bytes(samples, SAMPLES);
  fill_bytes(memory, 0, sizeof memory);
  struct pair pairs[2][8], *at[2][8];
  for (u32 which = 0; which < 2; which++)
    for (u32 i = 0; i < 8; i++) {
      pairs[which][i] = pair_in(&memory[which][i]);
      at[which][i] = &pairs[which][i];
    }
  expect(!sharp_take_scalar(at[0], 16, samples, pixels, 16 * layout_of.bytes, 4), "hidden", format, 0, 0);
  sharp_take_simd(at[1], 16, pixels, 16 * layout_of.bytes);
  expect(memcmp(memory[0], memory[1], sizeof memory[0]) == 0, "pixels that are aimed at", format, 0, 0);
  free(pixels);
}

static void test_sharp(void) {
  static const u8 formats[] = {RGB8, RGBA8, BGR8, BGRA8, ARGB8, RGBX8, BGRX8};
  for (u32 round = 0; round < 300; round++) test_sharp_take(formats[round % 7]);
  for (u32 round = 0; round < 3000; round++) {
    struct pair_memory memory[4];
    for (u32 i = 0; i < 3; i++) noise_pair(&memory[i]);
    if (round & 1) hide_some(&memory[0]);
    memory[3] = memory[0];
    struct pair scalar = pair_in(&memory[0]), above = pair_in(&memory[1]), below = pair_in(&memory[2]), simd = pair_in(&memory[3]);
    i16 chroma[2][2][16];
    sharp_refine_scalar(&scalar, &above, &below, chroma[0][0], chroma[0][1], 32);
    sharp_refine_simd(&simd, &above, &below, chroma[1][0], chroma[1][1], 32);
    expect(memcmp(&memory[0], &memory[3], sizeof memory[0]) == 0, "refined luma", round, 0, 0);
    expect(memcmp(chroma[0], chroma[1], sizeof chroma[0]) == 0, "refined chroma", round, 0, 0);
    sharp_settle_scalar(scalar.cr, scalar.cb, 16);
    sharp_settle_simd(simd.cr, simd.cb, 16);
    expect(memcmp(&memory[0], &memory[3], sizeof memory[0]) == 0, "settled", round, 0, 0);
    if (round & 1) continue;
    u8 samples[2][SAMPLES] = {{0}, {0}};
    for (u32 y = 0; y < 16; y += 2) {
      sharp_give_scalar(samples[0], &scalar, 16, y);
      sharp_give_simd(samples[1], &simd, 16, y);
    }
    expect(memcmp(samples[0], samples[1], SAMPLES) == 0, "sharper samples", round, 0, 0);
  }
}

// Bits of any probability come back, by section 7.3.
static void test_coder(void) {
  enum { BITS = 20000 };
  static u8 bits[BITS], by[BITS], coded[BITS];
  for (u32 round = 0; round < 50; round++) {
    struct coder c = coder_begin(coded);
    u32 n = round < 20 ? round : 1 + noise() % BITS;
    // Bits that are not expected, for long carries.
    for (u32 i = 0; i < n; i++) {
      by[i] = (u8)(1 + noise() % 255);
      bits[i] = round % 3 == 0 ? by[i] >= 128 : noise() & 1;
      put_bit(&c, bits[i], by[i]);
    }
    coder_end(&c);
    const u8 *from = coded;
    u32 value = 0, range = 255, count = 0;
    for (u32 i = 0; i < 2; i++) value = value << 8 | (from < c.next ? *from++ : 0);
    for (u32 i = 0; i < n; i++) {
      u32 split = 1 + (((range - 1) * by[i]) >> 8);
      bool bit = value >= split << 8;
      expect(bit == bits[i], "bit", round, i, n);
      if (bit) value -= split << 8;
      range = bit ? range - split : split;
      for (; range < 128; range <<= 1) {
        value <<= 1;
        if (++count == 8) {
          count = 0;
          value |= from < c.next ? *from++ : 0;
        }
      }
    }
  }
}

static void test_image(struct job job, size_t heap) {
  u32 pitch = job.width * pixel_bytes[job.format] + job.padding;
  size_t size = (size_t)pitch * (job.height - 1) + job.width * pixel_bytes[job.format], bytes[3];
  u8 *pixels = exactly(size), *payloads[3];
  noise_bytes(pixels, (u32)size);
  u32 unseen = job.flags;
  for (u32 i = 0; i < 3; i++) {
    struct route route = {heap, heap, (u8[]){0x00, 0xa5, 0xff}[i], i == 1 ? noise() : 0, job.height};
    job.flags = unseen | (i == 2 ? SCALAR : i == 1 ? RECONSTRUCT : 0);
    payloads[i] = encode(&job, &route, pixels, pitch, &bytes[i]);
  }
  if (payloads[0] != NULL) check_payload(&job, payloads[0], bytes[0]);
  bool fits = job.target == 0 || bytes[0] <= job.target || run.index == (STEPS - 1) * 16;
  expect(fits || payloads[2] == NULL, "target", (u32)bytes[0], job.target, run.index);
  for (u32 i = 1; i < 3; i++) {
    // What is shown takes memory of its own.
    bool same = payloads[i] == NULL || payloads[0] == NULL || (bytes[i] == bytes[0] && memcmp(payloads[i], payloads[0], bytes[0]) == 0);
    expect(same, "memory of before, strips or scalar routines make a difference", i, job.width, job.height);
  }
  for (u32 i = 0; i < 3; i++) free(payloads[i]);
  free(pixels);
}

static u32 test_images(void) {
  u32 images = 0;
  for (u32 size = 0; size < 17 * 17; size++) {
    u32 quality = noise() % 4 == 0 ? 10000 : noise() % 10001, flags = noise() & (UNSEEN | SHARP), target = noise() % 8 == 0 ? noise() % 4000 : 0;
    test_image((struct job){size % 17 * 2 + 1 + noise() % 2, size / 17 * 2 + 1 + noise() % 2, noise() % FORMATS, quality, size % 3, flags, noise() % 3, target},
               2 << 20);
    images++;
  }
  for (u32 effort = 0; effort < 3; effort++) {
    test_image((struct job){501, 397, RGBA8, 10000, effort, 0, 0, 0}, 16 << 20);
    test_image((struct job){16383, 9, BGR8, 10000, effort, 0, 0, 0}, 16 << 20);
    test_image((struct job){16383, 9, BGR8, 7500, effort, SHARP, 0, 0}, 16 << 20);
    test_image((struct job){301, 197, RGBA8, 7500, effort, SHARP | UNSEEN, 1, 0}, 8 << 20);
    images += 4;
  }
  return images;
}

// Every limit of memory is an answer, not a crash.
static void test_limits(void) {
  for (size_t heap = 4096; heap <= 4 << 20; heap *= 2) {
    test_image((struct job){200, 150, RGBA8, 10000, BALANCED, 0, 0, 0}, heap);
    test_image((struct job){200, 150, RGBA8, 10000, BALANCED, SHARP, 0, 0}, heap);
  }
}

int main(void) {
  test_transforms();
  test_predictions();
  test_samples();
  test_sharp();
  test_coder();
  test_limits();
  printf("vp8: %u images of noise\n", test_images());
  return 0;
}
