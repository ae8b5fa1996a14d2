// A host for the kernel as it runs natively, for its test and its fuzzer: images of many kinds in every format, encoded by ways
// that must make no difference, and decoded again.
#ifndef VP8L_HOST_H
#define VP8L_HOST_H

#include "common/native_test.h"

#include "vp8l.c"
#include "vp8l_decode.h"

struct job { u32 width, height, format, effort, flags, padding, lost_bits; };

// How it goes through.
struct route {
  size_t heap_bytes;    // the memory that there is
  size_t memory_limit;  // and that it may have
  u8 before;            // what the memory held before
  u32 strips;           // 0: as large as may be; otherwise a seed for the rows of each
  u32 stop;             // the row at which the image is given up
};

// ---- formats ------------------------------------------------------------------------------------

enum { FORMATS = BGRX8 + 1 };

// The samples of a pixel in memory; v is for all three colours.
static const char *const samples[FORMATS] = {
    [GRAY8] = "v",   [GRAYA8] = "va",  [RGB8] = "rgb",   [RGBA8] = "rgba", [BGR8] = "bgr",
    [BGRA8] = "bgra", [ARGB8] = "argb", [RGBX8] = "rgbx", [BGRX8] = "bgrx",
};

static u32 bytes_of(u32 format) { return (u32)strlen(samples[format]); }
static bool has_alpha(u32 format) { return strchr(samples[format], 'a') != NULL; }
static u32 pitch_of(const struct job *job) { return job->width * bytes_of(job->format) + job->padding; }

// What is to come of a pixel.
static argb expected_pixel(u32 format, u32 flags, const u8 *from) {
  u32 red = 0, green = 0, blue = 0, alpha = 255;
  for (const char *sample = samples[format]; *sample != 0; sample++, from++) {
    if (*sample == 'v') red = green = blue = *from;
    if (*sample == 'r') red = *from;
    if (*sample == 'g') green = *from;
    if (*sample == 'b') blue = *from;
    if (*sample == 'a') alpha = *from;
  }
  if (flags >> LEVELS_AT > 0) alpha = alphas.to[alpha];
  if (flags & ALPHA) return BLACK | alpha << GREEN_AT;
  return alpha == 0 && !(flags & EXACT) ? 0 : alpha << ALPHA_AT | red << RED_AT | green << GREEN_AT | blue << BLUE_AT;
}

static void paint_pixel(u32 format, u8 *to, argb color) {
  for (const char *sample = samples[format]; *sample != 0; sample++, to++) {
    u32 at = *sample == 'a' ? ALPHA_AT : *sample == 'r' ? RED_AT : *sample == 'b' ? BLUE_AT : GREEN_AT;
    *to = *sample == 'x' ? (u8)noise() : (u8)channel(color, at);
  }
}

// ---- encoding -----------------------------------------------------------------------------------

static u8 *take_output(u8 *file, size_t *bytes) {
  u32 n = vp8l_output_bytes();
  expect(n <= OUTPUT_BYTES, "output beyond", n, 0, 0);
  file = realloc(file, *bytes + n + 1);
  memcpy(file + *bytes, vp8l_output(), n);
  *bytes += n;
  return file;
}

// Hands over the rows before `stop`, and adds what comes of them to the file.
static u32 feed(const struct job *job, const struct route *route, const u8 *pixels, u8 **file, size_t *bytes) {
  u32 wish = WANT_ROWS, pitch = pitch_of(job), row = pitch - job->padding, seed = route->strips, rows;
  for (u32 y = 0; wish == WANT_ROWS && y < route->stop; y += rows, seed *= 0x9e3779b1) {
    rows = min_u32(vp8l_strip_rows(), route->stop - y);
    if (seed > 0) rows = 1 + (seed >> 16) % min_u32(rows, 9);
    memcpy(vp8l_input(), pixels + (size_t)y * pitch, (size_t)pitch * (rows - 1) + row);
    for (wish = vp8l_rows(rows); wish == WANT_DRAIN; wish = vp8l_resume()) *file = take_output(*file, bytes);
    if (wish == DONE) *file = take_output(*file, bytes);
    expect(wish == WANT_ROWS ? y + rows < job->height : y + rows == job->height, "wish for rows", wish, y + rows, job->height);
  }
  return wish;
}

// What an image comes to. NULL where the memory did not do or the image was given up; `*wish` is the last answer.
static u8 *encode_by(const struct job *job, const struct route *route, const u8 *pixels, size_t *bytes, u32 *wish) {
  // The same block for all: fresh pages take longer than small images.
  static u8 *heap;
  static size_t space;
  if (route->heap_bytes > space) {
    free(heap);
    space = (route->heap_bytes + 63) & ~(size_t)63;
    heap = aligned_alloc(64, space);
  }
  u8 *file = NULL;
  memset(heap, route->before, route->heap_bytes);
  native_heap_give(heap, route->heap_bytes, space);
  *bytes = 0;
  *wish = vp8l_begin(job->width, job->height, job->format, job->effort, job->flags, job->lost_bits, pitch_of(job), (u32)route->memory_limit);
  if (*wish == WANT_ROWS) *wish = feed(job, route, pixels, &file, bytes);
  native_heap_take();
  if (*wish == DONE) return file;
  bool given_up = *wish == WANT_ROWS && route->stop < job->height;
  expect(given_up || *wish == OVER_LIMIT || *wish == NO_MEMORY, "wish", *wish, job->width, job->height);
  free(file);
  return NULL;
}

