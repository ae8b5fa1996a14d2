// Runs the kernel natively, under the sanitizers: `npm run test:sanitize`.
//
// Every pair of formats, alpha on both sides, 0 to 200 pixels: the SIMD routines equal the scalar ones, every
// byte of the target is written, and nothing is read or written outside of the buffers, which are allocated
// to the byte.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pixels.c"

static u32 noise_state = 1;

// xorshift32
static u32 noise(void) {
  noise_state ^= noise_state << 13;
  noise_state ^= noise_state >> 17;
  noise_state ^= noise_state << 5;
  return noise_state;
}

static u8 noise_byte(void) {
  u32 kind = noise() >> 8 & 15;
  return kind == 0 ? 0 : kind < 4 ? 255 : (u8)(noise() >> 24);
}

static void expect(bool holds, const char *what, u32 source, u32 target, u32 flags, u32 n) {
  if (holds) return;
  fprintf(stderr, "%s: format %u to %u, flags %u, %u pixels\n", what, source, target, flags, n);
  exit(1);
}

// Memory of exactly that size, so that AddressSanitizer sees the first byte beyond.
static u8 *exactly(size_t bytes) {
  u8 *memory = malloc(bytes);
  if (bytes > 0 && memory == NULL) exit(2);
  return memory;
}

enum { BACKGROUND = 0xfb800a };

static u8 *converted(u32 source, u32 target, u32 flags, const u8 *from, u32 width, u32 rows, u32 pitch, u8 before) {
  size_t size = (size_t)row_bytes(target, width) * rows;
  u8 *to = exactly(size);
  if (size > 0) memset(to, before, size);
  pixels_begin(source, target, flags, BACKGROUND);
  convert_rows(to, from, width, rows, pitch);
  return to;
}

static void test_conversion(u32 source, u32 target, u32 flags, u32 width, u32 rows, u32 padding) {
  u32 pitch = (u32)row_bytes(source, width) + padding;
  size_t size = (size_t)row_bytes(source, width) + (size_t)pitch * (rows - 1);
  u8 *from = exactly(size);
  for (size_t i = 0; i < size; i++) from[i] = noise_byte();
  u8 *simd = converted(source, target, flags, from, width, rows, pitch, 0x00);
  u8 *scalar = converted(source, target, flags | SCALAR, from, width, rows, pitch, 0xff);
  size_t target_size = (size_t)row_bytes(target, width) * rows;
  bool equal = target_size == 0 || memcmp(simd, scalar, target_size) == 0;
  expect(equal, "SIMD and scalar differ, or a byte was not written", source, target, flags, width);
  free(from);
  free(simd);
  free(scalar);
}

// A routine by itself: within a plan its input or output is a scratch block, where a step too far would not
// show.
static void test_routine(const twins op, u32 source_bits, u32 target_bits, u32 id) {
  if (op[0] == NULL) return;
  for (u32 n = 0; n <= 200; n++) {
    size_t from_size = (n * source_bits + 7) / 8, to_size = (n * target_bits + 7) / 8;
    u8 *from = exactly(from_size), *simd = exactly(to_size), *scalar = exactly(to_size);
    for (size_t i = 0; i < from_size; i++) from[i] = noise_byte();
    op[0](simd, from, n);
    op[1](scalar, from, n);
    expect(to_size == 0 || memcmp(simd, scalar, to_size) == 0, "SIMD and scalar differ", id, 0, 0, n);
    free(from);
    free(simd);
    free(scalar);
  }
}

static void test_routines(void) {
  pixels_begin(INDEXED8, RGBA16, 0, BACKGROUND);
  for (u32 f = 0; f < PIXEL_FORMATS; f++) {
    u32 rgba = layouts[f].depth * 4;
    test_routine(unpack[f], layouts[f].bits, rgba, f);
    test_routine(pack[f], rgba, layouts[f].bits, f);
  }
  test_routine(unpack_indexed8[0], 8, 32, INDEXED8);
  test_routine(unpack_indexed8[1], 8, 64, INDEXED8);
  for (u32 step = ALPHA_PREMULTIPLY; step <= ALPHA_FLATTEN_PREMULTIPLIED; step++) {
    test_routine(alpha[step][0], 32, 32, step);
    test_routine(alpha[step][1], 64, 64, step);
  }
  test_routine(widen, 8, 16, 0);
  test_routine(narrow, 16, 8, 0);
  for (u32 i = 0; i < sizeof direct / sizeof direct[0]; i++)
    test_routine(direct[i].op, layouts[direct[i].source].bits / direct[i].units,
                 layouts[direct[i].target].bits / direct[i].units, i);
}