// More than an image needs.
static size_t plenty(const struct job *job) {
  size_t pixels = (size_t)job->width * job->height, strip = TARGET_STRIP_BYTES + pitch_of(job);
  return (strip + pixels * 40 + (job->width + job->height) * (size_t)128 + (3 << 19) + 63) & ~(size_t)63;
}

// ---- checks -------------------------------------------------------------------------------------

// By how much samples of pixel i may be wrong: by half of the largest power of two that is less than what a sample differs by from that
// of a neighbour.
static u32 allowed_error(const struct job *job, const argb *pixels, u32 i) {
  u32 width = job->width, x = i % width, y = i / width, contrast = 0, step = 1;
  bool edge = x == 0 || y == 0 || x + 1 == width || y + 1 == job->height, like = false;
  if (job->lost_bits == 0 || run.way.indexed || edge || pixels[i] >> ALPHA_AT == 0) return 0;
  const argb around[] = {pixels[i - 1], pixels[i + 1], pixels[i - width], pixels[i + width]};
  for (u32 n = 0; n < 4; n++) {
    like |= around[n] == pixels[i];
    for (u32 at = 0; at < 32; at += 8) {
      u32 difference = (u32)abs((int)channel(pixels[i], at) - (int)channel(around[n], at));
      if (difference > contrast) contrast = difference;
    }
  }
  if (like && !run.way.predicted) return 0;
  while (step * 2 < contrast && step < 1u << job->lost_bits) step *= 2;
  return step / 2;
}

static void check_pixel(argb actual, argb pixel, u32 allowed, u32 i) {
  u32 alpha = pixel >> ALPHA_AT, actual_alpha = actual >> ALPHA_AT;
  for (u32 at = 0; at < 32; at += 8)
    expect((u32)abs((int)channel(actual, at) - (int)channel(pixel, at)) <= allowed, "pixel", actual, pixel, i);
  expect((alpha == 0) == (actual_alpha == 0) && (alpha == 255) == (actual_alpha == 255), "alpha", actual, pixel, i);
}

static void check_file(const struct job *job, const u8 *pixels, const u8 *file, size_t bytes) {
  bool hint = false, transparent = false;
  u32 count = job->width * job->height, each = bytes_of(job->format);
  argb *decoded = decode(file, bytes, job->width, job->height, !(job->flags & ALPHA), &hint), *expected = exactly(count * sizeof *expected);
  for (u32 i = 0; i < count; i++) {
    const u8 *from = pixels + (size_t)(i / job->width) * pitch_of(job) + i % job->width * each;
    expected[i] = expected_pixel(job->format, job->flags, from);
    transparent |= expected[i] >> ALPHA_AT != 255;
  }
  for (u32 i = 0; i < count; i++) check_pixel(decoded[i], expected[i], allowed_error(job, expected, i), i);
  if (!(job->flags & ALPHA)) expect(hint == transparent, "alpha_is_used", hint, job->format, job->flags);
  free(decoded);
  free(expected);
}

static void same_file(const struct job *job, const u8 *a, size_t a_bytes, const u8 *b, size_t b_bytes, const char *what) {
  bool same = b != NULL && a_bytes == b_bytes && memcmp(a, b, a_bytes) == 0;
  expect(same, what, job->width, job->height, job->effort << 16 | job->format << 8 | job->flags);
}

// The same file comes out whatever was before, by strips of any size and by the scalar routines, and its pixels are those of the
// image. `other` is encoded in between up to its last row but one.
static u8 *test_image(const struct job *job, const u8 *pixels, u32 seed, size_t *bytes) {
  size_t heap = plenty(job), other_bytes;
  struct job scalar = *job, other = *job;
  scalar.flags |= SCALAR;
  other.effort = seed % 3;
  u32 wish;
  u8 *file = encode_by(job, &(struct route){heap, heap, 0x00, 0, job->height}, pixels, bytes, &wish);
  expect(file != NULL, "plenty of memory", job->width, job->height, wish);
  check_file(job, pixels, file, *bytes);
  free(encode_by(&other, &(struct route){heap, heap, 0xff, seed | 1, job->height - 1}, pixels, &other_bytes, &wish));
  u8 *again = encode_by(job, &(struct route){heap, heap, 0xa5, seed | 1, job->height}, pixels, &other_bytes, &wish);
  same_file(job, file, *bytes, again, other_bytes, "another way, another file");
  free(again);
  u8 *twin = encode_by(&scalar, &(struct route){heap, heap, 0xff, 0, job->height}, pixels, &other_bytes, &wish);
  same_file(job, file, *bytes, twin, other_bytes, "SIMD and scalar differ");
  free(twin);
  return file;
}

#endif