// All pixels white and opaque but for one byte, at each place in turn.
static void test_inspection(u32 source, u32 width) {
  static const inspect_op tests[2][2][2] = {
      {{inspect_opaque8_simd, inspect_opaque8_scalar}, {inspect_opaque16_simd, inspect_opaque16_scalar}},
      {{inspect_gray8_simd, inspect_gray8_scalar}, {inspect_gray16_simd, inspect_gray16_scalar}},
  };
  bool wide = layouts[source].depth == 16;
  u32 target = wide ? RGBA16 : RGBA8;
  size_t size = (size_t)row_bytes(source, width);
  u8 *from = exactly(size);
  for (size_t at = 0; at <= size; at++) {
    if (size > 0) memset(from, 255, size);
    if (at < size) from[at] = 254;
    for (u32 question = 0; question < 2; question++) {
      bool answers[2];
      for (u32 scalar = 0; scalar < 2; scalar++) {
        pixels_begin(source, target, scalar ? SCALAR : 0, 0);
        answers[scalar] = test_rows(tests[question][wide][scalar], from, width, 1, 0);
      }
      expect(answers[0] == answers[1], "SIMD and scalar tests differ", source, question, 0, width);
      expect(at < size || source == INDEXED8 || answers[0], "white is opaque and gray", source, question, 0, width);
    }
  }
  free(from);
}

// The divisions by multiplication and shift, for every dividend they are given.
static void test_divisions(void) {
  for (u32 x = 0; x <= 255 * 255 + 127; x++)
    expect(divide255(u16x8_splat((u16)x))[0] == x / 255, "divide255", 0, 0, 0, x);
  for (u32 v = 0; v <= 65535; v++)
    expect(narrow_x8(u16x8_splat((u16)v))[0] == (v * 255 + 32767) / 65535, "narrow", 0, 0, 0, v);
  // Either side of every multiple of 65535, where a wrong quotient would show.
  const u64 most = 65535ull * 65535 + 32767;
  for (u64 q = 0; q <= 65535; q++)
    for (u64 x = q * 65535; x < q * 65535 + 65535; x += 65534)
      if (x <= most) expect(divide65535(u32x4_splat((u32)x))[0] == x / 65535, "divide65535", 0, 0, 0, (u32)x);
  for (u32 a = 1; a < 256; a++)
    for (u32 c = 0; c <= a; c++) {
      u32 x = c * 255 + a / 2;
      expect(x * reciprocals[a] >> 24 == x / a, "reciprocal", c, a, 0, x);
    }
}

int main(void) {
  for (u32 i = 0; i < sizeof state.palette; i++) state.palette[i] = noise_byte();
  u32 conversions = 0;
  for (u32 source = 0; source < PIXEL_FORMATS; source++)
    for (u32 target = 0; target < PIXEL_FORMATS; target++)
      for (u32 flags = 0; flags < 8; flags++) {
        bool possible = target != INDEXED8 || source == INDEXED8;
        expect((pixels_begin(source, target, flags, 0) >= 0) == possible, "pixels_begin", source, target, flags, 0);
        if (!possible) continue;
        for (u32 n = 0; n <= 200; n++) test_conversion(source, target, flags, n, 1, 0);
        test_conversion(source, target, flags, BLOCK - 1, 3, 7);
        test_conversion(source, target, flags, 2 * BLOCK + 3, 2, 0);
        conversions++;
      }
  for (u32 source = 0; source < PIXEL_FORMATS; source++)
    for (u32 n = 0; n <= 40; n++) test_inspection(source, n);
  expect(pixels_begin(PIXEL_FORMATS, 0, 0, 0) == -1, "pixels_begin", PIXEL_FORMATS, 0, 0, 0);
  test_routines();
  test_divisions();
  printf("pixels: %u conversions of 0 to 200 pixels\n", conversions);
  return 0;
}
